package steersweep.steerable;

import java.util.ArrayList;
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
 * them. One after another, so that never more than [scored, n_vocab] is in memory. Scored are the
 * batch's rows, then references, which come as residual streams and share the output layer.
 */
record Scoring(Architecture architecture, Scope inMain) {
  /**
   * Adds inputs, the loop over positions, and outputs.
   *
   * @param residual the residual stream after the last layer, [batch * seq, d_model]
   */
  void build(Tensor residual) {
    GraphBuilder main = inMain.graph();
    int width = architecture.shape().dModel();
    Tensor places = main.input(GraphNames.SCORE_PLACES, ElementType.INT64);
    Tensor position = main.input(GraphNames.SCORE_POSITION, ElementType.INT64, "places", "batch");
    Tensor target = main.input(GraphNames.SCORE_TARGET, ElementType.INT64, "places", "scored");
    Tensor reference =
        main.input(GraphNames.SCORE_REFERENCE, ElementType.FLOAT, "places", "references", width);
    Comparison comparison = Comparison.declare(main);
    Tensor compare = main.input(GraphNames.SCORE_COMPARE, ElementType.BOOL);
    Tensor distributions = main.input(GraphNames.SCORE_DISTRIBUTIONS, ElementType.BOOL);

    GraphBuilder g = new GraphBuilder("score", "s");
    Scope scope = new Scope(g, inMain.weights());
    Tensor place = g.input("place", ElementType.INT64);
    Tensor go = g.input("score_go", ElementType.BOOL);
    Tensor rows = g.gather(residual, g.gather(position, place, 0), 0);
    Tensor references = scope.narrow(g.gather(reference, place, 0));
    Tensor logprobs =
        SteerableGraph.nextLogprobs(architecture, scope, g.concat(0, rows, references));
    Tensor targets = g.unsqueeze(g.gather(target, place, 0), 1);
    Tensor ofTarget = g.node(Op.GATHER_ELEMENTS, "axis", 1, logprobs, targets);
    g.output(g.node(Op.IDENTITY, go));
    g.output(g.node(Op.SQUEEZE, ofTarget, g.ints(1)), "");
    List<Tensor> compared = g.branch(compare, comparison.graph(logprobs), Comparison.nothing());
    for (Comparison.Output output : Comparison.Output.values()) {
      output.declare(g, compared.get(output.ordinal()));
    }
    g.output(wanted(g, distributions, logprobs), "", "");
    output(main.loop(places, main.node(Op.NOT, main.no()), List.of(), g));
  }

  private void output(List<Tensor> results) {
    GraphBuilder main = inMain.graph();
    main.output(main.named(GraphNames.TARGET_LOGPROBS, results.get(0)), "places", "scored");
    for (Comparison.Output output : Comparison.Output.values()) {
      Tensor result = main.named(output.graphName(), results.get(1 + output.ordinal()));
      List<String> axes = new ArrayList<>(List.of("places"));
      axes.addAll(output.axes());
      main.output(result, axes.toArray());
    }
    Tensor all = main.named(GraphNames.NEXT_LOGPROBS, results.get(results.size() - 1));
    main.output(all, "places", "scored", architecture.shape().nVocab());
  }

  /** Whole distributions, for the few runs that want them: [scored, n_vocab], else [1, 1]. */
  private static Tensor wanted(GraphBuilder g, Tensor wanted, Tensor logprobs) {
    GraphBuilder all = new GraphBuilder("distributions", "w");
    all.output(all.node(Op.IDENTITY, logprobs), "", "");
    GraphBuilder none = new GraphBuilder("no_distributions", "o");
    none.output(none.node(Op.IDENTITY, none.reshape(none.floats(0f), 1, 1)), "", "");
    return g.branch(wanted, all, none).get(0);
  }
}
