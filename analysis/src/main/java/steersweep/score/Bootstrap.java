package steersweep.score;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.random.RandomGenerator;
import org.apache.commons.math3.random.Well19937c;

/**
 * Studentized cluster bootstrap of a mean (Efron and Tibshirani 1993, chapter 12): clusters are
 * drawn with replacement, and for each such resample the distance of its mean from the mean seen is
 * measured in its own standard error. Of the intervals that were simulated with 6 to 50 clusters
 * (percentile, BCa, widened percentile, t, studentized) it is the one whose coverage stays near 95
 * % for skewed effects and for those that are 0 in most prompt pairs.
 *
 * <p>The resamples depend on the number of clusters alone, so the same data give the same interval,
 * and two intervals of a sweep differ by their data and not by luck. Safe to share between threads.
 */
final class Bootstrap {
  private static final int RESAMPLES = 1999;
  private static final double TAIL = 0.025;

  /** With fewer there are too few different resamples; their interval is the t distribution's. */
  private static final int LEAST_CLUSTERS = 6;

  private static final long SEED = 20231031;

  /** By number of clusters: how often each is drawn, [resample, cluster]. */
  private final Map<Integer, double[][]> resamples = new ConcurrentHashMap<>();

  /**
   * @param sums sum of each cluster's values
   * @param counts how many values each cluster has, at least 1
   * @param resampled false for the interval of the t distribution, which costs nothing
   */
  Interval interval(double[] sums, int[] counts, boolean resampled) {
    int clusters = sums.length;
    int n = IntStream.of(counts).sum();
    double mean = Arrays.stream(sums).sum() / n;
    if (clusters < 2) {
      return new Interval(n, clusters, mean, Double.NaN, Double.NaN, Double.NaN);
    }
    double[] deviations = new double[clusters];
    double squares = 0;
    for (int g = 0; g < clusters; g++) {
      deviations[g] = sums[g] - counts[g] * mean;
      squares += deviations[g] * deviations[g];
    }
    double correction = clusters / (clusters - 1.0);
    double error = Math.sqrt(squares * correction) / n;
    if (error == 0) {
      return new Interval(n, clusters, mean, 0, mean, mean);
    }
    if (clusters < LEAST_CLUSTERS || !resampled) {
      double half = error * new TDistribution(clusters - 1).inverseCumulativeProbability(1 - TAIL);
      return new Interval(n, clusters, mean, error, mean - half, mean + half);
    }
    // A resample of clusters without any difference has no error of its own; without a least one
    // the interval would have no end where most effects are 0.
    double least = error / Math.sqrt(clusters);
    double[][] drawn = resamples.computeIfAbsent(clusters, Bootstrap::draw);
    double[] distances = new double[RESAMPLES];
    for (int b = 0; b < RESAMPLES; b++) {
      double[] times = drawn[b];
      double values = 0;
      double sum = 0;
      for (int g = 0; g < clusters; g++) {
        values += times[g] * counts[g];
        sum += times[g] * deviations[g];
      }
      double shift = sum / values;
      double spread = 0;
      for (int g = 0; g < clusters; g++) {
        double deviation = deviations[g] - counts[g] * shift;
        spread += times[g] * deviation * deviation;
      }
      distances[b] = shift / Math.max(Math.sqrt(spread * correction) / values, least);
    }
    Arrays.sort(distances);
    int tail = (int) Math.round((RESAMPLES + 1) * TAIL);
    double low = mean - distances[RESAMPLES - tail] * error;
    double high = mean - distances[tail - 1] * error;
    return new Interval(n, clusters, mean, error, low, high);
  }

  private static double[][] draw(int clusters) {
    RandomGenerator random = new Well19937c(SEED + clusters);
    double[][] drawn = new double[RESAMPLES][clusters];
    for (double[] times : drawn) {
      for (int i = 0; i < clusters; i++) {
        times[random.nextInt(clusters)]++;
      }
    }
    return drawn;
  }
}
