package steersweep.architecture;

import java.util.List;
import steersweep.graph.Tensor;

/**
 * The forward pass of the first stack of a family that has two, written into one graph: reads a
 * text as a whole, for the second stack to look at.
 */
public interface EncoderBlock {
  /**
   * As {@link Block#positional}.
   *
   * @param positions int64 [batch, source]
   * @param mask added to attention scores, [batch, 1, 1, source]
   */
  List<Tensor> positional(Tensor positions, Tensor mask);

  /** [batch, source] to [batch * source, d_model]. */
  Tensor embed(Tensor tokens);

  /** One block: residual stream in and out, [batch * source, d_model]. */
  Tensor layer(int layer, Tensor residual, Pass pass, Hooks hooks);

  /** What the second stack looks at: [batch * source, d_model]. */
  Tensor encoded(Tensor residual);
}
