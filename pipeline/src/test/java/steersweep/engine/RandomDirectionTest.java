package steersweep.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;

class RandomDirectionTest {
  /** 2 layers, 4 query heads, 2 value heads, 32 wide, heads 8 wide. */
  private static final ModelShape SHAPE = new ModelShape(2, 4, 2, 32, 8, 64, 100, 128);

  private static final Activations ORIGINAL = original();

  private static Activations original() {
    Random random = new Random(7);
    float[][] values = new float[2][4 * 16];
    float[][] residuals = new float[2][4 * 32];
    for (int layer = 0; layer < 2; layer++) {
      for (int i = 0; i < values[layer].length; i++) {
        values[layer][i] = (i + 1) * (float) random.nextGaussian();
      }
      for (int i = 0; i < residuals[layer].length; i++) {
        residuals[layer][i] = (float) random.nextGaussian();
      }
    }
    return Activations.of(4, Map.of(HookPoint.VALUE, values, HookPoint.RESIDUAL_POST, residuals));
  }

  @Test
  void everyRowAndHeadHasTheOriginalsNormMeanAndLastToo() {
    Activations random = RandomDirection.like(ORIGINAL, SHAPE, "seed");

    assertThat(random.positions()).isEqualTo(4);
    for (HookPoint hookPoint : new HookPoint[] {HookPoint.VALUE, HookPoint.RESIDUAL_POST}) {
      int headWidth = hookPoint.width(SHAPE) / hookPoint.heads(SHAPE);
      for (int layer = 0; layer < 2; layer++) {
        float[] wanted = ORIGINAL.at(hookPoint, layer);
        float[] drawn = random.at(hookPoint, layer);
        assertThat(drawn).hasSameSizeAs(wanted);
        for (int head = 0; head < wanted.length; head += headWidth) {
          assertThat(Dose.norm(drawn, head, 0, headWidth) / Dose.norm(wanted, head, 0, headWidth))
              .isCloseTo(1, within(1e-6));
        }
      }
    }
  }

  @Test
  void rowsOfAHeadShareADirectionAndHeadsLayersAndDrawsDoNot() {
    Activations random = RandomDirection.like(ORIGINAL, SHAPE, "seed");
    float[] layer = random.at(HookPoint.VALUE, 0);

    assertThat(cosine(layer, 0, layer, 16)).isCloseTo(1, within(1e-6));
    assertThat(cosine(layer, 0, layer, 8)).isBetween(-0.95, 0.95);
    assertThat(cosine(layer, 0, random.at(HookPoint.VALUE, 1), 0)).isBetween(-0.95, 0.95);
    Activations other = RandomDirection.like(ORIGINAL, SHAPE, "other seed");
    assertThat(cosine(layer, 0, other.at(HookPoint.VALUE, 0), 0)).isBetween(-0.95, 0.95);
  }

  @Test
  void theSameSeedIsTheSameDirection() {
    Activations once = RandomDirection.like(ORIGINAL, SHAPE, "seed");
    Activations again = RandomDirection.like(ORIGINAL, SHAPE, "seed");

    assertThat(again.at(HookPoint.VALUE, 1)).isEqualTo(once.at(HookPoint.VALUE, 1));
  }

  /** So are runs of other versions of this program, on other machines. */
  @Test
  void theSeedsOfEarlierRunsKeepTheirDirections() {
    float[] layer = RandomDirection.like(ORIGINAL, SHAPE, "seed").at(HookPoint.RESIDUAL_POST, 1);

    assertThat(Arrays.copyOf(layer, 3)).containsExactly(KNOWN, within(1e-6f));
  }

  /** Of all directions, none is preferred: over many draws they cancel out. */
  @Test
  void directionsAreEvenlySpread() {
    int draws = 400;
    double[] sum = new double[8];
    double norm = Dose.norm(ORIGINAL.at(HookPoint.VALUE, 0), 0, 0, 8);
    for (int draw = 0; draw < draws; draw++) {
      float[] layer = RandomDirection.like(ORIGINAL, SHAPE, "draw " + draw).at(HookPoint.VALUE, 0);
      for (int i = 0; i < 8; i++) {
        sum[i] += layer[i] / norm;
      }
    }
    // each mean has a standard deviation of 1 / sqrt(8 * 400) = 0.018
    for (double of : sum) {
      assertThat(of / draws).isBetween(-0.08, 0.08);
    }
  }

  @Test
  void shufflingKeepsBosAndEveryTokenAndChangesTheOrder() {
    int[] tokens = {1, 5, 6, 7, 7, 8};

    int[] shuffled = RandomDirection.shuffled(tokens, 1, "seed");

    assertThat(shuffled).containsExactlyInAnyOrder(tokens).startsWith(1).isNotEqualTo(tokens);
    assertThat(RandomDirection.shuffled(tokens, 1, "seed")).isEqualTo(shuffled);
    for (int draw = 0; draw < 20; draw++) {
      assertThat(RandomDirection.shuffled(new int[] {1, 5, 6}, 1, "draw " + draw))
          .containsExactly(1, 6, 5);
      assertThat(RandomDirection.shuffled(new int[] {5, 6}, 1, "draw " + draw))
          .containsExactly(6, 5);
    }
  }

  @Test
  void aPromptWithoutAnotherOrderStaysAsItIs() {
    assertThat(RandomDirection.shuffled(new int[] {1, 5, 5}, 1, "seed")).containsExactly(1, 5, 5);
    assertThat(RandomDirection.shuffled(new int[] {1}, 1, "seed")).containsExactly(1);
  }

  private static double cosine(float[] left, int from, float[] right, int other) {
    double product = 0;
    for (int i = 0; i < 8; i++) {
      product += left[from + i] * right[other + i];
    }
    return product / Dose.norm(left, from, 0, 8) / Dose.norm(right, other, 0, 8);
  }

  private static final float[] KNOWN = {-0.52540785f, -0.8919805f, -0.13875623f};
}
