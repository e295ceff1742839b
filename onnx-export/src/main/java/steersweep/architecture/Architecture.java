package steersweep.architecture;

import org.jspecify.annotations.Nullable;
import steersweep.checkpoint.FamilyConfig;
import steersweep.checkpoint.Gpt2Config;
import steersweep.checkpoint.GptNeoXConfig;
import steersweep.checkpoint.LlamaConfig;
import steersweep.checkpoint.T5Config;
import steersweep.model.ModelShape;

/** What a model family is: its sizes and its forward pass. */
public interface Architecture {
  /** The architecture that a checkpoint's config.json asks for. */
  static Architecture of(FamilyConfig config) {
    if (config instanceof LlamaConfig llama) {
      return new Llama(llama);
    }
    if (config instanceof Gpt2Config gpt2) {
      return new Gpt2(gpt2);
    }
    if (config instanceof GptNeoXConfig neoX) {
      return new GptNeoX(neoX);
    }
    return new T5((T5Config) config);
  }

  /** Names the graph: {@code llama}. */
  String name();

  ModelShape shape();

  /**
   * The forward pass of the stack that reads a text first, its nodes put into {@code scope}; null
   * for families without one.
   */
  default @Nullable EncoderBlock encoder(Scope scope) {
    return null;
  }

  /** The forward pass, its nodes put into {@code scope}. */
  Block block(Scope scope);
}
