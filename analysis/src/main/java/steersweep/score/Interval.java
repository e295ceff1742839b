package steersweep.score;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * A mean and how well it is known. Values that share a cluster (here: a base prompt) are not
 * independent, so the standard error is the cluster-robust one of a mean (Liang and Zeger 1986,
 * with the factor G / (G - 1) for G clusters), and the interval uses the t distribution with G - 1
 * degrees of freedom. It speaks about other base prompts like these, not about other steering
 * prompts.
 *
 * @param n values
 * @param clusters clusters among the values
 * @param standardError NaN with fewer than two clusters
 * @param low lower end of the 95 % interval; NaN with fewer than two clusters
 * @param high upper end
 */
public record Interval(
    int n, int clusters, double mean, double standardError, double low, double high) {
  private static final double UPPER_QUANTILE = 0.975;

  /**
   * The mean of values and its interval.
   *
   * @param clusters the cluster of each value
   */
  public static Interval of(double[] values, List<String> clusters) {
    if (values.length != clusters.size()) {
      throw new IllegalArgumentException(
          values.length + " values cannot have " + clusters.size() + " cluster names");
    }
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    double mean = sum / values.length;
    Map<String, Double> deviations = new LinkedHashMap<>();
    for (int i = 0; i < values.length; i++) {
      deviations.merge(clusters.get(i), values[i] - mean, Double::sum);
    }
    int g = deviations.size();
    if (g < 2) {
      return new Interval(values.length, g, mean, Double.NaN, Double.NaN, Double.NaN);
    }
    double squares = deviations.values().stream().mapToDouble(d -> d * d).sum();
    double error = Math.sqrt(squares * g / (g - 1.0)) / values.length;
    double half = error * new TDistribution(g - 1).inverseCumulativeProbability(UPPER_QUANTILE);
    return new Interval(values.length, g, mean, error, mean - half, mean + half);
  }

  /**
   * Probability of a mean this far above 0, or further, if the true mean were 0 (one-sided t test);
   * NaN with fewer than two clusters.
   */
  public double chanceAbove0() {
    if (!known()) {
      return Double.NaN;
    }
    if (standardError == 0) {
      return mean > 0 ? 0 : 1;
    }
    return new TDistribution(clusters - 1).cumulativeProbability(-mean / standardError);
  }

  /** The same for a mean this far below 0. */
  public double chanceBelow0() {
    return new Interval(n, clusters, -mean, standardError, -high, -low).chanceAbove0();
  }

  /** Whether there is an interval at all. */
  public boolean known() {
    return !Double.isNaN(standardError);
  }
}
