package steersweep.checkpoint;

import java.util.Arrays;
import java.util.List;
import steersweep.gguf.GgufType;

/**
 * The types of stored weights that can be converted, named as safetensors and GGUF name them.
 * Quantised types store blocks of elements, the others single ones.
 */
enum FloatType {
  F64(1, 8),
  F32(1, 4),
  F16(1, 2),
  BF16(1, 2),
  Q8_0(GgufType.Q8_0),
  Q4_0(GgufType.Q4_0),
  Q4_1(GgufType.Q4_1),
  Q5_0(GgufType.Q5_0),
  Q5_1(GgufType.Q5_1),
  Q4_K(GgufType.Q4_K),
  Q5_K(GgufType.Q5_K),
  Q6_K(GgufType.Q6_K);

  private final int blockElements;
  private final int blockBytes;

  FloatType(int blockElements, int blockBytes) {
    this.blockElements = blockElements;
    this.blockBytes = blockBytes;
  }

  FloatType(GgufType type) {
    this(type.blockElements(), type.blockBytes());
  }

  /** The type of a tensor that has one of these. */
  static FloatType of(StoredTensor tensor) {
    return valueOf(tensor.dtype());
  }

  static boolean isOne(String name) {
    return Arrays.stream(values()).anyMatch(type -> type.name().equals(name));
  }

  /** Names of those that safetensors files have. */
  static List<String> ofSafetensors() {
    return Arrays.stream(values())
        .filter(type -> type.blockElements == 1)
        .map(FloatType::name)
        .toList();
  }

  /** Bytes of so many elements, which are whole blocks. */
  long bytes(long elements) {
    return Math.multiplyExact(elements / blockElements, (long) blockBytes);
  }

  /** Elements in so many bytes, which are whole blocks. */
  long elements(long bytes) {
    return bytes / blockBytes * blockElements;
  }

  int blockBytes() {
    return blockBytes;
  }

  /** A number as this type would hold it, infinite when it does not fit. */
  double round(double value) {
    return switch (this) {
      case F64 -> value;
      case F32 -> (float) value;
      case F16 -> HalfPrecision.toFloat(HalfPrecision.toHalf((float) value));
      case BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> throw notTo();
    };
  }

  /** The largest finite number. */
  double largest() {
    return switch (this) {
      case F64 -> Double.MAX_VALUE;
      case F32 -> Float.MAX_VALUE;
      case F16 -> HalfPrecision.MAX;
      case BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> throw notTo();
    };
  }

  private IllegalArgumentException notTo() {
    return new IllegalArgumentException("nothing is converted to " + this);
  }
}
