package steersweep.graph;

import static steersweep.graph.ElementType.BOOL;
import static steersweep.graph.ElementType.FLOAT;
import static steersweep.graph.ElementType.FLOAT16;
import static steersweep.graph.ElementType.INT32;
import static steersweep.graph.ElementType.INT64;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The ONNX operators that graphs are made of: the version that holds in {@link GraphBuilder#OPSET},
 * the kinds of inputs and outputs, and the types for which ONNX Runtime has a CUDA kernel of
 * exactly that version (docs/OperatorKernels.md of ONNX Runtime; a kernel registered for an older
 * version is not used for a newer operator). A node that needs another type is refused while the
 * graph is built: on a GPU it would silently run on the CPU. For the same reason there is no Shape
 * here, which ONNX Runtime places on the CPU on purpose, and no ArgMax, whose CUDA kernel ends at
 * version 11.
 *
 * <p>Kinds, one letter each: T the operator's type, I int64, B bool; + repeats the last input, ?
 * makes it optional; outputs stand behind &gt;.
 */
public enum Op {
  ADD("Add", 14, "TT>T", EnumSet.of(FLOAT, FLOAT16, INT32, INT64)),
  AND("And", 7, "TT>T", EnumSet.of(BOOL)),
  CAST("Cast", 13, "T>T", EnumSet.allOf(ElementType.class)),
  CONCAT("Concat", 13, "T+>T", EnumSet.allOf(ElementType.class)),
  COS("Cos", 7, "T>T", EnumSet.of(FLOAT, FLOAT16)),
  CUM_SUM("CumSum", 14, "TI>T", EnumSet.of(FLOAT, FLOAT16, INT32, INT64)),
  DIV("Div", 14, "TT>T", EnumSet.of(FLOAT, FLOAT16, INT32, INT64)),
  EQUAL("Equal", 13, "TT>B", EnumSet.of(BOOL, FLOAT, FLOAT16, INT32, INT64)),
  ERF("Erf", 13, "T>T", EnumSet.of(FLOAT, FLOAT16)),
  EXP("Exp", 13, "T>T", EnumSet.of(FLOAT, FLOAT16)),
  GATHER("Gather", 13, "TI>T", EnumSet.allOf(ElementType.class)),
  GATHER_ELEMENTS("GatherElements", 13, "TI>T", EnumSet.allOf(ElementType.class)),
  GEMM("Gemm", 13, "TTT?>T", EnumSet.of(FLOAT, FLOAT16)),
  GREATER_OR_EQUAL("GreaterOrEqual", 16, "TT>B", EnumSet.of(FLOAT, FLOAT16, INT32, INT64)),
  IDENTITY("Identity", 16, "T>T", EnumSet.allOf(ElementType.class)),
  IF("If", 16, "B>", EnumSet.allOf(ElementType.class)),
  LOG("Log", 13, "T>T", EnumSet.of(FLOAT, FLOAT16)),
  LOG_SOFTMAX("LogSoftmax", 13, "T>T", EnumSet.of(FLOAT, FLOAT16)),
  LOOP("Loop", 16, "IB>", EnumSet.allOf(ElementType.class)),
  MAT_MUL("MatMul", 13, "TT>T", EnumSet.of(FLOAT, FLOAT16)),
  MAX("Max", 13, "T+>T", EnumSet.of(FLOAT, FLOAT16, INT32, INT64)),
  MUL("Mul", 14, "TT>T", EnumSet.of(FLOAT, FLOAT16, INT32, INT64)),
  NOT("Not", 1, "T>T", EnumSet.of(BOOL)),
  POW("Pow", 15, "TT>T", EnumSet.of(FLOAT, FLOAT16, INT32, INT64)),
  REDUCE_MAX("ReduceMax", 13, "T>T", EnumSet.of(FLOAT, FLOAT16, INT32, INT64)),
  REDUCE_MEAN("ReduceMean", 13, "T>T", EnumSet.of(FLOAT, FLOAT16, INT32)),
  REDUCE_SUM("ReduceSum", 13, "TI>T", EnumSet.of(FLOAT, FLOAT16, INT32, INT64)),
  RESHAPE("Reshape", 14, "TI>T", EnumSet.allOf(ElementType.class)),
  SIGMOID("Sigmoid", 13, "T>T", EnumSet.of(FLOAT, FLOAT16)),
  SIN("Sin", 7, "T>T", EnumSet.of(FLOAT, FLOAT16)),
  SLICE("Slice", 13, "TIII>T", EnumSet.allOf(ElementType.class)),
  SOFTMAX("Softmax", 13, "T>T", EnumSet.of(FLOAT, FLOAT16)),
  SPLIT("Split", 13, "T>TT", EnumSet.allOf(ElementType.class)),
  SQRT("Sqrt", 13, "T>T", EnumSet.of(FLOAT, FLOAT16)),
  SQUEEZE("Squeeze", 13, "TI>T", EnumSet.allOf(ElementType.class)),
  SUB("Sub", 14, "TT>T", EnumSet.of(FLOAT, FLOAT16, INT32, INT64)),
  TOP_K("TopK", 11, "TI>TI", EnumSet.of(FLOAT, FLOAT16, INT32, INT64)),
  TRANSPOSE("Transpose", 13, "T>T", EnumSet.allOf(ElementType.class)),
  UNSQUEEZE("Unsqueeze", 13, "TI>T", EnumSet.allOf(ElementType.class)),
  WHERE("Where", 16, "BTT>T", EnumSet.of(FLOAT, FLOAT16, INT32, INT64));

  private final String onnxName;
  private final int since;
  private final String inputs;
  private final String outputs;
  private final Set<ElementType> cudaTypes;

  Op(String onnxName, int since, String kinds, Set<ElementType> cudaTypes) {
    this.onnxName = onnxName;
    this.since = since;
    this.inputs = kinds.substring(0, kinds.indexOf('>'));
    this.outputs = kinds.substring(kinds.indexOf('>') + 1);
    this.cudaTypes = cudaTypes;
  }

  public String onnxName() {
    return onnxName;
  }

  /** The operator's version: the opset that changed it last, up to {@link GraphBuilder#OPSET}. */
  public int since() {
    return since;
  }

  /** Types for which there is a CUDA kernel of this version. */
  public Set<ElementType> cudaTypes() {
    return Set.copyOf(cudaTypes);
  }

  /**
   * Types of the outputs, of inputs that fit.
   *
   * @throws IllegalArgumentException when number or types of the inputs do not fit
   */
  List<ElementType> check(List<ElementType> given) {
    String kinds = inputs.replaceAll("[+?]", "");
    int least = inputs.endsWith("?") ? kinds.length() - 1 : kinds.length();
    int most = inputs.endsWith("+") ? Integer.MAX_VALUE : kinds.length();
    if (given.size() < least || given.size() > most) {
      throw new IllegalArgumentException(
          onnxName + " takes inputs " + inputs + "; got " + given.size());
    }
    ElementType own = given.get(Math.max(0, kinds.indexOf('T')));
    for (int i = 0; i < given.size(); i++) {
      ElementType wanted = kind(kinds.charAt(Math.min(i, kinds.length() - 1)), own);
      if (given.get(i) != wanted) {
        throw new IllegalArgumentException(
            onnxName + " input " + i + ": got " + given.get(i) + ", expected " + wanted);
      }
    }
    if (kinds.indexOf('T') >= 0 && !cudaTypes.contains(own)) {
      throw new IllegalArgumentException(
          onnxName + " has no CUDA kernel for " + own + ", only for " + cudaTypes);
    }
    return outputs.chars().mapToObj(letter -> kind((char) letter, own)).toList();
  }

  private static ElementType kind(char letter, ElementType own) {
    return switch (letter) {
      case 'T' -> own;
      case 'I' -> INT64;
      case 'B' -> BOOL;
      default -> throw new IllegalStateException("no kind " + letter);
    };
  }
}
