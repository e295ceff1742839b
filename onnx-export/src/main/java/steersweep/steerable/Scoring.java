package steersweep.steerable;

import java.util.List;
import steersweep.architecture.Architecture;
import steersweep.architecture.Scope;
import steersweep.graph.ElementType;
import steersweep.graph.GraphBuilder;
import steersweep.graph.Op;
import steersweep.graph.Tensor;
import steersweep.model.GraphNames;

/**
 * Scoring, at the positions that the caller names: each row of the batch has the same number of
 * them. One after another, so that never more than [batch, n_vocab] is in memory.
 */
record Scoring(Architecture architecture, Scope inMain) {
  /**
   * Adds inputs, the loop over positions, and outputs.
   *
   * @param residual the residual stream after the last layer, [batch * seq, d_model]
   */
  void build(Tensor residual) {
    GraphBuilder main = inMain.graph();
    Tensor places = main.input(GraphNames.SCORE_PLACES, ElementType.INT64);
    Tensor position = main.input(GraphNames.SCORE_POSITION, ElementType.INT64, "places", "batch");
    Tensor target = main.input(GraphNames.SCORE_TARGET, ElementType.INT64, "places", "batch");
    Tensor reference = main.input(GraphNames.SCORE_REFERENCE_ROW, ElementType.INT64, "compared");
    Tensor compare = main.input(GraphNames.SCORE_COMPARE, ElementType.BOOL);

    GraphBuilder g = new GraphBuilder("score", "s");
    Tensor place = g.input("place", ElementType.INT64);
    Tensor go = g.input("score_go", ElementType.BOOL);
    Tensor rows = g.gather(residual, g.gather(position, place, 0), 0);
    Scope scope = new Scope(g, inMain.weights());
    Tensor logprobs = SteerableGraph.nextLogprobs(architecture, scope, rows);
    Tensor targets = g.unsqueeze(g.gather(target, place, 0), 1);
    Tensor ofTarget = g.node(Op.GATHER_ELEMENTS, "axis", 1, logprobs, targets);
    g.output(g.node(Op.IDENTITY, go));
    g.output(g.node(Op.SQUEEZE, ofTarget, g.ints(1)), "");
    for (Tensor compared : g.branch(compare, compare(logprobs, reference), noComparison())) {
      g.output(compared, "");
    }
    Tensor distributions = main.input(GraphNames.SCORE_DISTRIBUTIONS, ElementType.BOOL);
    g.output(wanted(g, distributions, logprobs), "", "");
    output(main.loop(places, main.node(Op.NOT, main.no()), List.of(), g));
  }

  private void output(List<Tensor> results) {
    GraphBuilder main = inMain.graph();
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
    main.output(all, "places", "batch", architecture.shape().nVocab());
  }

  /** What goes over the whole vocabulary again and again, so only when it is wanted. */
  private static GraphBuilder compare(Tensor logprobs, Tensor reference) {
    GraphBuilder g = new GraphBuilder("compare", "c");
    Tensor referenceLogprobs = g.gather(logprobs, reference, 0);
    Tensor ratio = g.node(Op.SUB, referenceLogprobs, logprobs);
    Tensor summands = g.node(Op.MUL, g.node(Op.EXP, referenceLogprobs), ratio);
    g.output(g.node(Op.REDUCE_SUM, "keepdims", 0, summands, g.ints(1)), "");
    Choice best = Choice.of(g, logprobs);
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
}
