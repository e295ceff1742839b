package steersweep.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.List;
import steersweep.error.Faults;
import steersweep.gguf.GgufFile;
import steersweep.gguf.GgufTensor;
import steersweep.gguf.GgufType;

/**
 * The scaling of the rotary embedding behind a GGUF file's {@value #TENSOR}: what each frequency is
 * divided by, [d_head / 2]. llama.cpp's converter works them out from the settings of Llama 3.1 and
 * later, and leaves the settings out; here they are found again, so that the frequencies are
 * transformers' to the last bit.
 */
final class GgufRope {
  static final String TENSOR = "rope_freqs.weight";

  /** What all of Llama 3.1, 3.2 and 3.3 have; their factors differ. */
  private static final double LOW = 1;

  private static final double HIGH = 4;
  private static final int ORIGINAL_LENGTH = 8192;

  /** They are stored in float32. */
  private static final double ROUNDING = 1e-5;

  private GgufRope() {}

  /** As config.json's {@code rope_scaling}; empty where nothing is scaled. */
  static ObjectNode scaling(GgufFile file, double theta, int dHead, Faults faults) {
    GgufTensor tensor = file.tensor(TENSOR).orElseThrow();
    ObjectNode scaling = JsonNodeFactory.instance.objectNode();
    if (tensor.type() != GgufType.F32 || !tensor.shape().equals(List.of(dHead / 2L))) {
      faults.add(
          file.where(TENSOR),
          "got " + tensor.type() + " " + tensor.shape() + ", expected F32 [" + dHead / 2 + "]");
      return scaling;
    }
    float[] divisors = read(file, tensor);
    double factor = 1;
    for (float divisor : divisors) {
      factor = Math.max(factor, divisor);
    }
    if (!areOfLlama3(divisors, theta, dHead, factor)) {
      faults.add(
          file.where(TENSOR),
          "not the scaling of any Llama 3; expected low_freq_factor 1, high_freq_factor 4 and 8192"
              + " positions before, with any factor");
    } else if (factor > 1) {
      scaling.put("rope_type", "llama3").put("factor", factor);
      scaling.put("low_freq_factor", LOW).put("high_freq_factor", HIGH);
      scaling.put("original_max_position_embeddings", ORIGINAL_LENGTH);
    }
    return scaling;
  }

  private static boolean areOfLlama3(float[] divisors, double theta, int dHead, double factor) {
    for (int i = 0; i < divisors.length; i++) {
      double wavelength = 2 * Math.PI * Math.pow(theta, 2.0 * i / dHead);
      double smooth = (ORIGINAL_LENGTH / wavelength - LOW) / (HIGH - LOW);
      double share = Math.min(1, Math.max(0, smooth));
      double expected = 1 / ((1 - share) / factor + share);
      if (!(Math.abs(divisors[i] - expected) <= ROUNDING * expected)) {
        return false;
      }
    }
    return true;
  }

  private static float[] read(GgufFile file, GgufTensor tensor) {
    ByteBuffer bytes = ByteBuffer.allocate((int) tensor.length()).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel channel = FileChannel.open(file.path())) {
      while (bytes.hasRemaining()) {
        if (channel.read(bytes, tensor.offset() + bytes.position()) < 0) {
          throw new EOFException("the file ends inside of " + TENSOR);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file.path() + ": cannot be read: " + e, e);
    }
    float[] divisors = new float[bytes.flip().remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(divisors);
    return divisors;
  }
}
