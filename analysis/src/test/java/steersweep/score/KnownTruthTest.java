package steersweep.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The statistics on made-up data whose truth is known. Seeded, so that a failure is a change of the
 * statistics and never bad luck; the limits lie some standard errors of the simulation from the
 * nominal values, and simpler methods fail them.
 */
class KnownTruthTest {
  private static final int INTERVALS = 1000;
  private static final int SWEEPS = 200;

  private final Random random = new Random(11);

  @ParameterizedTest
  @ValueSource(ints = {6, 12, 24, 50})
  void intervalsCoverTheTruthOfRegularEffects(int clusters) {
    double coverage = coverage(clusters, 0.3, random::nextGaussian, random::nextGaussian);

    assertThat(coverage).isBetween(0.93, 0.975);
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 12, 24, 50})
  void intervalsCoverTheTruthOfSkewedEffects(int clusters) {
    double coverage = coverage(clusters, 0.3, this::exponential, this::exponential);

    assertThat(coverage).isBetween(0.92, 0.975);
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 12, 24, 50})
  void intervalsCoverTheTruthWhereMostTextsDoNotChange(int clusters) {
    double changed = 0.3;
    DoubleSupplier value =
        () -> random.nextDouble() < changed ? 1 + 0.6 * random.nextGaussian() : 0;

    double coverage = coverage(clusters, changed, () -> 0, value);

    assertThat(coverage).isBetween(0.92, 0.995);
  }

  private double exponential() {
    return -Math.log(1 - random.nextDouble()) - 1;
  }

  /** Share of intervals that contain the mean; clusters of two values. */
  private double coverage(
      int clusters, double mean, DoubleSupplier ofCluster, DoubleSupplier ofValue) {
    int[] cluster = IntStream.range(0, 2 * clusters).map(i -> i / 2).toArray();
    Clusters pairs = new Clusters(cluster, clusters, new Bootstrap());
    boolean centred = ofCluster.getAsDouble() != 0;
    int covered = 0;
    for (int i = 0; i < INTERVALS; i++) {
      double[] values = new double[2 * clusters];
      do {
        for (int g = 0; g < clusters; g++) {
          double shared = (centred ? mean : 0) + ofCluster.getAsDouble();
          values[2 * g] = shared + ofValue.getAsDouble();
          values[2 * g + 1] = shared + ofValue.getAsDouble();
        }
        // Where hardly any text changes no interval is looked at.
      } while (Arrays.stream(values).filter(v -> v != 0).count() < 0.1 * values.length);
      covered += pairs.interval(values).contains(mean) ? 1 : 0;
    }
    return (double) covered / INTERVALS;
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 12, 20})
  void hardlyASweepInWhichNothingWorksHasAPointThatWorks(int clusters) {
    int corrected = 0;
    int single = 0;
    for (int i = 0; i < SWEEPS; i++) {
      SignFlips flips = SignFlips.of(nothing(100, clusters));
      corrected += smallest(flips.corrected()) <= 0.05 ? 1 : 0;
      single += smallest(flips.single()) <= 0.05 ? 1 : 0;
    }

    // 5 % of 200 is 10, with a standard error of 3.
    assertThat(corrected).isBetween(2, 18);
    // Without the correction nearly every sweep finds something.
    assertThat(single).isGreaterThan(150);
  }

  @Test
  void chancesOfASinglePointAreEvenlySpread() {
    double[] chances = SignFlips.of(nothing(2000, 12)).single();

    // Points share the luck of their pairs, so their chances scatter more than 2000 dice would.
    for (double level : new double[] {0.01, 0.05, 0.25, 0.5}) {
      double share = Arrays.stream(chances).filter(c -> c <= level).count() / 2000.0;
      assertThat(share).isBetween(level * 0.4 - 0.005, level * 1.6 + 0.005);
    }
  }

  /**
   * Sums of clusters of two, [point, cluster], of steered minus control where steering does
   * nothing: skewed, of unlike noise, and points share the luck of a cluster.
   */
  private double[][] nothing(int points, int clusters) {
    double[] shared = new double[clusters];
    Arrays.setAll(shared, g -> random.nextGaussian());
    double[][] sums = new double[points][clusters];
    for (double[] row : sums) {
      double noise = 0.1 * Math.exp(1.5 * random.nextDouble());
      Arrays.setAll(
          row,
          g ->
              noise
                  * (0.5 * shared[g]
                      + exponential()
                      + exponential()
                      - exponential()
                      - exponential()));
    }
    return sums;
  }

  private static double smallest(double[] chances) {
    return Arrays.stream(chances).min().orElse(1);
  }
}
