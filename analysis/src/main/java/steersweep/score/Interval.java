package steersweep.score;

import java.util.List;

/**
 * A mean and how well it is known. Values that share a cluster (here: a base prompt) are not
 * independent, so the standard error is the cluster-robust one of a mean (Liang and Zeger 1986,
 * with the factor G / (G - 1) for G clusters), and the interval is a cluster bootstrap's ({@link
 * Bootstrap}). It speaks about other base prompts like these, not about other steering prompts.
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
  /** Of nothing. */
  static final Interval NONE = number(Double.NaN, 0);

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
    return Clusters.of(clusters).interval(values);
  }

  /** A number that has no interval, such as a share of sites. */
  public static Interval number(double value, int n) {
    return new Interval(n, 0, value, Double.NaN, Double.NaN, Double.NaN);
  }

  /** Whether there is an interval at all. */
  public boolean known() {
    return !Double.isNaN(standardError);
  }

  public boolean contains(double value) {
    return low <= value && value <= high;
  }

  /** Whether it lies wholly within a range around 0. */
  public boolean within(double range) {
    return -range < low && high < range;
  }

  /** Whether it lies wholly above 0. */
  public boolean above0() {
    return low > 0;
  }

  /** Whether it lies wholly below 0. */
  public boolean below0() {
    return high < 0;
  }

  /** The interval in the direction that a sign asks for. */
  public Interval asked(double sign) {
    return sign < 0 ? negative() : this;
  }

  /** The interval of the negative. */
  public Interval negative() {
    return new Interval(n, clusters, -mean, standardError, -high, -low);
  }
}
