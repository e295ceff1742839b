package steersweep.architecture;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import steersweep.architecture.Block.KeyValue;
import steersweep.graph.Tensor;

/**
 * What a decoder sees of the text that its encoder has read.
 *
 * @param sequenceShape int64 [3]: batch, source, -1
 * @param mask added to attention scores, [batch, 1, 1, source]
 * @param made what the encoder made, [batch * source, d_model]; null once keys and values are known
 * @param crosses each layer's keys and values of it; empty before
 */
public record Source(
    Tensor sequenceShape, Tensor mask, @Nullable Tensor made, List<KeyValue> crosses) {
  public Source {
    crosses = List.copyOf(crosses);
  }

  /** The same with keys and values made. */
  public Source with(List<KeyValue> known) {
    return new Source(sequenceShape, mask, null, known);
  }

  /** Null if they are still to be made. */
  @Nullable KeyValue cross(int layer) {
    return crosses.isEmpty() ? null : crosses.get(layer);
  }

  Tensor encoded() {
    return Objects.requireNonNull(made);
  }

  /** For what is computed at the source's positions. */
  Pass pass() {
    return new Pass(false, sequenceShape, mask, List.of(), null);
  }
}
