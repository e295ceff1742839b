package steersweep.bake;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import steersweep.model.HookPoint;
import steersweep.plan.ConstantAddition;
import steersweep.plan.Site;
import steersweep.result.Json;

/**
 * A control vector as llama.cpp reads it: a GGUF file of architecture {@code controlvector} with a
 * tensor {@code direction.N} for each block N, added to that block's output. Blocks are counted
 * from 0 there too, but nothing can be added to block 0's output.
 */
public final class ControlVectorFile {
  private static final int VERSION = 3;
  private static final int ALIGNMENT = 32;
  private static final int TYPE_UINT32 = 4;
  private static final int TYPE_STRING = 8;
  private static final int TENSOR_F32 = 0;

  private ControlVectorFile() {}

  /** Why a site cannot be steered by a control vector; empty if it can. */
  public static Optional<String> refusal(Site site) {
    return switch (site.hookPoint()) {
      case VALUE,
          HEAD_OUTPUT,
          ATTENTION_OUTPUT,
          CROSS_VALUE,
          CROSS_ATTENTION_OUTPUT,
          ENCODER_VALUE,
          ENCODER_HEAD_OUTPUT,
          ENCODER_ATTENTION_OUTPUT,
          ENCODER_MLP_OUTPUT,
          ENCODER_RESIDUAL_POST ->
          Optional.of(
              "llama.cpp adds control vectors to a block's output; got "
                  + site.hookPoint().word()
                  + ", expected "
                  + HookPoint.RESIDUAL_POST.word()
                  + " or "
                  + HookPoint.MLP_OUTPUT.word());
      case MLP_OUTPUT, RESIDUAL_POST ->
          site.layer() > 0
              ? Optional.empty()
              : Optional.of(
                  "llama.cpp has no control vector for the first block; got layer 0, expected 1 or"
                      + " later");
    };
  }

  /**
   * @param modelType of the model that it is for, a hint only
   */
  public static void write(Path file, ConstantAddition addition, String modelType)
      throws IOException {
    refusal(addition.site())
        .ifPresent(
            why -> {
              throw new IllegalArgumentException(why);
            });
    float[] vector = addition.scaled();
    Bytes out = new Bytes();
    out.ascii("GGUF").int32(VERSION).int64(1).int64(3);
    out.text("general.architecture").int32(TYPE_STRING).text("controlvector");
    out.text("controlvector.model_hint").int32(TYPE_STRING).text(modelType);
    out.text("controlvector.layer_count").int32(TYPE_UINT32).int32(1);
    out.text("direction." + addition.site().layer()).int32(1).int64(vector.length);
    out.int32(TENSOR_F32).int64(0).align(ALIGNMENT);
    for (float number : vector) {
      out.int32(Float.floatToRawIntBits(number));
    }
    out.align(ALIGNMENT);
    Json.writeBytes(file, out.bytes.toByteArray());
  }

  /** Little-endian bytes. */
  private static final class Bytes {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Bytes ascii(String text) {
      bytes.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
      return this;
    }

    Bytes int32(int number) {
      bytes.writeBytes(buffer(Integer.BYTES).putInt(number).array());
      return this;
    }

    Bytes int64(long number) {
      bytes.writeBytes(buffer(Long.BYTES).putLong(number).array());
      return this;
    }

    Bytes text(String text) {
      byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
      int64(encoded.length);
      bytes.writeBytes(encoded);
      return this;
    }

    Bytes align(int alignment) {
      while (bytes.size() % alignment != 0) {
        bytes.write(0);
      }
      return this;
    }

    private static ByteBuffer buffer(int size) {
      return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
