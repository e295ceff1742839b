package steersweep.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class SignFlipsTest {
  private static final Offset<Double> EXACT = within(1e-12);

  @Test
  void fewClustersGiveTheExactShareOfFlips() {
    // All positive: of 8 flips only the one seen reaches so far.
    assertThat(SignFlips.of(new double[][] {{1, 2, 3}}).single()[0]).isEqualTo(1 / 8.0);
    // -1 + 2 + 3 = 4; the sums 6 and 4 reach it.
    assertThat(SignFlips.of(new double[][] {{-1, 2, 3}}).single()[0]).isEqualTo(2 / 8.0);
    // The negative of the largest: every flip reaches it.
    assertThat(SignFlips.of(new double[][] {{-1, -2, -3}}).single()[0]).isEqualTo(1);
  }

  @Test
  void aClusterWithoutValuesChangesNothing() {
    assertThat(SignFlips.of(new double[][] {{1, 0, 2, 3}}).single()[0]).isEqualTo(1 / 8.0);
  }

  @Test
  void thePointsOfAGridAreFlippedTogether() {
    // Two equal points reach their sums in the same flips: nothing to correct for.
    SignFlips same = SignFlips.of(new double[][] {{1, 2, 3}, {1, 2, 3}});
    // The second reaches 3 of its own in other flips, too.
    SignFlips other = SignFlips.of(new double[][] {{1, 2, 3}, {-1, -2, 3}});

    assertThat(same.corrected()).containsExactly(1 / 8.0, 1 / 8.0);
    assertThat(other.corrected()[0]).isEqualTo(2 / 8.0);
  }

  @Test
  void correctedChancesAreNeverSmallerAndKeepTheOrder() {
    SignFlips flips =
        SignFlips.of(new double[][] {{3, 2, 4, 3, 5}, {1, -1, 2, 1, 0}, {0.1, 0.2, -0.3, 0, 0.1}});

    for (int k = 0; k < 3; k++) {
      assertThat(flips.corrected()[k]).isGreaterThanOrEqualTo(flips.single()[k]);
    }
    assertThat(flips.corrected()).isSorted();
  }

  @Test
  void manyClustersAreSampledInAFixedWay() {
    double[] sums = new double[30];
    for (int g = 0; g < sums.length; g++) {
      sums[g] = g % 3 - 0.8;
    }

    double first = SignFlips.of(new double[][] {sums}).single()[0];

    assertThat(SignFlips.of(new double[][] {sums}).single()[0]).isEqualTo(first);
    // Sum 6 of 30 values whose squares sum to 25.2: 1.2 standard errors, about 11.6 % above.
    assertThat(first).isCloseTo(0.116, within(0.03));
  }

  @Test
  void noPointsHaveNoChances() {
    assertThat(SignFlips.of(new double[0][]).single()).isEmpty();
  }

  @Test
  void pointsWithoutAnyEffectAreCertainlyChance() {
    SignFlips flips = SignFlips.of(new double[][] {{0, 0}, {0, 0}});

    assertThat(flips.single()[0]).isCloseTo(1, EXACT);
    assertThat(flips.corrected()[1]).isCloseTo(1, EXACT);
  }
}
