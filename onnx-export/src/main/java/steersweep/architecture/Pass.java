package steersweep.architecture;

import java.util.List;
import org.jspecify.annotations.Nullable;
import steersweep.graph.Tensor;

/**
 * What differs between prefill and a step of decoding.
 *
 * @param single whether there is one position per row, as in decoding
 * @param sequenceShape int64 [3]: batch, pos, -1; read only where there are several positions
 * @param mask added to attention scores, [batch, 1, pos, key_pos]
 * @param positional what {@link Block#positional} made of this pass's positions
 * @param source what an encoder has read; null without one
 */
public record Pass(
    boolean single,
    Tensor sequenceShape,
    Tensor mask,
    List<Tensor> positional,
    @Nullable Source source) {
  public Pass {
    positional = List.copyOf(positional);
  }
}
