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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Builds one ONNX graph, or the body of a loop or a branch inside one, node by node. Every method
 * that adds a node returns the node's output; names are made up, except where one is asked for.
 * Within a loop body the tensors of the outer graph can be used.
 */
public final class GraphBuilder {
  /**
   * Opset of the default domain: the newest one in which every operator used here has a CUDA kernel
   * in ONNX Runtime (from 18 on, ReduceMax and ReduceMean have none in some releases).
   */
  public static final int OPSET = 17;

  /** The ONNX file format version that came with {@link #OPSET}. */
  private static final int IR_VERSION = 8;

  private final GraphProto.Builder graph;
  private final String prefix;
  private final List<Tensor> outputs = new ArrayList<>();
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
    return new Tensor(name, type);
  }

  /** Declares a tensor as an output, under its own name. */
  public void output(Tensor tensor, Object... axes) {
    graph.addOutput(valueInfo(tensor.name(), tensor.type(), axes));
    outputs.add(tensor);
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
    return new Tensor(name, type);
  }

  // ---- constants ----

  /** int64 [n]. */
  public Tensor ints(long... values) {
    List<Long> list = Arrays.stream(values).boxed().toList();
    return constant(
        List.of("ints", list),
        ElementType.INT64,
        TensorProto.newBuilder().addDims(values.length).addAllInt64Data(list));
  }

  /** int64 []. */
  public Tensor scalar(long value) {
    return constant(
        List.of("int", value), ElementType.INT64, TensorProto.newBuilder().addInt64Data(value));
  }

  /** bool [], false. */
  public Tensor no() {
    return constant(List.of("no"), ElementType.BOOL, TensorProto.newBuilder().addInt32Data(0));
  }

  /** float []. */
  public Tensor scalar(double value) {
    return constant(
        List.of("float", value),
        ElementType.FLOAT,
        TensorProto.newBuilder().addFloatData((float) value));
  }

  /** float [n]. */
  public Tensor floats(float... values) {
    List<Float> list = IntStream.range(0, values.length).mapToObj(i -> values[i]).toList();
    return constant(
        List.of("floats", list),
        ElementType.FLOAT,
        TensorProto.newBuilder().addDims(values.length).addAllFloatData(list));
  }

  private Tensor constant(List<Object> key, ElementType type, TensorProto.Builder value) {
    return constants.computeIfAbsent(
        key,
        unused -> {
          Tensor tensor = new Tensor(name(), type);
          graph.addInitializer(value.setName(tensor.name()).setDataType(type.onnx()));
          return tensor;
        });
  }

  // ---- nodes ----

  /** Adds a node without attributes. */
  public Tensor node(Op op, Tensor... inputs) {
    return add(op, List.of(), inputs).get(0);
  }

  /** Adds a node with one integer attribute. */
  public Tensor node(Op op, String attribute, long value, Tensor... inputs) {
    return add(op, List.of(attribute(attribute, value)), inputs).get(0);
  }

  /** Gives a tensor a name of its own, as outputs need. */
  public Tensor named(String name, Tensor tensor) {
    Tensor named = new Tensor(name, tensor.type());
    add(Op.IDENTITY, List.of(), List.of(named), tensor);
    return named;
  }

  /**
   * {@code x [n, in]} times a weight kept as checkpoints do, {@code [out, in]}, plus a bias {@code
   * [out]} if there is one: [n, out].
   */
  public Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias) {
    return bias == null
        ? node(Op.GEMM, "transB", 1, x, weight)
        : node(Op.GEMM, "transB", 1, x, weight, bias);
  }

  public Tensor reshape(Tensor x, long... shape) {
    return node(Op.RESHAPE, x, ints(shape));
  }

  public Tensor transpose(Tensor x, long... order) {
    return add(Op.TRANSPOSE, List.of(attribute("perm", order)), x).get(0);
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

  /** The same tensor if it has the type already. */
  public Tensor cast(Tensor x, ElementType type) {
    if (x.type() == type) {
      return x;
    }
    Tensor cast = new Tensor(name(), type);
    add(Op.CAST, List.of(attribute("to", type.onnx())), List.of(cast), x);
    return cast;
  }

  /** A reduction (ReduceMax or ReduceMean) whose axes are an attribute. */
  public Tensor reduce(Op op, Tensor x, boolean keepDimensions, long... axes) {
    return add(
            op, List.of(attribute("axes", axes), attribute("keepdims", keepDimensions ? 1 : 0)), x)
        .get(0);
  }

  /** Along one axis, from the first index to before the second. */
  public Tensor slice(Tensor x, long axis, long from, long to) {
    return node(Op.SLICE, x, ints(from), ints(to), ints(axis));
  }

  /** Cuts the last axis into two halves. */
  public List<Tensor> halves(Tensor x) {
    return add(Op.SPLIT, List.of(attribute("axis", -1)), x);
  }

  /**
   * Along the last axis, the {@code n} largest values and their indices (int64), in falling order,
   * of equal values the one with the lowest index first: two tensors with a last axis of n.
   */
  public List<Tensor> largest(Tensor x, int n) {
    return add(Op.TOP_K, List.of(attribute("axis", -1)), x, ints(n));
  }

  /**
   * Adds a loop.
   *
   * @param trips int64 [], how often at most
   * @param condition bool [], whether to start at all
   * @param state what the first round receives
   * @param body a graph with inputs (round, condition, state...) and outputs (condition, state...),
   *     and behind those whatever is to be stacked, one layer a round, along a new first axis
   * @return the state after the last round, then what was stacked
   */
  public List<Tensor> loop(Tensor trips, Tensor condition, List<Tensor> state, GraphBuilder body) {
    if (body.graph.getInputCount() != state.size() + 2
        || body.graph.getOutputCount() < state.size() + 1) {
      throw new IllegalArgumentException(
          "a loop body takes 2 and gives at least 1 more than its state of "
              + state.size()
              + "; got "
              + body.graph.getInputCount()
              + " and "
              + body.graph.getOutputCount());
    }
    Op.LOOP.check(List.of(trips.type(), condition.type()));
    List<Tensor> results =
        body.outputs.stream().skip(1).map(output -> new Tensor(name(), output.type())).toList();
    NodeProto.Builder node =
        NodeProto.newBuilder()
            .setOpType(Op.LOOP.onnxName())
            .setName(body.graph.getName())
            .addInput(trips.name())
            .addInput(condition.name())
            .addAttribute(attribute("body", body));
    state.forEach(tensor -> node.addInput(tensor.name()));
    results.forEach(tensor -> node.addOutput(tensor.name()));
    graph.addNode(node);
    return results;
  }

  /**
   * Adds a choice between two graphs without inputs, of which one is run.
   *
   * @param condition bool []
   * @param then run if it holds
   * @param otherwise run if not; has outputs of the same types
   * @return the outputs of the one that is run
   */
  public List<Tensor> branch(Tensor condition, GraphBuilder then, GraphBuilder otherwise) {
    return branch(condition, then, otherwise, Map.of());
  }

  /**
   * The same, with names for some of the results, by their numbers: an output that is something
   * else's input too need not be copied to have a name.
   */
  public List<Tensor> branch(
      Tensor condition, GraphBuilder then, GraphBuilder otherwise, Map<Integer, String> named) {
    Op.IF.check(List.of(condition.type()));
    List<ElementType> types = then.outputs.stream().map(Tensor::type).toList();
    if (!types.equals(otherwise.outputs.stream().map(Tensor::type).toList())) {
      throw new IllegalArgumentException("both branches give outputs of the same types");
    }
    List<Tensor> results = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      String given = named.get(i);
      results.add(new Tensor(given == null ? name() : given, types.get(i)));
    }
    NodeProto.Builder node =
        NodeProto.newBuilder()
            .setOpType(Op.IF.onnxName())
            .setName(then.graph.getName())
            .addInput(condition.name())
            .addAttribute(attribute("then_branch", then))
            .addAttribute(attribute("else_branch", otherwise));
    results.forEach(tensor -> node.addOutput(tensor.name()));
    graph.addNode(node);
    return results;
  }

  private List<Tensor> add(Op op, List<AttributeProto> attributes, Tensor... inputs) {
    List<Tensor> outputs =
        op.check(types(inputs)).stream().map(type -> new Tensor(name(), type)).toList();
    return add(op, attributes, outputs, inputs);
  }

  private List<Tensor> add(
      Op op, List<AttributeProto> attributes, List<Tensor> outputs, Tensor... inputs) {
    op.check(types(inputs));
    NodeProto.Builder node =
        NodeProto.newBuilder()
            .setOpType(op.onnxName())
            .setName(outputs.get(0).name())
            .addAllAttribute(attributes);
    for (Tensor input : inputs) {
      node.addInput(input.name());
    }
    outputs.forEach(output -> node.addOutput(output.name()));
    graph.addNode(node);
    return outputs;
  }

  private static List<ElementType> types(Tensor... tensors) {
    return Arrays.stream(tensors).map(Tensor::type).toList();
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

  private static AttributeProto attribute(String name, GraphBuilder part) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.GRAPH)
        .setG(part.graph)
        .build();
  }

  private static AttributeProto attribute(String name, long[] values) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INTS)
        .addAllInts(Arrays.stream(values).boxed().toList())
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
