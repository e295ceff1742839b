package steersweep.steerable;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import steersweep.architecture.Architecture;
import steersweep.architecture.EncoderBlock;
import steersweep.architecture.Pass;
import steersweep.architecture.Scope;
import steersweep.architecture.Source;
import steersweep.graph.ElementType;
import steersweep.graph.GraphBuilder;
import steersweep.graph.Op;
import steersweep.graph.Tensor;
import steersweep.model.GraphNames;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;

/** The encoder of a model that has one: once per run, steered, with taps. */
record EncoderPass(Architecture architecture, Scope inMain, Additions additions) {
  /** Adds inputs, all layers, and outputs. */
  Source build() {
    GraphBuilder g = inMain.graph();
    Tensor ids = g.input(GraphNames.ENCODER_INPUT_IDS, ElementType.INT64, "batch", "source");
    Tensor tokens =
        g.input(GraphNames.ENCODER_ATTENTION_MASK, ElementType.INT64, "batch", "source");
    Tensor counted = g.node(Op.SUB, g.node(Op.CUM_SUM, tokens, g.scalar(1)), g.scalar(1));
    Tensor positions = g.node(Op.MAX, counted, g.scalar(0));
    Tensor hidden = SteerableGraph.hide(g, g.cast(tokens, ElementType.BOOL));
    Tensor mask = g.node(Op.UNSQUEEZE, hidden, g.ints(1, 2)); // [batch, 1, 1, source]
    EncoderBlock encoder = Objects.requireNonNull(architecture.encoder(inMain));
    List<Tensor> positional = encoder.positional(positions, mask);
    Pass pass = new Pass(false, additions.sourceShape(), mask, positional, null);
    ModelShape shape = architecture.shape();
    Tensor residual = encoder.embed(ids);
    for (int layer = 0; layer < shape.nEncoderLayers(); layer++) {
      residualBefore(layer, residual);
      Map<HookPoint, Tensor> taps = new EnumMap<>(HookPoint.class);
      residual = encoder.layer(layer, residual, pass, additions.ofPrompt(inMain, taps));
      for (Map.Entry<HookPoint, Tensor> tap : taps.entrySet()) {
        Tensor named = g.named(tap.getKey().tap(layer), tap.getValue());
        g.output(named, "batch", "source", tap.getKey().width(shape));
      }
    }
    residualBefore(shape.nEncoderLayers(), residual);
    return new Source(additions.sourceShape(), mask, encoder.encoded(residual), List.of());
  }

  private void residualBefore(int layer, Tensor residual) {
    GraphBuilder g = inMain.graph();
    Tensor shaped = g.node(Op.RESHAPE, inMain.wide(residual), additions.sourceShape());
    Tensor named = g.named(GraphNames.encoderResidualBefore(layer), shaped);
    g.output(named, "batch", "source", architecture.shape().dModel());
  }
}
