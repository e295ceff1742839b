package steersweep.architecture;

import org.jspecify.annotations.Nullable;
import steersweep.graph.ElementType;
import steersweep.graph.GraphBuilder;
import steersweep.graph.Op;
import steersweep.graph.Tensor;

/**
 * A graph that a forward pass is written into, with the weights it may use.
 *
 * @param graph where nodes go
 * @param weights declared in the main graph, and so visible in all its parts
 */
public record Scope(GraphBuilder graph, Weights weights) {
  /** To float32, where half precision is not enough; nothing to do in a float32 graph. */
  public Tensor wide(Tensor x) {
    return graph.cast(x, ElementType.FLOAT);
  }

  /** To the type that the graph computes in. */
  public Tensor narrow(Tensor x) {
    return graph.cast(x, weights.type());
  }

  /** Rows of a table, as embeddings are: [n, ...] and [batch, pos] to [batch * pos, width]. */
  Tensor rows(String table, Tensor indices, int width) {
    return graph.reshape(graph.gather(weights.stored(table), indices, 0), -1, width);
  }

  /**
   * A product with a checkpoint's linear layer and, where it has one, its bias: [n, in] to [n,
   * out].
   *
   * @param part name of the layer, without {@code .weight}
   */
  Tensor linear(Tensor x, String part) {
    return linear(x, weights.matrix(part + Weights.WEIGHT), weights.bias(part + Weights.BIAS));
  }

  /** A product in the type of its weight, rounded to the type that the graph computes in. */
  Tensor linear(Tensor x, Tensor matrix, @Nullable Tensor bias) {
    return narrow(graph.linear(graph.cast(x, matrix.type()), matrix, bias));
  }

  /**
   * RMSNorm over the last axis: x / sqrt(mean(x^2) + eps) in float32, then * weight. Written out;
   * ONNX Runtime fuses it into one kernel.
   */
  Tensor rmsNorm(Tensor x, String part, double eps) {
    Tensor wide = wide(x);
    Tensor square = graph.node(Op.POW, wide, graph.scalar(2.0));
    Tensor meanSquare = graph.reduce(Op.REDUCE_MEAN, square, true, -1);
    Tensor root = graph.node(Op.SQRT, graph.node(Op.ADD, meanSquare, graph.scalar(eps)));
    Tensor normed = narrow(graph.node(Op.DIV, wide, root));
    return graph.node(Op.MUL, normed, weights.stored(part + Weights.WEIGHT));
  }
}
