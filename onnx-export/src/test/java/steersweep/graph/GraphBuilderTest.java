package steersweep.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GraphBuilderTest {
  private final GraphBuilder builder = new GraphBuilder("g", "n");
  private final Tensor x = builder.input("x", ElementType.FLOAT, "batch", "", 4);

  private GraphProto graph() {
    return builder.model("p", "1", Map.of()).getGraph();
  }

  @Test
  void aNodeWithTheWrongNumberOfInputsIsRefusedAndLeftOut() {
    assertThatThrownBy(() -> builder.node(Op.ADD, x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Add takes inputs TT; got 1");
    assertThatThrownBy(() -> builder.node(Op.GATHER, "axis", 1, x, x, x))
        .hasMessage("Gather takes inputs TI; got 3");
    assertThatThrownBy(() -> builder.node(Op.SLICE, x, x, x))
        .hasMessage("Slice takes inputs TIII; got 3");
    assertThatThrownBy(() -> builder.concat(0)).hasMessage("Concat takes inputs T+; got 0");
    assertThat(graph().getNodeList()).isEmpty();
  }

  @Test
  void inputsOfTheWrongTypeAreRefused() {
    Tensor half = builder.input("half", ElementType.FLOAT16, 4);

    assertThatThrownBy(() -> builder.node(Op.ADD, x, half))
        .hasMessage("Add input 1: got FLOAT16, expected FLOAT");
    assertThatThrownBy(() -> builder.gather(x, x, 0))
        .hasMessage("Gather input 1: got FLOAT, expected INT64");
    assertThatThrownBy(() -> builder.node(Op.WHERE, x, x, x))
        .hasMessage("Where input 0: got FLOAT, expected BOOL");
    assertThat(graph().getNodeList()).isEmpty();
  }

  @Test
  void aTypeWithoutACudaKernelIsRefused() {
    Tensor flag = builder.input("flag", ElementType.BOOL, 4);

    assertThatThrownBy(() -> builder.node(Op.REDUCE_MAX, flag))
        .hasMessage(
            "ReduceMax has no CUDA kernel for BOOL, only for [FLOAT, FLOAT16, INT64, INT32]");
    assertThat(graph().getNodeList()).isEmpty();
  }

  @Test
  void outputsHaveTheTypeTheOperatorGives() {
    Tensor half = builder.cast(x, ElementType.FLOAT16);

    assertThat(half.type()).isEqualTo(ElementType.FLOAT16);
    assertThat(builder.cast(half, ElementType.FLOAT16)).isSameAs(half);
    assertThat(builder.node(Op.EQUAL, half, half).type()).isEqualTo(ElementType.BOOL);
    assertThat(builder.halves(half)).extracting(Tensor::type).containsOnly(ElementType.FLOAT16);
    assertThat(builder.largest(half, 2))
        .extracting(Tensor::type)
        .containsExactly(ElementType.FLOAT16, ElementType.INT64);
    assertThat(builder.node(Op.WHERE, builder.node(Op.EQUAL, x, x), half, half).type())
        .isEqualTo(ElementType.FLOAT16);
  }

  @Test
  void aLoopWhoseBodyDoesNotFitItsStateIsRefused() {
    GraphBuilder body = new GraphBuilder("body", "b");
    body.input("round", ElementType.INT64);
    Tensor go = body.input("go", ElementType.BOOL);
    body.output(go);

    assertThatThrownBy(() -> builder.loop(builder.scalar(3), x, List.of(x), body))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a loop body takes 2 and gives at least 1 more than its state of 1; got 2 and 1");
    assertThat(graph().getNodeList()).isEmpty();
  }

  @Test
  void equalConstantsAreOneAndDifferentOnesAreNot() {
    Tensor one = builder.scalar(1);

    assertThat(builder.scalar(1)).isEqualTo(one);
    assertThat(builder.ints(1)).isNotEqualTo(one).isEqualTo(builder.ints(1));
    assertThat(builder.scalar(1.0)).isNotEqualTo(one).isEqualTo(builder.scalar(1.0));
    assertThat(builder.floats(1)).isNotEqualTo(builder.scalar(1.0)).isEqualTo(builder.floats(1));
    assertThat(builder.scalar(0.0)).isNotEqualTo(builder.scalar(-0.0));
    assertThat(builder.ints(1, 2)).isNotEqualTo(builder.ints(2, 1));
    assertThat(graph().getInitializerList())
        .hasSize(8)
        .extracting(TensorProto::getName)
        .doesNotHaveDuplicates();
  }

  @Test
  void aConstantHasItsTypeShapeAndValues() {
    builder.ints(3, -1);
    builder.scalar(2.5);

    assertThat(graph().getInitializerList())
        .containsExactly(
            TensorProto.newBuilder()
                .setName("n0")
                .setDataType(TensorProto.DataType.INT64.getNumber())
                .addDims(2)
                .addInt64Data(3)
                .addInt64Data(-1)
                .build(),
            TensorProto.newBuilder()
                .setName("n1")
                .setDataType(TensorProto.DataType.FLOAT.getNumber())
                .addFloatData(2.5f)
                .build());
  }

  @Test
  void axesAreSizesNamesOrUnknown() {
    ValueInfoProto input = graph().getInput(0);

    assertThat(input.getName()).isEqualTo("x");
    assertThat(input.getType().getTensorType().getShape().getDimList())
        .satisfiesExactly(
            named -> assertThat(named.getDimParam()).isEqualTo("batch"),
            unknown -> assertThat(unknown.getAllFields()).isEmpty(),
            size -> assertThat(size.getDimValue()).isEqualTo(4));
  }

  @Test
  void nodesAreChainedByNameInTheOrderAdded() {
    Tensor sum = builder.node(Op.ADD, x, x);
    List<Tensor> halves = builder.halves(sum);
    builder.output(builder.named("y", halves.get(1)), "", 2);

    assertThat(graph().getNodeList())
        .extracting(NodeProto::getOpType, NodeProto::getInputList, NodeProto::getOutputList)
        .map(node -> node.toList().toString())
        .containsExactly("[Add, [x, x], [n0]]", "[Split, [n0], [n1, n2]]", "[Identity, [n2], [y]]");
    assertThat(graph().getOutput(0).getName()).isEqualTo("y");
  }

  @Test
  void aLoopTakesTheBodyAndGivesItsState() {
    GraphBuilder body = new GraphBuilder("body", "b");
    body.input("round", ElementType.INT64);
    Tensor go = body.input("go", ElementType.BOOL);
    Tensor state = body.input("state", ElementType.FLOAT, "");
    body.output(go);
    body.output(body.node(Op.ADD, state, x), "");
    Tensor start = builder.input("start", ElementType.BOOL);

    List<Tensor> results = builder.loop(builder.scalar(3), start, List.of(x), body);

    NodeProto loop = graph().getNode(0);
    assertThat(results).containsExactly(new Tensor("n1", ElementType.FLOAT));
    assertThat(loop.getOpType()).isEqualTo("Loop");
    assertThat(loop.getInputList()).containsExactly("n0", "start", "x");
    assertThat(loop.getOutputList()).containsExactly("n1");
    assertThat(loop.getAttribute(0).getG().getNode(0).getInputList()).containsExactly("state", "x");
  }

  @Test
  void theModelNamesItsMakerOpsetAndMetadata() {
    ModelProto model = builder.model("steersweep", "7", Map.of("key", "value"));

    assertThat(model.getProducerName()).isEqualTo("steersweep");
    assertThat(model.getProducerVersion()).isEqualTo("7");
    assertThat(model.getIrVersion()).isEqualTo(8);
    assertThat(model.getOpsetImportList())
        .singleElement()
        .satisfies(
            opset -> {
              assertThat(opset.getDomain()).isEmpty();
              assertThat(opset.getVersion()).isEqualTo(17);
            });
    assertThat(model.getMetadataProps(0).getKey()).isEqualTo("key");
    assertThat(model.getMetadataProps(0).getValue()).isEqualTo("value");
  }
}
