package steersweep.score;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * A mean and how well it is known. Values that share a cluster (here: a base prompt) are not
 * independent, so the standard error is the cluster-robust one of a mean (Liang and Zeger 1986,
 * with the factor G / (G - 1) for G clusters). It speaks about other base prompts like these, not
 * about other steering prompts.
 *
 * @param n values
 * @param clusters clusters among the values
 * @param mean NaN without values
 * @param standardError NaN with fewer than two clusters
 * @param low lower end of the 95 % interval; NaN with fewer than two clusters
 * @param high upper end
 */
public record Interval(
    int n, int clusters, double mean, double standardError, double low, double high) {
  /** With fewer clusters an interval is a rough guide, and is called so. */
  public static final int FEW_CLUSTERS = 10;

  private static final double UPPER_QUANTILE = 0.975;

  /**
   * The mean of values and its interval. Values that are NaN are left out.
   *
   * @param clusters the cluster of each value
   */
  public static Interval of(double[] values, List<String> clusters) {
    if (values.length != clusters.size()) {
      throw new IllegalArgumentException(
          values.length + " values cannot have " + clusters.size() + " cluster names");
    }
    List<String> names = List.copyOf(new TreeSet<>(clusters));
    return of(values, clusters.stream().mapToInt(names::indexOf).toArray(), names.size());
  }

  /**
   * The same with clusters by number.
   *
   * @param cluster of each value, 0..{@code clusters - 1}
   */
  static Interval of(double[] values, int[] cluster, int clusters) {
    double[] sums = new double[clusters];
    int[] counts = new int[clusters];
    for (int i = 0; i < values.length; i++) {
      if (!Double.isNaN(values[i])) {
        sums[cluster[i]] += values[i];
        counts[cluster[i]]++;
      }
    }
    int[] there = IntStream.range(0, clusters).filter(g -> counts[g] > 0).toArray();
    return ofClusters(
        IntStream.of(there).mapToDouble(g -> sums[g]).toArray(),
        IntStream.of(there).map(g -> counts[g]).toArray());
  }

  private static Interval ofClusters(double[] sums, int[] counts) {
    int n = IntStream.of(counts).sum();
    int g = sums.length;
    double sum = 0;
    for (double of : sums) {
      sum += of;
    }
    double mean = sum / n;
    if (g < 2) {
      return new Interval(n, g, mean, Double.NaN, Double.NaN, Double.NaN);
    }
    double squares = 0;
    for (int i = 0; i < g; i++) {
      double deviation = sums[i] - counts[i] * mean;
      squares += deviation * deviation;
    }
    double error = Math.sqrt(squares * g / (g - 1.0)) / n;
    double half = error * new TDistribution(g - 1).inverseCumulativeProbability(UPPER_QUANTILE);
    return new Interval(n, g, mean, error, mean - half, mean + half);
  }

  /** Whether there is an interval at all. */
  public boolean known() {
    return !Double.isNaN(standardError);
  }

  /** Whether so few clusters are behind it that it is a rough guide only. */
  public boolean small() {
    return clusters < FEW_CLUSTERS;
  }

  public boolean contains(double value) {
    return low <= value && value <= high;
  }

  /** Whether it lies wholly above 0. */
  public boolean above0() {
    return low > 0;
  }

  /** Whether it lies wholly below 0. */
  public boolean below0() {
    return high < 0;
  }

  /** The interval of the negative. */
  public Interval negative() {
    return new Interval(n, clusters, -mean, standardError, -high, -low);
  }
}
