package steersweep.score;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Prompt pairs in clusters: pairs that share a base prompt are not independent.
 *
 * @param of the cluster of each pair, 0..{@code count - 1}
 * @param count clusters
 */
record Clusters(int[] of, int count, Bootstrap bootstrap) {
  /** Clusters by the name of each pair's base prompt. */
  static Clusters of(List<String> names) {
    List<String> sorted = List.copyOf(new TreeSet<>(names));
    return new Clusters(
        names.stream().mapToInt(sorted::indexOf).toArray(), sorted.size(), new Bootstrap());
  }

  /** Sum of each cluster's values; those that are NaN are left out. */
  double[] sums(double[] values) {
    double[] sums = new double[count];
    for (int p = 0; p < values.length; p++) {
      if (!Double.isNaN(values[p])) {
        sums[of[p]] += values[p];
      }
    }
    return sums;
  }

  /** The mean of the values of the pairs and its interval; those that are NaN are left out. */
  Interval interval(double[] values) {
    return interval(values, true);
  }

  /** The same with the interval of the t distribution: for what is shown and judges nothing. */
  Interval quick(double[] values) {
    return interval(values, false);
  }

  private Interval interval(double[] values, boolean resampled) {
    int[] counts = new int[count];
    for (int p = 0; p < values.length; p++) {
      if (!Double.isNaN(values[p])) {
        counts[of[p]]++;
      }
    }
    double[] sums = sums(values);
    int[] there = IntStream.range(0, count).filter(g -> counts[g] > 0).toArray();
    return bootstrap.interval(
        IntStream.of(there).mapToDouble(g -> sums[g]).toArray(),
        IntStream.of(there).map(g -> counts[g]).toArray(),
        resampled);
  }
}
