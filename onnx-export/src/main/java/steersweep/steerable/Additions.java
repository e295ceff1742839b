package steersweep.steerable;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import steersweep.architecture.Hooks;
import steersweep.architecture.Scope;
import steersweep.graph.ElementType;
import steersweep.graph.GraphBuilder;
import steersweep.graph.Op;
import steersweep.graph.Tensor;
import steersweep.model.GraphNames;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;

/**
 * What happens at hook points: in prefill the activation is read (the tap), and in both stages rows
 * of a bank, times a scale, are added.
 */
final class Additions {
  private final Scope main;
  private final ModelShape shape;
  private final List<HookPoint> hookPoints;
  private final Tensor sequenceShape;
  private final Tensor promptRow;
  private final Tensor decodeRow;

  /** Of models with an encoder. */
  private final @Nullable Tensor sourceShape;

  private final @Nullable Tensor sourceRow;
  private final Map<HookPoint, Tensor> scales = new EnumMap<>(HookPoint.class);
  private final Map<HookPoint, List<Tensor>> banks = new EnumMap<>(HookPoint.class);

  /** Declares which rows are added where; what they are is declared by {@link #declare}. */
  Additions(Scope main, ModelShape shape, List<HookPoint> hookPoints, Tensor sequenceShape) {
    this.main = main;
    this.shape = shape;
    this.hookPoints = hookPoints;
    this.sequenceShape = sequenceShape;
    GraphBuilder g = main.graph();
    this.promptRow = g.input(GraphNames.STEERING_ROW, ElementType.INT64, "batch", "seq");
    this.decodeRow = g.input(GraphNames.STEERING_DECODE_ROW, ElementType.INT64, "batch", 1);
    this.sourceShape =
        shape.hasEncoder()
            ? g.input(GraphNames.ENCODER_SEQUENCE_SHAPE, ElementType.INT64, 3)
            : null;
    this.sourceRow =
        shape.hasEncoder()
            ? g.input(GraphNames.STEERING_ENCODER_ROW, ElementType.INT64, "batch", "source")
            : null;
  }

  /** Declares scales and banks. */
  void declare() {
    GraphBuilder g = main.graph();
    for (HookPoint hookPoint : hookPoints) {
      int heads = hookPoint.heads(shape);
      int layers = hookPoint.layers(shape);
      scales.put(
          hookPoint, g.input(hookPoint.scaleInput(), ElementType.FLOAT, "batch", layers, heads));
      List<Tensor> ofLayers = new ArrayList<>();
      for (int layer = 0; layer < layers; layer++) {
        ofLayers.add(
            g.input(hookPoint.bank(layer), ElementType.FLOAT, "rows", hookPoint.width(shape)));
      }
      banks.put(hookPoint, ofLayers);
    }
  }

  /**
   * Reads and adds at the positions of the prompt.
   *
   * @param scope where the layer is
   * @param taps collects what is read at each hook point of the layer, [batch, pos, width]
   */
  Hooks ofPrompt(Scope scope, Map<HookPoint, Tensor> taps) {
    GraphBuilder g = scope.graph();
    return (hookPoint, layer, activation) -> {
      if (tapped(hookPoint)) {
        Tensor shape = hookPoint.atSource() ? sourceShape() : sequenceShape;
        taps.put(hookPoint, g.node(Op.RESHAPE, scope.wide(activation), shape));
      }
      Tensor rows = hookPoint.atSource() ? Objects.requireNonNull(sourceRow) : promptRow;
      return hookPoints.contains(hookPoint)
          ? g.node(Op.ADD, activation, addition(scope, hookPoint, layer, rows))
          : activation;
    };
  }

  /**
   * Adds at generated positions.
   *
   * @param body of the decode loop
   */
  Hooks ofDecoding(GraphBuilder body) {
    // the same at every step, so outside of the loop
    Map<HookPoint, List<Tensor>> additions = new EnumMap<>(HookPoint.class);
    for (HookPoint hookPoint : hookPoints) {
      if (hookPoint.atSource()) {
        continue; // read once, before the first token
      }
      additions.put(
          hookPoint,
          IntStream.range(0, hookPoint.layers(shape))
              .mapToObj(layer -> addition(main, hookPoint, layer, decodeRow))
              .toList());
    }
    return (hookPoint, layer, activation) ->
        hookPoints.contains(hookPoint)
            ? body.node(Op.ADD, activation, known(additions, hookPoint).get(layer))
            : activation;
  }

  /** int64 [3]: batch, source, -1. */
  Tensor sourceShape() {
    return Objects.requireNonNull(sourceShape);
  }

  /**
   * Whether an activation is an output. An attention output also is where only heads are steered:
   * it says what these write into the residual stream.
   */
  private boolean tapped(HookPoint hookPoint) {
    return hookPoints.stream()
        .anyMatch(steered -> steered == hookPoint || steered.written() == hookPoint);
  }

  /**
   * What is added at a hook point of a layer.
   *
   * @param rows bank row of each position, [batch, pos]
   * @return [batch * pos, width], multiplied in float32
   */
  private Tensor addition(Scope scope, HookPoint hookPoint, int layer, Tensor rows) {
    GraphBuilder g = scope.graph();
    int heads = hookPoint.heads(shape);
    int width = hookPoint.width(shape);
    Tensor ofLayer = g.gather(known(scales, hookPoint), g.scalar(layer), 1);
    Tensor scale = g.reshape(ofLayer, 0, 1, -1, 1); // [batch, 1, heads, 1]
    Tensor bank = known(banks, hookPoint).get(layer);
    Tensor gathered = g.reshape(g.gather(bank, rows, 0), 0, 0, heads, width / heads);
    return scope.narrow(g.reshape(g.node(Op.MUL, gathered, scale), -1, width));
  }

  private static <T> T known(Map<HookPoint, T> values, HookPoint hookPoint) {
    return Objects.requireNonNull(values.get(hookPoint));
  }
}
