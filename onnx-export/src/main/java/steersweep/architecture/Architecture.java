package steersweep.architecture;

import java.util.List;
import java.util.Map;
import java.util.Set;
import steersweep.checkpoint.LlamaConfig;
import steersweep.model.ModelShape;

/** What a model family is: its sizes, its tensors, and its forward pass. */
public interface Architecture {
  /** The architecture that a checkpoint's config.json asks for. */
  static Architecture of(LlamaConfig config) {
    return new Llama(config);
  }

  /** Names the graph: {@code llama}. */
  String name();

  ModelShape shape();

  /** Every tensor that a checkpoint must have: its name there, and its shape. */
  Map<String, List<Long>> tensors();

  /** Numbers in all tensors. */
  default long parameters() {
    return tensors().values().stream()
        .mapToLong(shape -> shape.stream().reduce(1L, Math::multiplyExact))
        .sum();
  }

  /** Tensors of two axes from which rows are taken and that are never part of a product. */
  Set<String> lookedUp();

  /** Whether a tensor may be in a checkpoint although the model does not need it. */
  boolean ignores(String tensor);

  /** The forward pass, its nodes put into {@code scope}. */
  Block block(Scope scope);
}
