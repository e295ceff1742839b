package steersweep.graph;

import ai.onnx.proto.OnnxMl.TensorProto;

/** Element types of tensors in a graph. */
public enum ElementType {
  FLOAT(TensorProto.DataType.FLOAT),
  FLOAT16(TensorProto.DataType.FLOAT16),
  INT64(TensorProto.DataType.INT64),
  INT32(TensorProto.DataType.INT32),
  BOOL(TensorProto.DataType.BOOL);

  private final TensorProto.DataType onnx;

  ElementType(TensorProto.DataType onnx) {
    this.onnx = onnx;
  }

  int onnx() {
    return onnx.getNumber();
  }
}
