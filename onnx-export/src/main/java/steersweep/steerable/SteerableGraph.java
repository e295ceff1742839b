package steersweep.steerable;

import ai.onnx.proto.OnnxMl.ModelProto;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import steersweep.architecture.Architecture;
import steersweep.architecture.Block;
import steersweep.architecture.Block.KeyValue;
import steersweep.architecture.Pass;
import steersweep.architecture.Scope;
import steersweep.architecture.Source;
import steersweep.architecture.Weights;
import steersweep.graph.ElementType;
import steersweep.graph.GraphBuilder;
import steersweep.graph.Op;
import steersweep.graph.Tensor;
import steersweep.model.GraphNames;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;

/**
 * Writes the steerable graph of a model, whatever its family: one run of it is one batch, from
 * prompts to generated tokens.
 *
 * <p>The main graph is the prefill: the prompts go through every layer; at each hook point the
 * activation is an output (the tap) and rows of a bank, times a scale, are added. Decoding is a
 * loop within the same graph that carries the key and value cache, so that the cache never leaves
 * the device. Next to both, log-probabilities and KL divergences are taken at positions that the
 * caller names. {@link GraphNames} lists what goes in and comes out.
 */
final class SteerableGraph {
  /** Added to attention scores of positions that must not be seen; its exponential is exactly 0. */
  private static final double HIDDEN_SCORE = -1e9;

  private final Architecture architecture;
  private final ModelShape shape;
  private final Weights weights;
  private final GraphBuilder main;
  private final Scope inMain;
  private final Tensor sequenceShape;
  private final Additions additions;

  /** For each layer, whether it is run: bool []. */
  private final List<Tensor> runs = new ArrayList<>();

  private SteerableGraph(Architecture architecture, Weights weights, List<HookPoint> hookPoints) {
    this.architecture = architecture;
    this.shape = architecture.shape();
    this.weights = weights;
    this.main = new GraphBuilder("steerable_" + architecture.name(), "p");
    this.inMain = new Scope(main, weights);
    this.sequenceShape = main.input(GraphNames.SEQUENCE_SHAPE, ElementType.INT64, 3);
    this.additions = new Additions(inMain, shape, hookPoints, sequenceShape);
  }

  static ModelProto graph(
      Architecture architecture,
      Weights weights,
      List<HookPoint> hookPoints,
      String version,
      Map<String, String> metadata) {
    SteerableGraph graph = new SteerableGraph(architecture, weights, hookPoints);
    graph.build();
    return graph.main.model("steersweep", version, metadata);
  }

  /** Log-probabilities of the next token, natural logarithm: [n, d_model] to [n, n_vocab]. */
  static Tensor nextLogprobs(Architecture architecture, Scope scope, Tensor residual) {
    Tensor logits = architecture.block(scope).logits(residual);
    return scope.graph().node(Op.LOG_SOFTMAX, "axis", -1, scope.wide(logits));
  }

  private void build() {
    weights.declare(main);
    Tensor inputIds = main.input(GraphNames.INPUT_IDS, ElementType.INT64, "batch", "seq");
    Tensor attentionMask = main.input(GraphNames.ATTENTION_MASK, ElementType.INT64, "batch", "seq");
    additions.declare();

    // position of each token, counted without padding: [batch, seq]
    Tensor counted =
        main.node(Op.SUB, main.node(Op.CUM_SUM, attentionMask, main.scalar(1)), main.scalar(1));
    Contexts contexts = Contexts.declare(inMain, shape);
    Tensor own = main.node(Op.MAX, counted, main.scalar(0));
    Tensor positions = main.node(Op.ADD, own, contexts.lengths());
    Tensor isToken = main.cast(attentionMask, ElementType.BOOL);
    Tensor notLater =
        main.node(Op.GREATER_OR_EQUAL, main.unsqueeze(positions, 2), main.unsqueeze(positions, 1));
    Tensor seen = main.node(Op.AND, notLater, main.unsqueeze(isToken, 1));
    Tensor ownMask = main.unsqueeze(hide(main, seen), 1);
    Tensor mask = contexts.before(main, ownMask, hide(main, contexts.seen()));
    Source source =
        shape.hasEncoder() ? new EncoderPass(architecture, inMain, additions).build() : null;
    List<Tensor> positional = architecture.block(inMain).positional(positions, mask);
    Pass pass = new Pass(false, sequenceShape, mask, positional, source);

    Tensor residual = start(inputIds, positions);
    List<KeyValue> cache = new ArrayList<>();
    List<KeyValue> crosses = new ArrayList<>();
    for (int layer = 0; layer < shape.nLayers(); layer++) {
      Block.Result result = layer(layer, residual, pass, contexts);
      residual = result.residual();
      cache.add(result.cache());
      if (result.cross() != null) {
        crosses.add(result.cross());
      }
    }
    new Scoring(architecture, inMain).build(residual);

    Tensor shaped = main.node(Op.RESHAPE, residual, sequenceShape);
    residualBefore(shape.nLayers(), residual);
    Tensor last = main.gather(shaped, main.scalar(-1), 1);
    Tensor logprobs = nextLogprobs(architecture, inMain, last);
    // keys that decode may see: [batch, 1, 1, keys]
    Tensor ownKeyMask = main.node(Op.UNSQUEEZE, hide(main, isToken), main.ints(1, 2));
    Tensor keyMask = contexts.before(main, ownKeyMask, hide(main, contexts.seen()));
    Tensor lastPosition = main.gather(positions, main.ints(-1), 1);
    Source known = source == null ? null : source.with(crosses);
    new DecodeLoop(architecture, inMain, sequenceShape, additions, known)
        .build(logprobs, lastPosition, keyMask, cache);
  }

  /** What is added to attention scores of what is seen, and of what is not. */
  static Tensor hide(GraphBuilder g, Tensor seen) {
    return g.node(Op.WHERE, seen, g.scalar(0.0), g.scalar(HIDDEN_SCORE));
  }

  /**
   * What the first layer that is run receives: embeddings, or residual streams that the caller
   * knows already. [batch * seq, d_model]
   */
  private Tensor start(Tensor inputIds, Tensor positions) {
    Tensor known =
        main.input(GraphNames.START_RESIDUAL, ElementType.FLOAT, "starts", "start", shape.dModel());
    Tensor row = main.input(GraphNames.START_ROW, ElementType.INT64, "batch");
    Tensor embed = main.input(GraphNames.runLayer(0), ElementType.BOOL);
    runs.add(embed);
    GraphBuilder embedding = new GraphBuilder("embed", "e");
    Block block = architecture.block(new Scope(embedding, weights));
    embedding.output(block.embed(inputIds, positions), "", shape.dModel());
    GraphBuilder given = new GraphBuilder("given", "k");
    Tensor ofRows = given.reshape(given.gather(known, row, 0), -1, shape.dModel());
    given.output(new Scope(given, weights).narrow(ofRows), "", shape.dModel());
    return main.branch(embed, embedding, given).get(0);
  }

  private void residualBefore(int layer, Tensor residual) {
    Tensor before = main.node(Op.RESHAPE, inMain.wide(residual), sequenceShape);
    main.output(
        main.named(GraphNames.residualBefore(layer), before), "batch", "seq", shape.dModel());
  }

  /** A layer that is run only if the caller wants it; what is not run passes the residual on. */
  private Block.Result layer(int layer, Tensor residual, Pass pass, Contexts contexts) {
    residualBefore(layer, residual);
    if (layer > 0) {
      runs.add(main.input(GraphNames.runLayer(layer), ElementType.BOOL));
    }
    Map<HookPoint, Tensor> taps = new EnumMap<>(HookPoint.class);
    GraphBuilder run = run(layer, residual, pass, contexts, taps);
    int caches = shape.hasEncoder() ? 4 : 2;
    GraphBuilder skip = skip(layer, residual, caches, taps.size());
    List<Tensor> results = main.branch(runs.get(layer), run, skip, cacheNames(layer));
    cacheOutput(GraphNames.cachedKey(layer), results.get(1));
    cacheOutput(GraphNames.cachedValue(layer), results.get(2));
    int next = 1 + caches;
    for (HookPoint hookPoint : taps.keySet()) {
      Tensor tap = main.named(hookPoint.tap(layer), results.get(next++));
      main.output(tap, "batch", hookPoint.atSource() ? "source" : "seq", hookPoint.width(shape));
    }
    KeyValue cross = shape.hasEncoder() ? new KeyValue(results.get(3), results.get(4)) : null;
    return new Block.Result(results.get(0), new KeyValue(results.get(1), results.get(2)), cross);
  }

  /** Where the cache is in float32 already, it is an output as it is. */
  private Map<Integer, String> cacheNames(int layer) {
    return weights.type() == ElementType.FLOAT
        ? Map.of(1, GraphNames.cachedKey(layer), 2, GraphNames.cachedValue(layer))
        : Map.of();
  }

  private void cacheOutput(String name, Tensor cache) {
    Tensor wide = cache.name().equals(name) ? cache : main.named(name, inMain.wide(cache));
    main.output(wide, "batch", shape.nKvHeads(), "keys", shape.dHead());
  }

  private GraphBuilder run(
      int layer, Tensor residual, Pass pass, Contexts contexts, Map<HookPoint, Tensor> taps) {
    GraphBuilder run = new GraphBuilder("layer_" + layer, "l" + layer + "_");
    Scope scope = new Scope(run, weights);
    Block.Result result =
        architecture
            .block(scope)
            .layer(
                layer,
                residual,
                contexts.ofLayer(layer, scope),
                pass,
                additions.ofPrompt(scope, taps));
    run.output(result.residual(), "", shape.dModel());
    output(run, result.cache());
    if (result.cross() != null) {
      output(run, result.cross());
    }
    taps.values().forEach(tap -> run.output(tap, "", "", ""));
    return run;
  }

  private void output(GraphBuilder g, KeyValue cache) {
    g.output(cache.key(), "", shape.nKvHeads(), "", shape.dHead());
    g.output(cache.value(), "", shape.nKvHeads(), "", shape.dHead());
  }

  private GraphBuilder skip(int layer, Tensor residual, int caches, int taps) {
    GraphBuilder skip = new GraphBuilder("skip_" + layer, "s" + layer + "_");
    skip.output(skip.node(Op.IDENTITY, residual), "", shape.dModel());
    Tensor nothing = skip.reshape(skip.floats(0f), 1, 1, 1);
    for (int i = 0; i < caches; i++) {
      Tensor noCache = new Scope(skip, weights).narrow(skip.unsqueeze(nothing, 0));
      skip.output(noCache, "", "", "", "");
    }
    for (int i = 0; i < taps; i++) {
      skip.output(skip.node(Op.IDENTITY, nothing), "", "", "");
    }
    return skip;
  }
}
