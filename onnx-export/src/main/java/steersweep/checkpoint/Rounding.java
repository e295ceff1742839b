package steersweep.checkpoint;

/**
 * What numbers lose in half precision: norm of the errors / norm of the numbers.
 *
 * @param float16 infinite if one of them does not fit
 */
public record Rounding(double bfloat16, double float16) {
  public static Rounding of(float[] numbers) {
    double squares = 0;
    double bfloat16 = 0;
    double float16 = 0;
    for (float number : numbers) {
      squares += (double) number * number;
      bfloat16 += square(toBfloat16(number) - (double) number);
      float16 += square(HalfPrecision.toFloat(HalfPrecision.toHalf(number)) - (double) number);
    }
    return squares == 0
        ? new Rounding(0, 0)
        : new Rounding(Math.sqrt(bfloat16 / squares), Math.sqrt(float16 / squares));
  }

  private static double square(double number) {
    return number * number;
  }

  /** The nearest one, of two equally near the even one. */
  private static float toBfloat16(float number) {
    int bits = Float.floatToRawIntBits(number);
    return Float.intBitsToFloat((bits + 0x7fff + ((bits >>> 16) & 1)) & 0xffff_0000);
  }
}
