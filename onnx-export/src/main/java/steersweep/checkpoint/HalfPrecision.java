package steersweep.checkpoint;

/**
 * IEEE 754 binary16, "F16" in safetensors, to and from float; the same bits as torch gives. Java
 * has this since version 20 only.
 */
final class HalfPrecision {
  /** Largest finite number. */
  static final float MAX = 65504;

  private static final int FLOAT_INFINITY = 0x7f80_0000;

  /** Bits of 2^16, from where on the exponent does not fit. */
  private static final int TOO_LARGE = 0x4780_0000;

  /** Bits of 2^-14, the smallest normal number. */
  private static final int SMALLEST_NORMAL = 0x3880_0000;

  /** What a float's exponent bias is larger by than a half's: 127 - 15, in place. */
  private static final int BIAS = 112 << 23;

  /** Every half as a float: 65,536 of them. */
  private static final float[] FLOATS = floats();

  private HalfPrecision() {}

  static float toFloat(short half) {
    return FLOATS[half & 0xffff];
  }

  /** The nearest half, of two equally near the even one; beyond all halves infinity. */
  static short toHalf(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    int magnitude = bits & 0x7fff_ffff;
    int half;
    if (magnitude >= TOO_LARGE) {
      half = magnitude > FLOAT_INFINITY ? 0x7e00 : 0x7c00;
    } else if (magnitude >= SMALLEST_NORMAL) {
      // half of a unit in the last place, less one bit when that place is even;
      // a carry runs into the exponent, where it belongs
      half = (magnitude - BIAS + 0xfff + ((magnitude >>> 13) & 1)) >>> 13;
    } else {
      // a unit in the last place of [0.5, 1) is 2^-24, that of halves near zero: the adder rounds
      float rounded = Float.intBitsToFloat(magnitude) + 0.5f;
      half = Float.floatToRawIntBits(rounded) - Float.floatToRawIntBits(0.5f);
    }
    return (short) (sign | half);
  }

  private static float[] floats() {
    float[] floats = new float[1 << 16];
    for (int half = 0; half < floats.length; half++) {
      int sign = (half & 0x8000) << 16;
      int exponent = (half >>> 10) & 0x1f;
      int fraction = half & 0x3ff;
      if (exponent == 0) {
        float magnitude = fraction * 0x1p-24f;
        floats[half] = sign == 0 ? magnitude : -magnitude;
      } else {
        int rebased = exponent == 0x1f ? FLOAT_INFINITY : (exponent << 23) + BIAS;
        floats[half] = Float.intBitsToFloat(sign | rebased | fraction << 13);
      }
    }
    return floats;
  }
}
