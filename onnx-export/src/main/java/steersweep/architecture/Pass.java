package steersweep.architecture;

import java.util.List;
import steersweep.graph.Tensor;

/**
 * What differs between prefill and a step of decoding.
 *
 * @param single whether there is one position per row, as in decoding
 * @param sequenceShape int64 [3]: batch, pos, -1; read only where there are several positions
 * @param mask added to attention scores, [batch, 1, pos, key_pos]
 * @param positional what {@link Block#positional} made of this pass's positions
 */
public record Pass(boolean single, Tensor sequenceShape, Tensor mask, List<Tensor> positional) {
  public Pass {
    positional = List.copyOf(positional);
  }
}
