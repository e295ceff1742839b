package steersweep.steerable;

import java.util.List;
import steersweep.graph.GraphBuilder;
import steersweep.graph.Op;
import steersweep.graph.Tensor;

/**
 * A row's next token.
 *
 * @param token the likeliest, of equals the lowest: int64 [batch, 1]
 * @param logprob its log-probability, [batch, 1]
 * @param margin by how much that is above the next best token's, [batch, 1]
 */
record Choice(Tensor token, Tensor logprob, Tensor margin) {
  /**
   * @param logprobs [batch, n_vocab]
   */
  static Choice of(GraphBuilder g, Tensor logprobs) {
    List<Tensor> best = g.largest(logprobs, 2);
    List<Tensor> values = g.halves(best.get(0));
    return new Choice(
        g.halves(best.get(1)).get(0), values.get(0), g.node(Op.SUB, values.get(0), values.get(1)));
  }
}
