package steersweep.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalfPrecisionTest {
  /** A half's number from the definition of binary16. */
  private static double number(int half) {
    int exponent = (half >>> 10) & 0x1f;
    int fraction = half & 0x3ff;
    double magnitude =
        exponent == 0x1f
            ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
            : exponent == 0
                ? Math.scalb((double) fraction, -24)
                : Math.scalb((double) (1024 + fraction), exponent - 25);
    return (half & 0x8000) == 0 ? magnitude : -magnitude;
  }

  private static int half(float value) {
    return HalfPrecision.toHalf(value) & 0xffff;
  }

  @Test
  void everyHalfHasItsNumberAndComesBack() {
    for (int half = 0; half <= 0xffff; half++) {
      float value = HalfPrecision.toFloat((short) half);
      double expected = number(half);
      assertThat(Float.floatToIntBits(value)).isEqualTo(Float.floatToIntBits((float) expected));
      if (Double.isNaN(expected)) {
        assertThat(number(half(value))).isNaN();
      } else {
        assertThat(half(value)).isEqualTo(half);
      }
    }
  }

  /** Of all finite halves the nearest; 65520, half a step above the largest, is infinite. */
  @Test
  void betweenTwoHalvesTheNearerIsTakenAndInTheMiddleTheEven() {
    for (int below = 0; below < 0x7c00; below++) {
      double above = below == 0x7bff ? 65536 : number(below + 1);
      float middle = (float) ((number(below) + above) / 2);
      assertThat(2 * (double) middle).isEqualTo(number(below) + above);
      assertThat(half(middle)).isEqualTo(below % 2 == 0 ? below : below + 1);
      assertThat(half(Math.nextDown(middle))).isEqualTo(below);
      assertThat(half(Math.nextUp(middle))).isEqualTo(below + 1);
      assertThat(half(-middle)).isEqualTo(0x8000 | half(middle));
    }
  }

  /** Nearest by distance, in doubles, which hold every float and every half. */
  @Test
  void floatsOfAnyBitsBecomeANearestHalf() {
    Random random = new Random(7);
    for (int i = 0; i < 2_000_000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      int half = half(value);
      if (Float.isNaN(value)) {
        assertThat(number(half)).isNaN();
      } else if (Math.abs(value) >= 65520) {
        assertThat(number(half)).isEqualTo(Math.copySign(Double.POSITIVE_INFINITY, value));
      } else {
        double distance = Math.abs(number(half) - value);
        int magnitude = half & 0x7fff;
        double down = Math.abs(number(Math.max(0, magnitude - 1)) - Math.abs(value));
        double up = magnitude == 0x7bff ? 16 : number(magnitude + 1) - Math.abs(value);
        if (distance > Math.min(down, up) || half >>> 15 != Float.floatToIntBits(value) >>> 31) {
          assertThat(number(half)).as("nearest half of " + value).isEqualTo(value);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0000",
    "-0.0, 8000",
    "1, 3c00",
    "-2, c000",
    "65504, 7bff",
    "65519.996, 7bff",
    "65520, 7c00",
    "-1e9, fc00",
    "Infinity, 7c00",
    "6.1035156e-5, 0400",
    "6.097555e-5, 03ff",
    "5.9604645e-8, 0001",
    "2.9802322e-8, 0000",
    "2.9802326e-8, 0001",
    "1e-45, 0000",
    "0.1, 2e66"
  })
  void knownNumbers(float value, String half) {
    assertThat(half(value)).isEqualTo(Integer.parseInt(half, 16));
  }

  /**
   * Bits that torch gives: {@code torch.arange(0, 2**32, 977)} as the bits of floats, without NaN,
   * to float16; CRC-32 of the halves, little endian, made with torch 2.15.0.
   */
  @Test
  void fourMillionFloatsHaveTheBitsThatTorchGivesThem() {
    CRC32 crc = new CRC32();
    for (long bits = 0; bits < 1L << 32; bits += 977) {
      float value = Float.intBitsToFloat((int) bits);
      if (!Float.isNaN(value)) {
        int half = half(value);
        crc.update(half & 0xff);
        crc.update(half >>> 8);
      }
    }
    assertThat(crc.getValue()).isEqualTo(0xbc8e_a0a0L);
  }
}
