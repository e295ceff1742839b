package steersweep.score;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.commons.math3.random.RandomGenerator;
import org.apache.commons.math3.random.Well19937c;

/**
 * How likely effects like those seen are by chance. If steering does no more than its control, the
 * effect of a cluster could as well have had the other sign; so the clusters' signs are flipped,
 * for all points of the grid together, which keeps what the points share. One-sided: towards
 * positive sums. With at most {@value #MOST_EXACT} clusters every combination of signs is tried.
 * Against one random direction this is exact, since steered and control could be swapped; against
 * several, or the baseline, it also assumes that chance moves the texts as far up as down.
 *
 * <p>{@code corrected} is for the whole grid (Westfall and Young 1993, step-down max-T): the chance
 * that any of the points not yet found would reach so far. The statistic is a point's sum of
 * clusters over the root of their sum of squares plus the grid's median one; the median keeps
 * points of tiny variance from crowding out the others (Tusher, Tibshirani and Chu 2001). Flips
 * leave squares as they are, so this costs no exactness.
 *
 * @param single chance of each point alone
 * @param corrected chance of each point within the grid, never less than {@code single}
 */
record SignFlips(double[] single, double[] corrected) {
  private static final int MOST_EXACT = 12;
  private static final int FLIPS = 1 << MOST_EXACT;
  private static final long SEED = 20231031;

  /**
   * @param sums sum of each cluster's values, [point, cluster], 0 where a point has none there
   */
  static SignFlips of(double[][] sums) {
    int points = sums.length;
    if (points == 0) {
      return new SignFlips(new double[0], new double[0]);
    }
    int clusters = sums[0].length;
    double[][] signs = signs(clusters);
    double[][] scaled = scaled(sums);
    double[] seen = Arrays.stream(scaled).mapToDouble(row -> Arrays.stream(row).sum()).toArray();
    int[] order =
        IntStream.range(0, points)
            .boxed()
            .sorted(Comparator.comparingDouble(k -> seen[k]))
            .mapToInt(k -> k)
            .toArray();
    List<int[]> counts =
        IntStream.range(0, signs.length)
            .parallel()
            .collect(
                () -> new Counts(points),
                (into, flip) -> into.add(signs[flip], scaled, seen, order),
                Counts::addAll)
            .both();
    double[] single = new double[points];
    double[] corrected = new double[points];
    double largest = 0;
    for (int i = points - 1; i >= 0; i--) {
      int k = order[i];
      single[k] = (double) counts.get(0)[k] / signs.length;
      largest = Math.max(largest, (double) counts.get(1)[k] / signs.length);
      corrected[k] = largest;
    }
    return new SignFlips(single, corrected);
  }

  private static int flips(int clusters) {
    return clusters <= MOST_EXACT ? 1 << clusters : FLIPS;
  }

  private static double[][] scaled(double[][] sums) {
    double[] squares =
        Arrays.stream(sums)
            .mapToDouble(row -> Arrays.stream(row).map(sum -> sum * sum).sum())
            .toArray();
    double[] sorted = squares.clone();
    Arrays.sort(sorted);
    double typical = sorted[sorted.length / 2];
    double[][] scaled = new double[sums.length][];
    for (int k = 0; k < sums.length; k++) {
      double by = Math.sqrt(squares[k] + typical);
      scaled[k] = Arrays.stream(sums[k]).map(sum -> by == 0 ? 0 : sum / by).toArray();
    }
    return scaled;
  }

  /** The signs of every flip, +1 or -1, [flip, cluster]; flip 0 is what was seen. */
  private static double[][] signs(int clusters) {
    RandomGenerator random = new Well19937c(SEED + clusters);
    double[][] signs = new double[flips(clusters)][clusters];
    for (int flip = 0; flip < signs.length; flip++) {
      for (int g = 0; g < clusters; g++) {
        boolean turned = clusters <= MOST_EXACT ? (flip >> g & 1) == 1 : random.nextBoolean();
        signs[flip][g] = turned && flip > 0 ? -1 : 1;
      }
    }
    return signs;
  }

  /** How often flipped sums reach those seen: alone, and as the largest of those not larger. */
  private static final class Counts {
    /** Sums of the same numbers in another order differ by this little. */
    private static final double ROUNDING = 1e-9;

    private final int[] alone;
    private final int[] asLargest;

    Counts(int points) {
      alone = new int[points];
      asLargest = new int[points];
    }

    void add(double[] signs, double[][] scaled, double[] seen, int[] order) {
      double largest = Double.NEGATIVE_INFINITY;
      for (int k : order) {
        double[] row = scaled[k];
        double sum = ROUNDING;
        for (int g = 0; g < signs.length; g++) {
          sum += signs[g] * row[g];
        }
        largest = Math.max(largest, sum);
        if (sum >= seen[k]) {
          alone[k]++;
        }
        if (largest >= seen[k]) {
          asLargest[k]++;
        }
      }
    }

    void addAll(Counts other) {
      for (int k = 0; k < alone.length; k++) {
        alone[k] += other.alone[k];
        asLargest[k] += other.asLargest[k];
      }
    }

    List<int[]> both() {
      return List.of(alone, asLargest);
    }
  }
}
