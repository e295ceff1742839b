package steersweep.checkpoint;

import java.util.Arrays;
import java.util.List;

/** The types of stored weights that can be converted, named as safetensors names them. */
enum FloatType {
  F64(8),
  F32(4),
  F16(2),
  BF16(2);

  private final int bytes;

  FloatType(int bytes) {
    this.bytes = bytes;
  }

  /** The type of a tensor that has one of these. */
  static FloatType of(StoredTensor tensor) {
    return valueOf(tensor.dtype());
  }

  static List<String> names() {
    return Arrays.stream(values()).map(FloatType::name).toList();
  }

  /** Bytes of one element. */
  int bytes() {
    return bytes;
  }

  /** A number as this type would hold it, infinite when it does not fit. */
  double round(double value) {
    return switch (this) {
      case F64 -> value;
      case F32 -> (float) value;
      case F16 -> HalfPrecision.toFloat(HalfPrecision.toHalf((float) value));
      case BF16 -> throw new IllegalArgumentException("nothing is converted to BF16");
    };
  }

  /** The largest finite number. */
  double largest() {
    return switch (this) {
      case F64 -> Double.MAX_VALUE;
      case F32 -> Float.MAX_VALUE;
      case F16 -> HalfPrecision.MAX;
      case BF16 -> Float.intBitsToFloat(0x7f7f_0000);
    };
  }
}
