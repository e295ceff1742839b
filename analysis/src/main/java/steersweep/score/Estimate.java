package steersweep.score;

import java.util.Arrays;
import org.apache.commons.math3.stat.StatUtils;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one measure at one site and setting, over prompt pairs.
 *
 * @param steered of the steered cells
 * @param control of the random directions beside them; n is 0 without any
 * @param net steered minus control, pair by pair; where the sweep has no control, minus the
 *     baseline. What sites are judged by
 * @param median of the values behind {@code net}
 * @param decider the pair that decides the mean, where mean and median differ in sign
 */
public record Estimate(
    Interval steered, Interval control, Interval net, double median, @Nullable Decider decider) {
  static final Estimate NONE =
      new Estimate(Interval.NONE, Interval.NONE, Interval.NONE, Double.NaN, null);

  /** A pair whose value outweighs those of the others. */
  public record Decider(String base, String steering, double value) {}

  /**
   * Of a measure that is compared with a control.
   *
   * @param judged whether anything is judged by it, so that its interval is resampled
   */
  static Estimate of(
      Grid grid,
      Clusters clusters,
      double[] steered,
      double[] control,
      double[] net,
      boolean judged) {
    double[] there = there(net);
    double median = there.length == 0 ? Double.NaN : StatUtils.percentile(there, 50);
    Interval mean = judged ? clusters.interval(net) : clusters.quick(net);
    boolean differ = mean.mean() * median < 0;
    return new Estimate(
        clusters.quick(steered),
        clusters.quick(control),
        mean,
        median,
        differ ? decider(grid, net, Math.signum(mean.mean())) : null);
  }

  /** Of a measure that stands for itself, such as damage. */
  static Estimate of(Clusters clusters, double[] steered, boolean judged) {
    double[] there = there(steered);
    double median = there.length == 0 ? Double.NaN : StatUtils.percentile(there, 50);
    Interval mean = judged ? clusters.interval(steered) : clusters.quick(steered);
    return new Estimate(mean, Interval.NONE, mean, median, null);
  }

  private static Decider decider(Grid grid, double[] values, double sign) {
    int most = -1;
    for (int p = 0; p < values.length; p++) {
      if (!Double.isNaN(values[p]) && (most < 0 || sign * values[p] > sign * values[most])) {
        most = p;
      }
    }
    Grid.Pair pair = grid.pairs().get(most);
    return new Decider(pair.base(), pair.steering(), values[most]);
  }

  static double[] there(double[] values) {
    return Arrays.stream(values).filter(value -> !Double.isNaN(value)).toArray();
  }
}
