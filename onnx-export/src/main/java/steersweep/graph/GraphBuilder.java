package steersweep.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Builds one ONNX graph, or the body of a loop inside one, node by node. Every method that adds a
 * node returns the node's output; names are made up, except where one is asked for. Within a loop
 * body the tensors of the outer graph can be used.
 */
public final class GraphBuilder {
  /** Opset of the default domain. */
  public static final int OPSET = 21;

  /** The ONNX file format version that came with {@link #OPSET}. */
  private static final int IR_VERSION = 10;

  private final GraphProto.Builder graph;
  private final String prefix;
  private final Map<List<Object>, Tensor> constants = new HashMap<>();
  private int names;

  /**
   * @param name name of the graph
   * @param prefix put before every name made up here, so that a loop body and its outer graph do
   *     not share one
   */
  public GraphBuilder(String name, String prefix) {
    this.graph = GraphProto.newBuilder().setName(name);
    this.prefix = prefix;
  }

  // ---- inputs, weights, outputs ----

  /**
   * Declares an input. Axes are numbers, names for sizes known only at run time, or "" for sizes
   * that change.
   */
  public Tensor input(String name, ElementType type, Object... axes) {
    graph.addInput(valueInfo(name, type, axes));
    return new Tensor(name);
  }

  /** Declares an output of the given name for a tensor that has that name already. */
  public void output(Tensor tensor, ElementType type, Object... axes) {
    graph.addOutput(valueInfo(tensor.name(), type, axes));
  }

  /** A weight whose bytes stay in another file. */
  public Tensor external(
      String name, ElementType type, List<Long> shape, String location, long offset, long length) {
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(type.onnx())
            .addAllDims(shape)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(entry("location", location))
            .addExternalData(entry("offset", Long.toString(offset)))
            .addExternalData(entry("length", Long.toString(length))));
    return new Tensor(name);
  }

  // ---- constants ----

  /** int64 [n]. */
  public Tensor ints(long... values) {
    List<Long> list = Arrays.stream(values).boxed().toList();
    return constant(
        List.of("ints", list),
        TensorProto.newBuilder()
            .setDataType(ElementType.INT64.onnx())
            .addDims(values.length)
            .addAllInt64Data(list));
  }

  /** int64 []. */
  public Tensor scalar(long value) {
    return constant(
        List.of("int", value),
        TensorProto.newBuilder().setDataType(ElementType.INT64.onnx()).addInt64Data(value));
  }

  /** float []. */
  public Tensor scalar(double value) {
    return constant(
        List.of("float", value),
        TensorProto.newBuilder().setDataType(ElementType.FLOAT.onnx()).addFloatData((float) value));
  }

  /** float [n]. */
  public Tensor floats(float... values) {
    List<Float> list = IntStream.range(0, values.length).mapToObj(i -> values[i]).toList();
    return constant(
        List.of("floats", list),
        TensorProto.newBuilder()
            .setDataType(ElementType.FLOAT.onnx())
            .addDims(values.length)
            .addAllFloatData(list));
  }

  private Tensor constant(List<Object> key, TensorProto.Builder value) {
    return constants.computeIfAbsent(
        key,
        unused -> {
          Tensor tensor = new Tensor(name());
          graph.addInitializer(value.setName(tensor.name()));
          return tensor;
        });
  }

  // ---- nodes ----

  /** Adds a node without attributes. */
  public Tensor node(Op op, Tensor... inputs) {
    return add(op, new Tensor(name()), List.of(), inputs);
  }

  /** Adds a node with one integer attribute. */
  public Tensor node(Op op, String attribute, long value, Tensor... inputs) {
    return add(op, new Tensor(name()), List.of(attribute(attribute, value)), inputs);
  }

  /** Gives a tensor a name of its own, as outputs need. */
  public Tensor named(String name, Tensor tensor) {
    return add(Op.IDENTITY, new Tensor(name), List.of(), tensor);
  }

  /** {@code x [n, in]} times a weight kept as checkpoints do, {@code [out, in]}: [n, out]. */
  public Tensor linear(Tensor x, Tensor weight) {
    return node(Op.GEMM, "transB", 1, x, weight);
  }

  public Tensor reshape(Tensor x, long... shape) {
    return node(Op.RESHAPE, x, ints(shape));
  }

  public Tensor transpose(Tensor x, long... order) {
    AttributeProto permutation =
        AttributeProto.newBuilder()
            .setName("perm")
            .setType(AttributeProto.AttributeType.INTS)
            .addAllInts(Arrays.stream(order).boxed().toList())
            .build();
    return add(Op.TRANSPOSE, new Tensor(name()), List.of(permutation), x);
  }

  public Tensor unsqueeze(Tensor x, long axis) {
    return node(Op.UNSQUEEZE, x, ints(axis));
  }

  public Tensor gather(Tensor data, Tensor indices, long axis) {
    return node(Op.GATHER, "axis", axis, data, indices);
  }

  public Tensor concat(long axis, Tensor... parts) {
    return node(Op.CONCAT, "axis", axis, parts);
  }

  public Tensor cast(Tensor x, ElementType type) {
    return node(Op.CAST, "to", type.onnx(), x);
  }

  /** Cuts the last axis into two halves. */
  public List<Tensor> halves(Tensor x) {
    Op.SPLIT.checkInputs(1);
    List<Tensor> halves = List.of(new Tensor(name()), new Tensor(name()));
    NodeProto.Builder node =
        NodeProto.newBuilder()
            .setOpType(Op.SPLIT.onnxName())
            .setName(halves.get(0).name())
            .addInput(x.name())
            .addAttribute(attribute("axis", -1))
            .addAttribute(attribute("num_outputs", 2));
    halves.forEach(half -> node.addOutput(half.name()));
    graph.addNode(node);
    return halves;
  }

  /**
   * Adds a loop.
   *
   * @param trips int64 [], how often at most
   * @param condition bool [], whether to start at all
   * @param state what the first round receives; as many as the body takes and gives besides the
   *     condition
   * @param body a graph with inputs (round, condition, state...) and outputs (condition, state...)
   * @return the state after the last round
   */
  public List<Tensor> loop(Tensor trips, Tensor condition, List<Tensor> state, GraphBuilder body) {
    if (body.graph.getInputCount() != state.size() + 2
        || body.graph.getOutputCount() != state.size() + 1) {
      throw new IllegalArgumentException(
          "a loop body takes 2 and gives 1 more than its state of "
              + state.size()
              + "; got "
              + body.graph.getInputCount()
              + " and "
              + body.graph.getOutputCount());
    }
    List<Tensor> results = state.stream().map(unused -> new Tensor(name())).toList();
    NodeProto.Builder node =
        NodeProto.newBuilder()
            .setOpType(Op.LOOP.onnxName())
            .setName(body.graph.getName())
            .addInput(trips.name())
            .addInput(condition.name())
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("body")
                    .setType(AttributeProto.AttributeType.GRAPH)
                    .setG(body.graph));
    state.forEach(tensor -> node.addInput(tensor.name()));
    results.forEach(tensor -> node.addOutput(tensor.name()));
    graph.addNode(node);
    return results;
  }

  private Tensor add(Op op, Tensor output, List<AttributeProto> attributes, Tensor... inputs) {
    op.checkInputs(inputs.length);
    NodeProto.Builder node =
        NodeProto.newBuilder()
            .setOpType(op.onnxName())
            .setName(output.name())
            .addAllAttribute(attributes)
            .addOutput(output.name());
    for (Tensor input : inputs) {
      node.addInput(input.name());
    }
    graph.addNode(node);
    return output;
  }

  // ---- the finished model ----

  /**
   * @param metadata key facts put into the model file
   */
  public ModelProto model(String producer, String version, Map<String, String> metadata) {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(IR_VERSION)
            .setProducerName(producer)
            .setProducerVersion(version)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
            .setGraph(graph);
    metadata.forEach((key, value) -> model.addMetadataProps(entry(key, value)));
    return model.build();
  }

  private String name() {
    return prefix + names++;
  }

  private static AttributeProto attribute(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private static ValueInfoProto valueInfo(String name, ElementType type, Object... axes) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (Object axis : axes) {
      TensorShapeProto.Dimension.Builder dimension = shape.addDimBuilder();
      if (axis instanceof Number size) {
        dimension.setDimValue(size.longValue());
      } else if (!axis.toString().isEmpty()) {
        dimension.setDimParam(axis.toString());
      }
    }
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder().setElemType(type.onnx()).setShape(shape);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }
}
