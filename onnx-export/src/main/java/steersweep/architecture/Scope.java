package steersweep.architecture;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import steersweep.checkpoint.Activation;
import steersweep.checkpoint.Rope;
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

  /** The same with a matrix that lies as [in, out], as transformers' {@code Conv1D} has it. */
  Tensor conv1d(Tensor x, String part) {
    Tensor matrix = weights.matrix(part + Weights.WEIGHT);
    Tensor bias = Objects.requireNonNull(weights.bias(part + Weights.BIAS), part);
    return narrow(graph.node(Op.GEMM, graph.cast(x, matrix.type()), matrix, bias));
  }

  /**
   * LayerNorm over the last axis: (x - mean) / sqrt(variance + eps) in float32, then * weight +
   * bias. Written out in this order ONNX Runtime fuses it into one kernel.
   */
  Tensor layerNorm(Tensor x, String part, double eps) {
    Tensor wide = wide(x);
    Tensor centred = graph.node(Op.SUB, wide, graph.reduce(Op.REDUCE_MEAN, wide, true, -1));
    Tensor square = graph.node(Op.POW, centred, graph.scalar(2.0));
    Tensor variance = graph.reduce(Op.REDUCE_MEAN, square, true, -1);
    Tensor root = graph.node(Op.SQRT, graph.node(Op.ADD, variance, graph.scalar(eps)));
    Tensor normed = narrow(graph.node(Op.DIV, centred, root));
    Tensor scaled = graph.node(Op.MUL, normed, weights.stored(part + Weights.WEIGHT));
    return graph.node(Op.ADD, scaled, weights.stored(part + Weights.BIAS));
  }

  /** Element by element; what is more than a product in float32. */
  Tensor activation(Activation function, Tensor x) {
    return switch (function) {
      case GELU -> narrow(gelu(wide(x)));
      case GELU_TANH -> narrow(geluTanh(wide(x)));
      case RELU -> graph.node(Op.MAX, x, narrow(graph.scalar(0.0)));
      case SILU -> graph.node(Op.MUL, x, graph.node(Op.SIGMOID, x));
    };
  }

  private Tensor gelu(Tensor x) {
    Tensor scaled = graph.node(Op.MUL, x, graph.scalar(Math.sqrt(0.5)));
    Tensor share = graph.node(Op.ADD, graph.node(Op.ERF, scaled), graph.scalar(1.0));
    return graph.node(Op.MUL, graph.node(Op.MUL, x, graph.scalar(0.5)), share);
  }

  /** 0.5 x (1 + tanh(y)) is x sigmoid(2 y). */
  private Tensor geluTanh(Tensor x) {
    Tensor cube = graph.node(Op.MUL, graph.node(Op.MUL, x, x), x);
    Tensor inner = graph.node(Op.ADD, x, graph.node(Op.MUL, cube, graph.scalar(0.044715)));
    Tensor doubled = graph.node(Op.MUL, inner, graph.scalar(2 * Math.sqrt(2 / Math.PI)));
    return graph.node(Op.MUL, x, graph.node(Op.SIGMOID, doubled));
  }

  /**
   * Rotary cosines and sines, computed rather than tabled: [batch, 1, pos, width / 2] each.
   *
   * @param positions int64 [batch, pos]
   * @param width dimensions of a head that are turned
   */
  List<Tensor> rotary(Tensor positions, Rope rope, int width) {
    Tensor column = graph.unsqueeze(graph.cast(positions, ElementType.FLOAT), 2);
    Tensor frequencies = graph.floats(rope.frequencies(width));
    Tensor angles = graph.unsqueeze(graph.node(Op.MUL, column, frequencies), 1);
    return List.of(narrow(graph.node(Op.COS, angles)), narrow(graph.node(Op.SIN, angles)));
  }

  /**
   * Rotary embedding of [batch, heads, pos, width], first half paired with second half as
   * transformers does, by the angles of {@link #rotary}.
   */
  Tensor rotate(Tensor x, Pass pass) {
    Tensor cos = pass.positional().get(0);
    Tensor sin = pass.positional().get(1);
    List<Tensor> halves = graph.halves(x);
    Tensor first = halves.get(0);
    Tensor second = halves.get(1);
    Tensor rotatedFirst =
        graph.node(Op.SUB, graph.node(Op.MUL, first, cos), graph.node(Op.MUL, second, sin));
    Tensor rotatedSecond =
        graph.node(Op.ADD, graph.node(Op.MUL, second, cos), graph.node(Op.MUL, first, sin));
    return graph.concat(-1, rotatedFirst, rotatedSecond);
  }
}
