package steersweep.model;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The types that a graph's weights can have and that it computes in. */
public enum Dtype {
  FLOAT32("float32", "F32", 4),
  /** Norms, softmax, rotary angles and log-probabilities in float32, as in transformers. */
  FLOAT16("float16", "F16", 2);

  private final String word;
  private final String safetensors;
  private final int bytes;

  Dtype(String word, String safetensors, int bytes) {
    this.word = word;
    this.safetensors = safetensors;
    this.bytes = bytes;
  }

  /** As options and reports have it, and torch. */
  public String word() {
    return word;
  }

  /** As safetensors files have it. */
  public String safetensors() {
    return safetensors;
  }

  /** Bytes of one number. */
  public int bytes() {
    return bytes;
  }

  public static List<String> words() {
    return Arrays.stream(values()).map(Dtype::word).toList();
  }

  public static Optional<Dtype> of(String word) {
    return Arrays.stream(values()).filter(dtype -> dtype.word.equals(word)).findFirst();
  }

  public static Optional<Dtype> ofSafetensors(String safetensors) {
    return Arrays.stream(values())
        .filter(dtype -> dtype.safetensors.equals(safetensors))
        .findFirst();
  }
}
