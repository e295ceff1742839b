package steersweep.cli;

import java.util.List;
import java.util.Locale;
import java.util.function.DoubleToIntFunction;

/** What of a benchmark fits into a time: a row takes about what it took in the batch before. */
final class BenchTime {
  private static final double NANOS = 1e9;

  /** Later runs may be slower than the first; and something is to be written in the end. */
  private static final double RESERVE = 1.1;

  private final double within;
  private final long startNanos = System.nanoTime();
  private double secondsForRow;

  /**
   * @param within seconds from now
   */
  BenchTime(double within) {
    this.within = within;
  }

  double gone() {
    return (System.nanoTime() - startNanos) / NANOS;
  }

  /** Notes a run of all that is timed of a batch. */
  void took(int rows, double seconds) {
    secondsForRow = seconds / rows;
  }

  /** Whether a batch can be run twice, once without counting. */
  boolean fits(int rows) {
    return allows(seconds(rows));
  }

  /** Whether there is time for something that takes so many seconds. */
  boolean allows(double seconds) {
    return RESERVE * seconds <= within - gone();
  }

  private double seconds(int rows) {
    return 2 * rows * secondsForRow;
  }

  /** {@code batch 512: two runs take about 42 s, of 60 s there were 12 s left}. */
  String whyNot(int rows) {
    return String.format(
        Locale.ROOT,
        "batch %d: two runs take about %.0f s, of %.0f s there were %.0f s left",
        rows,
        seconds(rows),
        within,
        Math.max(0, within - gone()));
  }

  /**
   * How often a batch is run after the run that does not count, by how long that took: once at
   * least, and no longer than leaves larger batches their part of the time.
   *
   * @param rows of this batch, and of those that follow
   * @param most how often at most
   */
  DoubleToIntFunction repeats(List<Integer> rows, int most) {
    int all = rows.stream().mapToInt(size -> size).sum();
    double part = (within - gone()) / RESERVE * rows.get(0) / all;
    return uncounted ->
        (int) Math.max(1, Math.min(most, Math.floor((part - uncounted) / uncounted)));
  }
}
