package steersweep.checkpoint;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import steersweep.model.ModelShape;

/** What a family reads from config.json, and the tensors that a checkpoint must have by it. */
public sealed interface FamilyConfig permits LlamaConfig, Gpt2Config, GptNeoXConfig, T5Config {
  ModelShape shape();

  /** The key that {@link ModelShape#maxPositions} comes from. */
  String lengthKey();

  /** Every tensor that a checkpoint must have: its name there, and its shape. */
  Map<String, List<Long>> tensors();

  /** Names of two matrices that are one. */
  record Tied(String embedding, String output) {}

  /** The embedding and the output layer where config.json ties them. */
  Optional<Tied> tied();

  /** Numbers in all tensors. */
  default long parameters() {
    return tensors().values().stream()
        .mapToLong(shape -> shape.stream().reduce(1L, Math::multiplyExact))
        .sum();
  }

  /** What every name starts with that may be missing in all of a checkpoint's; mostly nothing. */
  default String optionalPrefix() {
    return "";
  }

  /** The same, where what a checkpoint holds says more than its config.json. */
  default FamilyConfig with(Set<String> tensors) {
    return this;
  }

  /** Tensors of two axes from which rows are taken and that are never part of a product. */
  Set<String> lookedUp();

  /** Whether a tensor may be in a checkpoint although the model does not need it. */
  boolean ignores(String tensor);

  /** How the model computes, for people: what is said, by the word for it. */
  Map<String, String> facts();
}
