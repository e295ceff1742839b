package steersweep.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LeaveOneOutTest {
  private static final int PAIRS = 6;
  private static final int WIDTH = 5;

  /** What numpy makes of the same numbers, leaving each pair out in turn, in float64. */
  @Test
  void figuresAreThoseOfLeavingEachPairOut() {
    LeaveOneOut all = judged(new LeaveOneOut(0, WIDTH), PAIRS, 1);
    assertThat(all.agreement()).isCloseTo(0.9119599037169883, within(1e-6));
    assertThat(all.separation()).isCloseTo(1.4033182300977927, within(1e-6));

    LeaveOneOut head = judged(new LeaveOneOut(2, 3), PAIRS, 1);
    assertThat(head.agreement()).isCloseTo(0.8987766691716206, within(1e-6));
    assertThat(head.separation()).isCloseTo(1.0330507348961635, within(1e-6));
  }

  @Test
  void sidesThatAreTurnedRoundAreAsFarApart() {
    LeaveOneOut one = judged(new LeaveOneOut(0, WIDTH), PAIRS, 1);
    LeaveOneOut other = judged(new LeaveOneOut(0, WIDTH), PAIRS, -1);
    assertThat(other.agreement()).isCloseTo(one.agreement(), within(1e-12));
    assertThat(other.separation()).isCloseTo(one.separation(), within(1e-12));
  }

  /** As many numbers as pairs: in-sample, pairs of noise would agree. */
  @Test
  void noiseDoesNotAgreeHoweverManyNumbersItHas() {
    Random random = new Random(3);
    int width = 600;
    float[][][] texts = new float[2][64][width];
    for (float[][] side : texts) {
      for (float[] text : side) {
        for (int i = 0; i < width; i++) {
          text[i] = (float) random.nextGaussian();
        }
      }
    }
    LeaveOneOut noise = new LeaveOneOut(0, width);
    for (int i = 0; i < 64; i++) {
      noise.add(texts[0][i], texts[1][i]);
    }
    for (int i = 0; i < 64; i++) {
      noise.judge(texts[0][i], texts[1][i]);
    }
    assertThat(noise.agreement()).isCloseTo(0, within(0.02));
    assertThat(noise.separation()).isCloseTo(0, within(0.5));
  }

  @Test
  void aSinglePairHasNothingToAgreeWith() {
    LeaveOneOut one = judged(new LeaveOneOut(0, WIDTH), 1, 1);
    assertThat(one.agreement()).isNull();
    assertThat(one.separation()).isNull();
  }

  @Test
  void activationsThatAreTheSameButForRoundingDoNotDiffer() {
    LeaveOneOut same = new LeaveOneOut(0, 2);
    float[] once = {1f, 2f};
    float[] again = {1f, Math.nextUp(2f)};
    same.add(once, again);
    same.add(again, once);
    same.judge(once, again);
    same.judge(again, once);
    assertThat(same.agreement()).isZero();
    assertThat(same.separation()).isNull();
  }

  private static LeaveOneOut judged(LeaveOneOut of, int pairs, int sign) {
    for (int i = 0; i < pairs; i++) {
      of.add(text(sign, i), text(-sign, i));
    }
    for (int i = 0; i < pairs; i++) {
      of.judge(text(sign, i), text(-sign, i));
    }
    return of;
  }

  private static float[] text(int sign, int i) {
    float[] text = new float[WIDTH];
    for (int k = 0; k < WIDTH; k++) {
      text[k] =
          (float)
              (Math.sin(1.7 * i + 0.9 * k * k)
                  + sign * (0.6 * Math.cos(k) + 0.3 * Math.sin(2.3 * i * k)));
    }
    return text;
  }
}
