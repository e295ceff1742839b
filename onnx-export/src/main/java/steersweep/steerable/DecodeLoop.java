package steersweep.steerable;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import steersweep.architecture.Architecture;
import steersweep.architecture.Block;
import steersweep.architecture.Block.KeyValue;
import steersweep.architecture.Hooks;
import steersweep.architecture.Pass;
import steersweep.architecture.Scope;
import steersweep.architecture.Source;
import steersweep.architecture.Weights;
import steersweep.graph.ElementType;
import steersweep.graph.GraphBuilder;
import steersweep.graph.Op;
import steersweep.graph.Tensor;
import steersweep.model.GraphNames;
import steersweep.model.ModelShape;

/**
 * The decode loop: greedy, steered at every generated position, ended early by stop tokens.
 *
 * @param source what an encoder has read, its keys and values made; null without one
 */
record DecodeLoop(
    Architecture architecture,
    Scope inMain,
    Tensor sequenceShape,
    Additions additions,
    @Nullable Source source) {
  /**
   * Adds inputs, the loop, and outputs.
   *
   * @param firstLogprobs log-probabilities of the first generated token, [batch, n_vocab]
   * @param lastPosition position of each prompt's last token, [batch, 1]
   * @param keyMask [batch, 1, 1, seq]
   * @param cache each layer's keys and values
   */
  void build(Tensor firstLogprobs, Tensor lastPosition, Tensor keyMask, List<KeyValue> cache) {
    GraphBuilder main = inMain.graph();
    Tensor steps = main.input(GraphNames.DECODE_STEPS, ElementType.INT64);
    Tensor stopTokens = main.input(GraphNames.STOP_TOKENS, ElementType.INT64, "stops");

    Choice first = Choice.of(main, firstLogprobs);
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
    List<Tensor> last = main.loop(steps, any(main, running), state, step(stopTokens));
    main.output(main.named(GraphNames.TOKENS, last.get(0)), "batch", "new");
    main.output(main.named(GraphNames.TOKEN_LOGPROBS, last.get(1)), "batch", "new");
    main.output(main.named(GraphNames.TOKEN_MARGINS, last.get(2)), "batch", "new");
  }

  /** One round of the loop: the last token goes in, the next one comes out. */
  private GraphBuilder step(Tensor stopTokens) {
    GraphBuilder g = new GraphBuilder("decode", "d");
    Hooks hooks = additions.ofDecoding(g);
    Weights weights = inMain.weights();
    Block block = architecture.block(new Scope(g, weights));
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
    Pass pass = new Pass(true, sequenceShape, keyMask, block.positional(position, keyMask), source);

    Tensor residual = block.embed(token, position);
    List<KeyValue> cache = new ArrayList<>();
    for (int layer = 0; layer < architecture.shape().nLayers(); layer++) {
      Block.Result result = block.layer(layer, residual, past(g, layer), pass, hooks);
      residual = result.residual();
      cache.add(result.cache());
    }
    Tensor next = SteerableGraph.nextLogprobs(architecture, new Scope(g, weights), residual);
    Choice choice = Choice.of(g, next);
    Tensor stillRunning = g.node(Op.AND, running, running(g, choice.token(), stopTokens));

    g.output(any(g, stillRunning));
    g.output(g.concat(1, tokens, choice.token()), "", "");
    g.output(g.concat(1, logprobs, choice.logprob()), "", "");
    g.output(g.concat(1, margins, choice.margin()), "", "");
    g.output(stillRunning, "", 1);
    g.output(position, "", 1);
    g.output(keyMask, "", 1, 1, "");
    ModelShape shape = architecture.shape();
    for (KeyValue layer : cache) {
      g.output(layer.key(), "", shape.nKvHeads(), "", shape.dHead());
      g.output(layer.value(), "", shape.nKvHeads(), "", shape.dHead());
    }
    return g;
  }

  private KeyValue past(GraphBuilder g, int layer) {
    ModelShape shape = architecture.shape();
    ElementType type = inMain.weights().type();
    return new KeyValue(
        g.input("past_key." + layer, type, "", shape.nKvHeads(), "", shape.dHead()),
        g.input("past_value." + layer, type, "", shape.nKvHeads(), "", shape.dHead()));
  }

  /** Whether each row's token is none of the stop tokens: bool [batch, 1]. */
  private static Tensor running(GraphBuilder g, Tensor token, Tensor stopTokens) {
    Tensor equal = g.cast(g.node(Op.EQUAL, token, stopTokens), ElementType.INT32);
    Tensor stopped = g.reduce(Op.REDUCE_MAX, equal, true, 1);
    return g.node(Op.NOT, g.cast(stopped, ElementType.BOOL));
  }

  /** Whether any of [batch, 1] holds: bool []. */
  private static Tensor any(GraphBuilder g, Tensor flags) {
    Tensor any = g.reduce(Op.REDUCE_MAX, g.cast(flags, ElementType.INT32), false, 0, 1);
    return g.cast(any, ElementType.BOOL);
  }
}
