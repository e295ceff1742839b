package steersweep.checkpoint;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Functions between the two products of a feed-forward part, by transformers' names for them. */
public enum Activation {
  /** x times the normal distribution's share below x. */
  GELU("gelu"),
  /** The same, approximated with a hyperbolic tangent. */
  GELU_TANH("gelu_new", "gelu_pytorch_tanh", "gelu_fast"),
  RELU("relu"),
  SILU("silu", "swish");

  private final List<String> words;

  Activation(String... words) {
    this.words = List.of(words);
  }

  /** As config.json has it. */
  String word() {
    return words.get(0);
  }

  static Optional<Activation> of(String word) {
    return Arrays.stream(values()).filter(function -> function.words.contains(word)).findFirst();
  }

  static String choices() {
    return Arrays.stream(values())
        .flatMap(function -> function.words.stream())
        .collect(Collectors.joining(", "));
  }
}
