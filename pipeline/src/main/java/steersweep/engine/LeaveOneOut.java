package steersweep.engine;

import org.jspecify.annotations.Nullable;

/**
 * How well pairs agree at one site, each judged by the others alone: in many dimensions few pairs
 * always agree with, and are always apart along, a mean that they are part of. Every pair is added
 * once, then judged once, so that only sums are kept.
 */
final class LeaveOneOut {
  /**
   * Differences smaller than this share of the activation are none: both texts have the same token
   * there, and nothing before it counts yet.
   */
  private static final double ROUNDING = 1e-5;

  private final int from;
  private final double[] difference;
  private final double[] middle;
  private int added;
  private int judged;
  private double cosines;
  private final Moments positives = new Moments();
  private final Moments negatives = new Moments();

  /**
   * @param from first number of the site in what is read
   * @param width how many they are
   */
  LeaveOneOut(int from, int width) {
    this.from = from;
    difference = new double[width];
    middle = new double[width];
  }

  void add(float[] positive, float[] negative) {
    added++;
    for (int i = 0; i < difference.length; i++) {
      difference[i] += (double) positive[from + i] - negative[from + i];
      middle[i] += ((double) positive[from + i] + negative[from + i]) / 2;
    }
  }

  /** After all were added. Sides are measured from the middle of the other pairs. */
  void judge(float[] positive, float[] negative) {
    judged++;
    double size = 0;
    double own = 0;
    double others = 0;
    double both = 0;
    double up = 0;
    double down = 0;
    for (int i = 0; i < difference.length; i++) {
      double plus = positive[from + i];
      double minus = negative[from + i];
      double mean = (difference[i] - (plus - minus)) / (added - 1);
      double centre = (middle[i] - (plus + minus) / 2) / (added - 1);
      size += ROUNDING * plus * (ROUNDING * plus);
      own += (plus - minus) * (plus - minus);
      others += mean * mean;
      both += (plus - minus) * mean;
      up += (plus - centre) * mean;
      down += (minus - centre) * mean;
    }
    if (others > size) {
      cosines += own > size ? both / Math.sqrt(own * others) : 0;
      positives.add(up / Math.sqrt(others));
      negatives.add(down / Math.sqrt(others));
    }
  }

  /**
   * Mean cosine of a pair's difference with the mean difference of the others; a pair without a
   * difference agrees with nothing.
   */
  @Nullable Double agreement() {
    return added > 1 && judged == added ? (Double) (cosines / added) : null;
  }

  /** d' of the two sides along the mean difference of the other pairs. */
  @Nullable Double separation() {
    double spread = Math.sqrt((positives.variance() + negatives.variance()) / 2);
    return spread > 0 ? (Double) ((positives.mean - negatives.mean) / spread) : null;
  }

  /** Mean and variance, one number at a time (Welford). */
  private static final class Moments {
    private int n;
    private double mean;
    private double squares;

    void add(double value) {
      n++;
      double before = value - mean;
      mean += before / n;
      squares += before * (value - mean);
    }

    /** Of the whole population estimated from these; 0 with fewer than two. */
    double variance() {
      return n > 1 ? squares / (n - 1) : 0;
    }
  }
}
