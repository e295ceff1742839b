package steersweep.llama;

import ai.onnx.proto.OnnxMl.ModelProto;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import steersweep.checkpoint.LlamaConfig;
import steersweep.graph.ElementType;
import steersweep.graph.GraphBuilder;
import steersweep.graph.Op;
import steersweep.graph.Tensor;
import steersweep.model.GraphNames;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;

/**
 * Writes the steerable graph of a Llama: one run of it is one batch, from prompts to generated
 * tokens.
 *
 * <p>The main graph is the prefill: the prompts go through every layer; at each hook point the
 * activation is an output (the tap) and rows of a bank, times a scale, are added. Decoding is a
 * loop within the same graph that carries the key and value cache, so that the cache never leaves
 * the device. Next to both, log-probabilities and KL divergences are taken at positions that the
 * caller names. {@link GraphNames} lists what goes in and comes out.
 *
 * <p>Follows transformers' {@code modeling_llama}. Activations are kept flat, [batch * seq, width],
 * so that every projection is one matrix product with the weight as it lies in the checkpoint,
 * [out, in].
 */
final class SteerableLlama {
  /** Added to attention scores of positions that must not be seen; its exponential is exactly 0. */
  private static final double HIDDEN_SCORE = -1e9;

  private final LlamaConfig config;
  private final ModelShape shape;
  private final LlamaWeights weights;
  private final List<HookPoint> hookPoints;
  private final GraphBuilder main = new GraphBuilder("steerable_llama", "p");
  private final Tensor sequenceShape = main.input(GraphNames.SEQUENCE_SHAPE, ElementType.INT64, 3);
  private final Tensor promptRow =
      main.input(GraphNames.STEERING_ROW, ElementType.INT64, "batch", "seq");
  private final Tensor decodeRow =
      main.input(GraphNames.STEERING_DECODE_ROW, ElementType.INT64, "batch", 1);
  private final Map<HookPoint, Tensor> scales = new EnumMap<>(HookPoint.class);
  private final Map<HookPoint, List<Tensor>> banks = new EnumMap<>(HookPoint.class);

  /** For each layer, whether it is run: bool []. */
  private final List<Tensor> runs = new ArrayList<>();

  private SteerableLlama(LlamaConfig config, LlamaWeights weights, List<HookPoint> hookPoints) {
    this.config = config;
    this.shape = config.shape();
    this.weights = weights;
    this.hookPoints = hookPoints;
  }

  static ModelProto graph(
      LlamaConfig config,
      LlamaWeights weights,
      List<HookPoint> hookPoints,
      String version,
      Map<String, String> metadata) {
    SteerableLlama llama = new SteerableLlama(config, weights, hookPoints);
    llama.build();
    return llama.main.model("steersweep", version, metadata);
  }

  // ---- one layer: the same for prefill and decode ----

  /** Keys and values of one layer, [batch, n_kv_heads, pos, d_head]. */
  private record KeyValue(Tensor key, Tensor value) {}

  /**
   * What differs between prefill and decode.
   *
   * @param graph where nodes go
   * @param single whether there is one position per row, as in decode
   * @param cos rotary cosines, [batch, 1, pos, d_head / 2]
   * @param sin rotary sines, the same shape
   * @param mask added to attention scores, [batch, 1, pos, key_pos]
   * @param additions what is added at a hook point of a layer, [batch * pos, width]
   * @param taps collects what is read at each hook point, [batch, pos, width]
   */
  private record Stage(
      GraphBuilder graph,
      boolean single,
      Tensor cos,
      Tensor sin,
      Tensor mask,
      BiFunction<HookPoint, Integer, Tensor> additions,
      List<Tensor> taps) {}

  /** A layer's output and what it leaves for later positions. */
  private record LayerResult(Tensor residual, KeyValue cache) {}

  /**
   * One transformer block.
   *
   * @param residual the residual stream, [batch * pos, d_model]
   * @param past keys and values of earlier positions; null in prefill
   */
  private LayerResult layer(Stage stage, int layer, Tensor residual, @Nullable KeyValue past) {
    GraphBuilder g = stage.graph();

    // attention: [batch * pos, d_model] -> q [batch * pos, n_heads * d_head], k and v [batch * pos,
    // n_kv_heads * d_head]
    Tensor normed = norm(g, residual, weights.norm(layer, "input_layernorm"));
    Tensor flatQuery = linear(g, normed, layer, "self_attn.q_proj");
    Tensor flatKey = linear(g, normed, layer, "self_attn.k_proj");
    Tensor flatValue =
        hook(stage, HookPoint.VALUE, layer, linear(g, normed, layer, "self_attn.v_proj"));

    // [batch, heads, pos, d_head]
    Tensor query = splitHeads(stage, flatQuery, shape.nHeads());
    Tensor key = splitHeads(stage, flatKey, shape.nKvHeads());
    Tensor value = splitHeads(stage, flatValue, shape.nKvHeads());
    if (config.extras().queryKeyNorm()) {
      query = norm(g, query, weights.norm(layer, "self_attn.q_norm"));
      key = norm(g, key, weights.norm(layer, "self_attn.k_norm"));
    }
    query = rotate(stage, query);
    key = rotate(stage, key);
    if (past != null) {
      key = g.concat(2, past.key(), key);
      value = g.concat(2, past.value(), value);
    }

    // scores [batch, n_heads, pos, key_pos]; the query heads of a group are rows of one product
    // with the key head they share
    Tensor scaledQuery = g.node(Op.MUL, query, narrow(g, g.scalar(1 / Math.sqrt(shape.dHead()))));
    Tensor scores = g.node(Op.MAT_MUL, group(g, scaledQuery), g.transpose(key, 0, 1, 3, 2));
    Tensor masked = g.node(Op.ADD, wide(g, ungroup(g, scores)), stage.mask());
    Tensor attention = narrow(g, g.node(Op.SOFTMAX, "axis", -1, masked));
    Tensor z = mergeHeads(stage, ungroup(g, g.node(Op.MAT_MUL, group(g, attention), value)));
    z = hook(stage, HookPoint.HEAD_OUTPUT, layer, z);
    Tensor attentionOutput = linear(g, z, layer, "self_attn.o_proj");
    attentionOutput = hook(stage, HookPoint.ATTENTION_OUTPUT, layer, attentionOutput);
    Tensor middle = g.node(Op.ADD, residual, attentionOutput);

    // feed-forward: SwiGLU over [batch * pos, d_mlp]
    Tensor middleNormed = norm(g, middle, weights.norm(layer, "post_attention_layernorm"));
    Tensor gate = linear(g, middleNormed, layer, "mlp.gate_proj");
    Tensor up = linear(g, middleNormed, layer, "mlp.up_proj");
    Tensor silu = g.node(Op.MUL, gate, g.node(Op.SIGMOID, gate));
    Tensor mlpOutput = linear(g, g.node(Op.MUL, silu, up), layer, "mlp.down_proj");
    mlpOutput = hook(stage, HookPoint.MLP_OUTPUT, layer, mlpOutput);
    Tensor output = g.node(Op.ADD, middle, mlpOutput);
    return new LayerResult(
        hook(stage, HookPoint.RESIDUAL_POST, layer, output), new KeyValue(key, value));
  }

  /**
   * Whether an activation is an output. The attention output also is where only heads are steered:
   * it says what these write into the residual stream.
   */
  private boolean tapped(HookPoint hookPoint) {
    return hookPoints.contains(hookPoint)
        || (hookPoint == HookPoint.ATTENTION_OUTPUT
            && hookPoints.stream().anyMatch(HookPoint::hasHeads));
  }

  /** Reads (in prefill) and adds (in both stages) at a hook point, as far as the graph has it. */
  private Tensor hook(Stage stage, HookPoint hookPoint, int layer, Tensor activation) {
    GraphBuilder g = stage.graph();
    if (!stage.single() && tapped(hookPoint)) {
      stage.taps().add(g.node(Op.RESHAPE, wide(g, activation), sequenceShape));
    }
    if (!hookPoints.contains(hookPoint)) {
      return activation;
    }
    return g.node(Op.ADD, activation, stage.additions().apply(hookPoint, layer));
  }

  private Tensor linear(GraphBuilder g, Tensor x, int layer, String part) {
    return linear(g, x, weights.matrix(layer, part), weights.bias(layer, part));
  }

  /** A product in the type of its weight, rounded to the type that the graph computes in. */
  private Tensor linear(GraphBuilder g, Tensor x, Tensor matrix, @Nullable Tensor bias) {
    return narrow(g, g.linear(g.cast(x, matrix.type()), matrix, bias));
  }

  /** To float32, where half precision is not enough; nothing to do in a float32 graph. */
  private static Tensor wide(GraphBuilder g, Tensor x) {
    return g.cast(x, ElementType.FLOAT);
  }

  /** To the type that the graph computes in. */
  private Tensor narrow(GraphBuilder g, Tensor x) {
    return g.cast(x, weights.type());
  }

  /**
   * RMSNorm over the last axis: x / sqrt(mean(x^2) + eps) in float32, then * weight. Written out;
   * ONNX Runtime fuses it into one kernel.
   */
  private Tensor norm(GraphBuilder g, Tensor x, Tensor weight) {
    Tensor wide = wide(g, x);
    Tensor meanSquare = g.reduce(Op.REDUCE_MEAN, g.node(Op.POW, wide, g.scalar(2.0)), true, -1);
    Tensor root = g.node(Op.SQRT, g.node(Op.ADD, meanSquare, g.scalar(config.rmsNormEps())));
    return g.node(Op.MUL, narrow(g, g.node(Op.DIV, wide, root)), weight);
  }

  /**
   * Rotary embedding of [batch, heads, pos, d_head], first half paired with second half as
   * transformers does.
   */
  private Tensor rotate(Stage stage, Tensor x) {
    GraphBuilder g = stage.graph();
    List<Tensor> halves = g.halves(x);
    Tensor first = halves.get(0);
    Tensor second = halves.get(1);
    Tensor rotatedFirst =
        g.node(Op.SUB, g.node(Op.MUL, first, stage.cos()), g.node(Op.MUL, second, stage.sin()));
    Tensor rotatedSecond =
        g.node(Op.ADD, g.node(Op.MUL, second, stage.cos()), g.node(Op.MUL, first, stage.sin()));
    return g.concat(-1, rotatedFirst, rotatedSecond);
  }

  /** [batch * pos, heads * d_head] to [batch, heads, pos, d_head]. */
  private Tensor splitHeads(Stage stage, Tensor flat, int heads) {
    GraphBuilder g = stage.graph();
    if (stage.single()) {
      return g.reshape(flat, -1, heads, 1, shape.dHead());
    }
    Tensor shaped = g.node(Op.RESHAPE, flat, sequenceShape);
    return g.transpose(g.reshape(shaped, 0, 0, heads, shape.dHead()), 0, 2, 1, 3);
  }

  /** [batch, n_heads, pos, d_head] to [batch * pos, n_heads * d_head]. */
  private Tensor mergeHeads(Stage stage, Tensor x) {
    GraphBuilder g = stage.graph();
    Tensor ordered = stage.single() ? x : g.transpose(x, 0, 2, 1, 3);
    return g.reshape(ordered, -1, (long) shape.nHeads() * shape.dHead());
  }

  /**
   * [batch, n_heads, pos, n] to [batch, n_kv_heads, group * pos, n]; nothing to do without
   * grouped-query attention.
   */
  private Tensor group(GraphBuilder g, Tensor x) {
    return shape.nHeads() == shape.nKvHeads()
        ? x
        : g.reshape(x, 0, shape.nKvHeads(), -1, lastAxis());
  }

  /** The way back from {@link #group}. */
  private Tensor ungroup(GraphBuilder g, Tensor x) {
    return shape.nHeads() == shape.nKvHeads() ? x : g.reshape(x, 0, shape.nHeads(), -1, lastAxis());
  }

  /**
   * In a reshape of a tensor with four axes to four axes, 0 in the last place keeps the last axis.
   */
  private static long lastAxis() {
    return 0;
  }

  // ---- the whole graph ----

  private void build() {
    weights.declare(main);
    Tensor inputIds = main.input(GraphNames.INPUT_IDS, ElementType.INT64, "batch", "seq");
    Tensor attentionMask = main.input(GraphNames.ATTENTION_MASK, ElementType.INT64, "batch", "seq");
    steering();

    // position of each token, counted without padding: [batch, seq]
    Tensor counted =
        main.node(Op.SUB, main.node(Op.CUM_SUM, attentionMask, main.scalar(1)), main.scalar(1));
    Tensor positions = main.node(Op.MAX, counted, main.scalar(0));
    Tensor isToken = main.cast(attentionMask, ElementType.BOOL);
    Tensor notLater =
        main.node(Op.GREATER_OR_EQUAL, main.unsqueeze(positions, 2), main.unsqueeze(positions, 1));
    Tensor seen = main.node(Op.AND, notLater, main.unsqueeze(isToken, 1));
    Tensor mask = main.unsqueeze(hide(seen), 1);
    List<Tensor> rotary = rotary(main, positions);

    Tensor residual = start(inputIds, isToken);
    List<KeyValue> cache = new ArrayList<>();
    for (int layer = 0; layer < shape.nLayers(); layer++) {
      LayerResult result = prefillLayer(layer, residual, rotary, mask);
      residual = result.residual();
      cache.add(result.cache());
    }
    score(residual);

    Tensor shaped = main.node(Op.RESHAPE, residual, sequenceShape);
    residualBefore(shape.nLayers(), residual);
    Tensor logprobs = nextLogprobs(main, main.gather(shaped, main.scalar(-1), 1));
    // keys that decode may see: [batch, 1, 1, seq]
    Tensor keyMask = main.node(Op.UNSQUEEZE, hide(isToken), main.ints(1, 2));
    Tensor lastPosition = main.gather(positions, main.ints(-1), 1);
    decode(logprobs, lastPosition, keyMask, cache);
  }

  // ---- prefill, layer by layer ----

  /**
   * What the first layer that is run receives: embeddings, or the residual stream that the caller
   * knows already, the same for every row. [batch * seq, d_model]
   */
  private Tensor start(Tensor inputIds, Tensor isToken) {
    Tensor known =
        main.input(GraphNames.START_RESIDUAL, ElementType.FLOAT, 1, "start", shape.dModel());
    Tensor embed = main.input(GraphNames.runLayer(0), ElementType.BOOL);
    runs.add(embed);
    GraphBuilder embedding = new GraphBuilder("embed", "e");
    embedding.output(
        embedding.reshape(embedding.gather(weights.embedding(), inputIds, 0), -1, shape.dModel()),
        "",
        shape.dModel());
    GraphBuilder given = new GraphBuilder("given", "k");
    Tensor zeros =
        given.node(
            Op.MUL, given.unsqueeze(given.cast(isToken, ElementType.FLOAT), 2), given.scalar(0.0));
    Tensor everyRow = given.reshape(given.node(Op.ADD, known, zeros), -1, shape.dModel());
    given.output(narrow(given, everyRow), "", shape.dModel());
    return main.branch(embed, embedding, given).get(0);
  }

  private void residualBefore(int layer, Tensor residual) {
    Tensor before = main.node(Op.RESHAPE, wide(main, residual), sequenceShape);
    main.output(
        main.named(GraphNames.residualBefore(layer), before), "batch", "seq", shape.dModel());
  }

  /** A layer that is run only if the caller wants it; what is not run passes the residual on. */
  private LayerResult prefillLayer(int layer, Tensor residual, List<Tensor> rotary, Tensor mask) {
    residualBefore(layer, residual);
    if (layer > 0) {
      runs.add(main.input(GraphNames.runLayer(layer), ElementType.BOOL));
    }
    GraphBuilder run = new GraphBuilder("layer_" + layer, "l" + layer + "_");
    List<Tensor> taps = new ArrayList<>();
    Stage stage =
        new Stage(
            run,
            false,
            rotary.get(0),
            rotary.get(1),
            mask,
            (hookPoint, of) -> addition(run, hookPoint, of, promptRow),
            taps);
    LayerResult result = layer(stage, layer, residual, null);
    run.output(result.residual(), "", shape.dModel());
    run.output(result.cache().key(), "", shape.nKvHeads(), "", shape.dHead());
    run.output(result.cache().value(), "", shape.nKvHeads(), "", shape.dHead());
    taps.forEach(tap -> run.output(tap, "", "", ""));

    GraphBuilder skip = new GraphBuilder("skip_" + layer, "s" + layer + "_");
    skip.output(skip.node(Op.IDENTITY, residual), "", shape.dModel());
    Tensor nothing = skip.reshape(skip.floats(0f), 1, 1, 1);
    for (int i = 0; i < 2; i++) {
      skip.output(narrow(skip, skip.unsqueeze(nothing, 0)), "", "", "", "");
    }
    taps.forEach(tap -> skip.output(skip.node(Op.IDENTITY, nothing), "", "", ""));

    List<Tensor> results = main.branch(runs.get(layer), run, skip);
    int next = 3;
    for (HookPoint hookPoint : HookPoint.values()) {
      if (tapped(hookPoint)) {
        main.output(
            main.named(hookPoint.tap(layer), results.get(next++)),
            "batch",
            "seq",
            hookPoint.width(shape));
      }
    }
    return new LayerResult(results.get(0), new KeyValue(results.get(1), results.get(2)));
  }

  // ---- steering ----

  /** Declares the steering inputs. */
  private void steering() {
    for (HookPoint hookPoint : hookPoints) {
      int heads = hookPoint.heads(shape);
      scales.put(
          hookPoint,
          main.input(hookPoint.scaleInput(), ElementType.FLOAT, "batch", shape.nLayers(), heads));
      List<Tensor> ofLayers = new ArrayList<>();
      for (int layer = 0; layer < shape.nLayers(); layer++) {
        ofLayers.add(
            main.input(hookPoint.bank(layer), ElementType.FLOAT, "rows", hookPoint.width(shape)));
      }
      banks.put(hookPoint, ofLayers);
    }
  }

  /**
   * What is added at a hook point of a layer.
   *
   * @param rows bank row of each position, [batch, pos]
   * @return [batch * pos, width], multiplied in float32
   */
  private Tensor addition(GraphBuilder g, HookPoint hookPoint, int layer, Tensor rows) {
    int heads = hookPoint.heads(shape);
    int width = hookPoint.width(shape);
    Tensor ofLayer = g.gather(known(scales, hookPoint), g.scalar(layer), 1);
    Tensor scale = g.reshape(ofLayer, 0, 1, -1, 1); // [batch, 1, heads, 1]
    Tensor bank = known(banks, hookPoint).get(layer);
    Tensor gathered = g.reshape(g.gather(bank, rows, 0), 0, 0, heads, width / heads);
    return narrow(g, g.reshape(g.node(Op.MUL, gathered, scale), -1, width));
  }

  private static <T> T known(Map<HookPoint, T> values, HookPoint hookPoint) {
    return Objects.requireNonNull(values.get(hookPoint));
  }

  private Tensor hide(Tensor seen) {
    return main.node(Op.WHERE, seen, main.scalar(0.0), main.scalar(HIDDEN_SCORE));
  }

  /**
   * Cosines and sines of [batch, pos] positions, computed rather than tabled: [batch, 1, pos,
   * d_head / 2] each.
   */
  private List<Tensor> rotary(GraphBuilder g, Tensor positions) {
    Tensor column = g.unsqueeze(g.cast(positions, ElementType.FLOAT), 2);
    Tensor frequencies = g.floats(config.rope().frequencies(shape.dHead()));
    Tensor angles = g.unsqueeze(g.node(Op.MUL, column, frequencies), 1);
    return List.of(narrow(g, g.node(Op.COS, angles)), narrow(g, g.node(Op.SIN, angles)));
  }

  /** Log-probabilities of the next token, natural logarithm: [n, d_model] to [n, n_vocab]. */
  private Tensor nextLogprobs(GraphBuilder g, Tensor residual) {
    Tensor logits = linear(g, norm(g, residual, weights.finalNorm()), weights.output(), null);
    return g.node(Op.LOG_SOFTMAX, "axis", -1, wide(g, logits));
  }

  /**
   * Scoring, at the positions that the caller names: each row of the batch has the same number of
   * them. One after another, so that never more than [batch, n_vocab] is in memory.
   */
  private void score(Tensor residual) {
    Tensor places = main.input(GraphNames.SCORE_PLACES, ElementType.INT64);
    Tensor position = main.input(GraphNames.SCORE_POSITION, ElementType.INT64, "places", "batch");
    Tensor target = main.input(GraphNames.SCORE_TARGET, ElementType.INT64, "places", "batch");
    Tensor reference =
        main.input(GraphNames.SCORE_REFERENCE, ElementType.FLOAT, "references", shape.nVocab());
    Tensor compare = main.input(GraphNames.SCORE_COMPARE, ElementType.BOOL);

    GraphBuilder g = new GraphBuilder("score", "s");
    Tensor place = g.input("place", ElementType.INT64);
    Tensor go = g.input("score_go", ElementType.BOOL);
    Tensor rows = g.gather(residual, g.gather(position, place, 0), 0);
    Tensor logprobs = nextLogprobs(g, rows);
    Tensor targets = g.unsqueeze(g.gather(target, place, 0), 1);
    Tensor ofTarget = g.node(Op.GATHER_ELEMENTS, "axis", 1, logprobs, targets);
    g.output(g.node(Op.IDENTITY, go));
    g.output(g.node(Op.SQUEEZE, ofTarget, g.ints(1)), "");
    for (Tensor compared : g.branch(compare, compare(logprobs, reference, place), noComparison())) {
      g.output(compared, "");
    }
    Tensor distributions = main.input(GraphNames.SCORE_DISTRIBUTIONS, ElementType.BOOL);
    g.output(wanted(g, distributions, logprobs), "", "");
    List<Tensor> results = main.loop(places, main.node(Op.NOT, main.no()), List.of(), g);
    List<String> names =
        List.of(
            GraphNames.TARGET_LOGPROBS,
            GraphNames.KL,
            GraphNames.BEST_TOKEN,
            GraphNames.BEST_LOGPROB,
            GraphNames.BEST_MARGIN);
    for (int i = 0; i < names.size(); i++) {
      main.output(main.named(names.get(i), results.get(i)), "places", "batch");
    }
    Tensor all = main.named(GraphNames.NEXT_LOGPROBS, results.get(names.size()));
    main.output(all, "places", "batch", shape.nVocab());
  }

  /** What goes over the whole vocabulary again and again, so only when it is wanted. */
  private GraphBuilder compare(Tensor logprobs, Tensor reference, Tensor place) {
    GraphBuilder g = new GraphBuilder("compare", "c");
    Tensor referenceLogprobs = g.gather(reference, place, 0);
    Tensor ratio = g.node(Op.SUB, referenceLogprobs, logprobs);
    Tensor summands = g.node(Op.MUL, g.node(Op.EXP, referenceLogprobs), ratio);
    g.output(g.node(Op.REDUCE_SUM, "keepdims", 0, summands, g.ints(1)), "");
    Choice best = choose(g, logprobs);
    for (Tensor ofBest : List.of(best.token(), best.logprob(), best.margin())) {
      g.output(g.node(Op.SQUEEZE, ofBest, g.ints(1)), "");
    }
    return g;
  }

  /** The same outputs, with nothing in them. */
  private static GraphBuilder noComparison() {
    GraphBuilder g = new GraphBuilder("no_comparison", "n");
    g.output(g.node(Op.IDENTITY, g.floats(0f)), "");
    g.output(g.node(Op.IDENTITY, g.ints(0)), "");
    g.output(g.node(Op.IDENTITY, g.floats(0f)), "");
    g.output(g.node(Op.IDENTITY, g.floats(0f)), "");
    return g;
  }

  /** Whole distributions, for the few runs that want them: [batch, n_vocab], else [1, 1]. */
  private static Tensor wanted(GraphBuilder g, Tensor wanted, Tensor logprobs) {
    GraphBuilder all = new GraphBuilder("distributions", "w");
    all.output(all.node(Op.IDENTITY, logprobs), "", "");
    GraphBuilder none = new GraphBuilder("no_distributions", "o");
    none.output(none.node(Op.IDENTITY, none.reshape(none.floats(0f), 1, 1)), "", "");
    return g.branch(wanted, all, none).get(0);
  }

  /**
   * The decode loop.
   *
   * @param firstLogprobs log-probabilities of the first generated token, [batch, n_vocab]
   * @param lastPosition position of each prompt's last token, [batch, 1]
   * @param keyMask [batch, 1, 1, seq]
   */
  private void decode(
      Tensor firstLogprobs, Tensor lastPosition, Tensor keyMask, List<KeyValue> cache) {
    Tensor steps = main.input(GraphNames.DECODE_STEPS, ElementType.INT64);
    Tensor stopTokens = main.input(GraphNames.STOP_TOKENS, ElementType.INT64, "stops");

    Choice first = choose(main, firstLogprobs);
    Tensor running = running(main, first.token(), stopTokens);
    List<Tensor> state = new ArrayList<>();
    state.add(first.token());
    state.add(first.logprob());
    state.add(first.margin());
    state.add(running);
    state.add(lastPosition);
    state.add(keyMask);
    for (KeyValue layer : cache) {
      state.add(layer.key());
      state.add(layer.value());
    }
    List<Tensor> last = main.loop(steps, any(main, running), state, decodeStep(stopTokens));
    main.output(main.named(GraphNames.TOKENS, last.get(0)), "batch", "new");
    main.output(main.named(GraphNames.TOKEN_LOGPROBS, last.get(1)), "batch", "new");
    main.output(main.named(GraphNames.TOKEN_MARGINS, last.get(2)), "batch", "new");
  }

  /** One round of the decode loop: the last token goes in, the next one comes out. */
  private GraphBuilder decodeStep(Tensor stopTokens) {
    // the same at every step, so outside of the loop
    Map<HookPoint, List<Tensor>> additions = new EnumMap<>(HookPoint.class);
    for (HookPoint hookPoint : hookPoints) {
      additions.put(
          hookPoint,
          IntStream.range(0, shape.nLayers())
              .mapToObj(layer -> addition(main, hookPoint, layer, decodeRow))
              .toList());
    }
    GraphBuilder g = new GraphBuilder("decode", "d");
    g.input("round", ElementType.INT64);
    g.input("go", ElementType.BOOL);
    Tensor tokens = g.input("past_tokens", ElementType.INT64, "", "");
    Tensor logprobs = g.input("past_logprobs", ElementType.FLOAT, "", "");
    Tensor margins = g.input("past_margins", ElementType.FLOAT, "", "");
    Tensor running = g.input("past_running", ElementType.BOOL, "", 1);
    Tensor lastPosition = g.input("past_position", ElementType.INT64, "", 1);
    Tensor pastKeyMask = g.input("past_key_mask", ElementType.FLOAT, "", 1, 1, "");

    Tensor token = g.gather(tokens, g.ints(-1), 1);
    Tensor position = g.node(Op.ADD, lastPosition, g.scalar(1));
    // the new key is seen by all; a column of zeros of the right batch size, without asking for the
    // shape
    Tensor firstColumn = g.node(Op.SLICE, pastKeyMask, g.ints(0), g.ints(1), g.ints(3));
    Tensor keyMask = g.concat(3, pastKeyMask, g.node(Op.MUL, firstColumn, g.scalar(0.0)));
    List<Tensor> rotary = rotary(g, position);
    Stage stage =
        new Stage(
            g,
            true,
            rotary.get(0),
            rotary.get(1),
            keyMask,
            (hookPoint, layer) -> known(additions, hookPoint).get(layer),
            List.of());

    Tensor residual = g.reshape(g.gather(weights.embedding(), token, 0), -1, shape.dModel());
    List<KeyValue> cache = new ArrayList<>();
    for (int layer = 0; layer < shape.nLayers(); layer++) {
      LayerResult result = layer(stage, layer, residual, pastCache(g, layer));
      residual = result.residual();
      cache.add(result.cache());
    }
    Choice next = choose(g, nextLogprobs(g, residual));
    Tensor stillRunning = g.node(Op.AND, running, running(g, next.token(), stopTokens));

    g.output(any(g, stillRunning));
    g.output(g.concat(1, tokens, next.token()), "", "");
    g.output(g.concat(1, logprobs, next.logprob()), "", "");
    g.output(g.concat(1, margins, next.margin()), "", "");
    g.output(stillRunning, "", 1);
    g.output(position, "", 1);
    g.output(keyMask, "", 1, 1, "");
    for (KeyValue layer : cache) {
      g.output(layer.key(), "", shape.nKvHeads(), "", shape.dHead());
      g.output(layer.value(), "", shape.nKvHeads(), "", shape.dHead());
    }
    return g;
  }

  /**
   * A row's next token: int64, its log-probability, and by how much that is above the next best
   * token's; [batch, 1] each.
   */
  private record Choice(Tensor token, Tensor logprob, Tensor margin) {}

  private Choice choose(GraphBuilder g, Tensor logprobs) {
    List<Tensor> best = g.largest(logprobs, 2);
    List<Tensor> values = g.halves(best.get(0));
    return new Choice(
        g.halves(best.get(1)).get(0), values.get(0), g.node(Op.SUB, values.get(0), values.get(1)));
  }

  private KeyValue pastCache(GraphBuilder g, int layer) {
    return new KeyValue(
        g.input("past_key." + layer, weights.type(), "", shape.nKvHeads(), "", shape.dHead()),
        g.input("past_value." + layer, weights.type(), "", shape.nKvHeads(), "", shape.dHead()));
  }

  /** Whether each row's token is none of the stop tokens: bool [batch, 1]. */
  private Tensor running(GraphBuilder g, Tensor token, Tensor stopTokens) {
    Tensor equal = g.cast(g.node(Op.EQUAL, token, stopTokens), ElementType.INT32);
    Tensor stopped = g.reduce(Op.REDUCE_MAX, equal, true, 1);
    return g.node(Op.NOT, g.cast(stopped, ElementType.BOOL));
  }

  /** Whether any of [batch, 1] holds: bool []. */
  private Tensor any(GraphBuilder g, Tensor flags) {
    Tensor any = g.reduce(Op.REDUCE_MAX, g.cast(flags, ElementType.INT32), false, 0, 1);
    return g.cast(any, ElementType.BOOL);
  }
}
