package steersweep.architecture;

import steersweep.graph.GraphBuilder;
import steersweep.graph.Op;
import steersweep.graph.Tensor;

/**
 * Attention between heads, with or without grouping.
 *
 * @param nHeads query heads
 * @param nKvHeads key and value heads; a divisor of {@code nHeads}
 * @param dHead width of one head
 */
record Attention(Scope scope, Pass pass, int nHeads, int nKvHeads, int dHead) {
  /** In a reshape from four axes to four, 0 in the last place keeps the last axis. */
  private static final long LAST_AXIS = 0;

  /** [batch * pos, heads * d_head] to [batch, heads, pos, d_head]. */
  Tensor split(Tensor flat, int heads) {
    GraphBuilder g = scope.graph();
    if (pass.single()) {
      return g.reshape(flat, -1, heads, 1, dHead);
    }
    Tensor shaped = g.node(Op.RESHAPE, flat, pass.sequenceShape());
    return g.transpose(g.reshape(shaped, 0, 0, heads, dHead), 0, 2, 1, 3);
  }

  /**
   * What each query head reads from the values, z: softmax(query key^T + mask) value.
   *
   * @param query [batch, n_heads, pos, d_head], with whatever scaling there is
   * @param key [batch, n_kv_heads, key_pos, d_head]
   * @param value the same shape
   * @param mask added to the scores, [batch, 1 or n_heads, pos or 1, key_pos]
   * @return [batch * pos, n_heads * d_head]
   */
  Tensor attend(Tensor query, Tensor key, Tensor value, Tensor mask) {
    GraphBuilder g = scope.graph();
    // scores [batch, n_heads, pos, key_pos]
    Tensor scores = g.node(Op.MAT_MUL, group(query), g.transpose(key, 0, 1, 3, 2));
    Tensor masked = g.node(Op.ADD, scope.wide(ungroup(scores)), mask);
    Tensor attention = scope.narrow(g.node(Op.SOFTMAX, "axis", -1, masked));
    return merge(ungroup(g.node(Op.MAT_MUL, group(attention), value)));
  }

  /** [batch, n_heads, pos, d_head] to [batch * pos, n_heads * d_head]. */
  private Tensor merge(Tensor x) {
    GraphBuilder g = scope.graph();
    Tensor ordered = pass.single() ? x : g.transpose(x, 0, 2, 1, 3);
    return g.reshape(ordered, -1, (long) nHeads * dHead);
  }

  /**
   * [batch, n_heads, pos, n] to [batch, n_kv_heads, group * pos, n]: the query heads of a group are
   * rows of one product with the key head they share. Nothing to do without grouped-query
   * attention.
   */
  private Tensor group(Tensor x) {
    return nHeads == nKvHeads ? x : scope.graph().reshape(x, 0, nKvHeads, -1, LAST_AXIS);
  }

  /** The way back from {@link #group}. */
  private Tensor ungroup(Tensor x) {
    return nHeads == nKvHeads ? x : scope.graph().reshape(x, 0, nHeads, -1, LAST_AXIS);
  }
}
