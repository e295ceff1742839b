package steersweep.graph;

/**
 * The ONNX operators that graphs are made of, opset 21, with the number of inputs each takes. All
 * of them have CUDA kernels for float and half precision; none (such as Shape) is placed on the CPU
 * on purpose.
 */
public enum Op {
  ADD("Add", 2, 2),
  AND("And", 2, 2),
  ARG_MAX("ArgMax", 1, 1),
  CAST("Cast", 1, 1),
  CONCAT("Concat", 1, Integer.MAX_VALUE),
  COS("Cos", 1, 1),
  CUM_SUM("CumSum", 2, 2),
  DIV("Div", 2, 2),
  EQUAL("Equal", 2, 2),
  EXP("Exp", 1, 1),
  GATHER("Gather", 2, 2),
  GATHER_ELEMENTS("GatherElements", 2, 2),
  GEMM("Gemm", 2, 3),
  GREATER_OR_EQUAL("GreaterOrEqual", 2, 2),
  IDENTITY("Identity", 1, 1),
  LOG_SOFTMAX("LogSoftmax", 1, 1),
  LOOP("Loop", 2, Integer.MAX_VALUE),
  MAT_MUL("MatMul", 2, 2),
  MAX("Max", 1, Integer.MAX_VALUE),
  MUL("Mul", 2, 2),
  NOT("Not", 1, 1),
  POW("Pow", 2, 2),
  REDUCE_MAX("ReduceMax", 1, 2),
  REDUCE_MEAN("ReduceMean", 2, 2),
  REDUCE_SUM("ReduceSum", 2, 2),
  RESHAPE("Reshape", 2, 2),
  SIGMOID("Sigmoid", 1, 1),
  SIN("Sin", 1, 1),
  SLICE("Slice", 4, 5),
  SOFTMAX("Softmax", 1, 1),
  SPLIT("Split", 1, 2),
  SQRT("Sqrt", 1, 1),
  SQUEEZE("Squeeze", 2, 2),
  SUB("Sub", 2, 2),
  TRANSPOSE("Transpose", 1, 1),
  UNSQUEEZE("Unsqueeze", 2, 2),
  WHERE("Where", 3, 3);

  private final String onnxName;
  private final int minInputs;
  private final int maxInputs;

  Op(String onnxName, int minInputs, int maxInputs) {
    this.onnxName = onnxName;
    this.minInputs = minInputs;
    this.maxInputs = maxInputs;
  }

  public String onnxName() {
    return onnxName;
  }

  void checkInputs(int inputs) {
    if (inputs < minInputs || inputs > maxInputs) {
      throw new IllegalArgumentException(
          onnxName + " takes " + minInputs + ".." + maxInputs + " inputs; got " + inputs);
    }
  }
}
