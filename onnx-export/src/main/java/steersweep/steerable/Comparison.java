package steersweep.steerable;

import java.util.List;
import steersweep.graph.ElementType;
import steersweep.graph.GraphBuilder;
import steersweep.graph.Op;
import steersweep.graph.Tensor;
import steersweep.model.GraphNames;

/**
 * How far each row's distribution over the next word is from that of its base (q0), and where to:
 * the change is d = log q - log q0, [scored, n_vocab], and an axis leads from one mixture of
 * references (p-) to another (p+). Every sum over words is a product with as many columns as there
 * are bases or axes, so that few passes over [scored, n_vocab] are made and nothing of that size is
 * left behind.
 *
 * @param rows where the references stand among what is scored, int64 [references]
 * @param base int64 [bases]
 * @param rowBase int64 [compared], which broadcasts over what is scored
 * @param axisBase int64 [axes], or one for all
 * @param plus weights, [axes, references]
 * @param minus weights, [axes, references]
 */
record Comparison(
    Tensor rows, Tensor base, Tensor rowBase, Tensor axisBase, Tensor plus, Tensor minus) {
  /** Below this a mixture counts as this: the logarithm must stay finite. */
  private static final double LEAST_PROBABILITY = 1e-37;

  /** What comes out, one place at a time, and its axes behind the places. */
  enum Output {
    KL(GraphNames.KL, "scored"),
    CHANGE_VARIANCE(GraphNames.CHANGE_VARIANCE, "scored"),
    PULL(GraphNames.PULL, "scored", "axes"),
    AXIS_COVARIANCE(GraphNames.AXIS_COVARIANCE, "scored", "axes"),
    AXIS_VARIANCE(GraphNames.AXIS_VARIANCE, "axes"),
    AXIS_PULL(GraphNames.AXIS_PULL, "axes"),
    BEST_TOKEN(GraphNames.BEST_TOKEN, "scored"),
    BEST_LOGPROB(GraphNames.BEST_LOGPROB, "scored"),
    BEST_MARGIN(GraphNames.BEST_MARGIN, "scored");

    private final String graphName;
    private final List<String> axes;

    Output(String graphName, String... axes) {
      this.graphName = graphName;
      this.axes = List.of(axes);
    }

    String graphName() {
      return graphName;
    }

    List<String> axes() {
      return axes;
    }

    /** Declares it as an output of a part of the graph, where sizes have no names. */
    void declare(GraphBuilder g, Tensor tensor) {
      g.output(tensor, axes.stream().map(axis -> (Object) "").toArray());
    }
  }

  /** Declares the inputs. */
  static Comparison declare(GraphBuilder main) {
    return new Comparison(
        main.input(GraphNames.SCORE_REFERENCE_ROW, ElementType.INT64, "references"),
        main.input(GraphNames.SCORE_BASE, ElementType.INT64, "bases"),
        main.input(GraphNames.SCORE_ROW_BASE, ElementType.INT64, "compared"),
        main.input(GraphNames.SCORE_AXIS_BASE, ElementType.INT64, "axis_bases"),
        main.input(GraphNames.SCORE_AXIS_PLUS, ElementType.FLOAT, "axes", "references"),
        main.input(GraphNames.SCORE_AXIS_MINUS, ElementType.FLOAT, "axes", "references"));
  }

  /**
   * All outputs, for a branch.
   *
   * @param logprobs [scored, n_vocab]
   */
  GraphBuilder graph(Tensor logprobs) {
    GraphBuilder g = new GraphBuilder("compare", "c");
    Tensor logReferences = g.gather(logprobs, rows, 0); // [references, n_vocab]
    Tensor references = g.node(Op.EXP, logReferences);
    // [scored, n_vocab]; one base for all rows is not copied
    Tensor change = g.node(Op.SUB, logprobs, g.gather(logReferences, rowBase, 0));

    Tensor bases = g.gather(references, base, 0); // [bases, n_vocab]
    Tensor isOwn = g.node(Op.EQUAL, g.unsqueeze(rowBase, 1), g.unsqueeze(base, 0));
    Tensor own = g.cast(isOwn, ElementType.FLOAT); // [compared, bases]
    Tensor mean = sum(g, g.node(Op.MUL, g.linear(change, bases, null), own), false);
    Tensor square = g.node(Op.MUL, change, change);
    Tensor meanSquare = sum(g, g.node(Op.MUL, g.linear(square, bases, null), own), false);
    Output.KL.declare(g, g.node(Op.SUB, g.scalar(0.0), mean));
    Output.CHANGE_VARIANCE.declare(g, g.node(Op.SUB, meanSquare, g.node(Op.MUL, mean, mean)));
    axes(g, change, logReferences, references);

    Choice best = Choice.of(g, logprobs);
    Output.BEST_TOKEN.declare(g, g.node(Op.SQUEEZE, best.token(), g.ints(1)));
    Output.BEST_LOGPROB.declare(g, g.node(Op.SQUEEZE, best.logprob(), g.ints(1)));
    Output.BEST_MARGIN.declare(g, g.node(Op.SQUEEZE, best.margin(), g.ints(1)));
    return g;
  }

  private void axes(GraphBuilder g, Tensor change, Tensor logReferences, Tensor references) {
    // all [axes, n_vocab], or one base for all
    Tensor toward = g.node(Op.MAT_MUL, plus, references);
    Tensor away = g.node(Op.MAT_MUL, minus, references);
    Tensor logBase = g.gather(logReferences, axisBase, 0);
    Tensor ofBase = g.gather(references, axisBase, 0);
    Tensor logToward = logarithm(g, toward);
    Tensor axis = g.node(Op.SUB, logToward, logarithm(g, away));
    Tensor centred = g.node(Op.SUB, axis, sum(g, g.node(Op.MUL, ofBase, axis), true));
    Tensor covaries = g.node(Op.MUL, ofBase, centred);
    Tensor pulls = g.node(Op.SUB, toward, away);

    Tensor products = g.linear(change, g.concat(0, pulls, covaries), null); // [scored, 2 * axes]
    List<Tensor> halves = g.halves(products);
    Output.PULL.declare(g, halves.get(0));
    Output.AXIS_COVARIANCE.declare(g, halves.get(1));
    Output.AXIS_VARIANCE.declare(g, sum(g, g.node(Op.MUL, covaries, centred), false));
    Tensor prompting = g.node(Op.SUB, logToward, logBase);
    Output.AXIS_PULL.declare(g, sum(g, g.node(Op.MUL, pulls, prompting), false));
  }

  private static Tensor logarithm(GraphBuilder g, Tensor probabilities) {
    return g.node(Op.LOG, g.node(Op.MAX, probabilities, g.scalar(LEAST_PROBABILITY)));
  }

  /** Over the last of two axes. */
  private static Tensor sum(GraphBuilder g, Tensor x, boolean keepDimensions) {
    return g.node(Op.REDUCE_SUM, "keepdims", keepDimensions ? 1 : 0, x, g.ints(1));
  }

  /** The same outputs, with nothing in them. */
  static GraphBuilder nothing() {
    GraphBuilder g = new GraphBuilder("no_comparison", "n");
    for (Output output : Output.values()) {
      Tensor zero = output == Output.BEST_TOKEN ? g.ints(0) : g.floats(0f);
      output.declare(
          g, output.axes().size() == 2 ? g.reshape(zero, 1, 1) : g.node(Op.IDENTITY, zero));
    }
    return g;
  }
}
