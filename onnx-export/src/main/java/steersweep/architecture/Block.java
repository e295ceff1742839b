package steersweep.architecture;

import java.util.List;
import org.jspecify.annotations.Nullable;
import steersweep.graph.Tensor;

/**
 * A family's forward pass, written into one graph: the main graph, a branch or the body of a loop.
 * Activations are flat, [batch * pos, width], so that every projection is one matrix product with
 * the weight as it lies in the checkpoint.
 */
public interface Block {
  /** Keys and values of one layer, [batch, n_kv_heads, pos, d_head]. */
  record KeyValue(Tensor key, Tensor value) {}

  /**
   * A layer's output, and what it leaves for later positions.
   *
   * @param residual [batch * pos, d_model]
   * @param cross keys and values of what an encoder has read; null without one
   */
  record Result(Tensor residual, KeyValue cache, @Nullable KeyValue cross) {
    public Result(Tensor residual, KeyValue cache) {
      this(residual, cache, null);
    }
  }

  /**
   * What all layers need to know of the positions, such as rotary angles; made once per pass and
   * handed back in {@link Pass#positional}.
   *
   * @param positions of each token, counted without padding: int64 [batch, pos]
   * @param mask added to attention scores, [batch, 1, pos, key_pos]
   */
  List<Tensor> positional(Tensor positions, Tensor mask);

  /**
   * What the first layer receives: [batch * pos, d_model].
   *
   * @param tokens int64 [batch, pos]
   * @param positions int64 [batch, pos]
   */
  Tensor embed(Tensor tokens, Tensor positions);

  /**
   * One transformer block, which calls {@code hooks} at each hook point.
   *
   * @param residual the residual stream, [batch * pos, d_model]
   * @param past keys and values of earlier positions; null in prefill
   */
  Result layer(int layer, Tensor residual, @Nullable KeyValue past, Pass pass, Hooks hooks);

  /** Logits of the next token: [n, d_model] to [n, n_vocab]. */
  Tensor logits(Tensor residual);
}
