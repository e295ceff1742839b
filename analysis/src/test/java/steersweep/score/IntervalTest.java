package steersweep.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class IntervalTest {
  @Test
  void isTheClusterRobustIntervalOfAMean() {
    Interval interval = Interval.of(new double[] {0.5, 0.3, 0.8, 0.2}, List.of("a", "a", "b", "b"));

    // Deviations from 0.45 sum to -0.1 and +0.1; sqrt(0.02 * 2 / 1) / 4 = 0.05; t(1) = 12.706.
    assertThat(interval.n()).isEqualTo(4);
    assertThat(interval.clusters()).isEqualTo(2);
    assertThat(interval.mean()).isCloseTo(0.45, within(1e-12));
    assertThat(interval.standardError()).isCloseTo(0.05, within(1e-12));
    assertThat(interval.low()).isCloseTo(0.45 - 0.05 * 12.7062, within(1e-5));
    assertThat(interval.high()).isCloseTo(0.45 + 0.05 * 12.7062, within(1e-5));
  }

  @Test
  void withAClusterForEachValueItIsTheOrdinaryTInterval() {
    Interval interval = Interval.of(new double[] {1, 2, 3}, List.of("a", "b", "c"));

    // Standard deviation 1, standard error 1 / sqrt(3), t(2) = 4.3027.
    assertThat(interval.standardError()).isCloseTo(1 / Math.sqrt(3), within(1e-12));
    assertThat(interval.low()).isCloseTo(2 - 4.30265 / Math.sqrt(3), within(1e-4));
  }

  @Test
  void valuesOfOneClusterHaveAMeanAndNoInterval() {
    Interval interval = Interval.of(new double[] {1, 3}, List.of("a", "a"));

    assertThat(interval.mean()).isEqualTo(2);
    assertThat(interval.known()).isFalse();
    assertThat(interval.low()).isNaN();
  }

  @Test
  void everyValueNeedsItsCluster() {
    assertThatThrownBy(() -> Interval.of(new double[] {1, 2}, List.of("a")))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
