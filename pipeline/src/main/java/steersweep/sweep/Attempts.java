package steersweep.sweep;

import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import steersweep.error.UserError;
import steersweep.plan.Cell;

/**
 * Runs the cells of a unit, or what else it is of, whatever fails. All of them are tried three
 * times together; then they are halved, and halved again, until the cells that fail are alone. Only
 * they fail.
 */
final class Attempts<T> {
  private static final Logger LOG = LoggerFactory.getLogger(Attempts.class);

  /** All cells together. */
  private static final int ATTEMPTS = 3;

  /** Parts that may fail; when more do, it is not a few cells that are at fault. */
  private static final int MOST_FAILED_PARTS = 32;

  private final String unit;
  private final Consumer<List<T>> work;
  private final BiConsumer<T, String> failed;
  private int failedParts;

  private Attempts(String unit, Consumer<List<T>> work, BiConsumer<T, String> failed) {
    this.unit = unit;
    this.work = work;
    this.failed = failed;
  }

  /**
   * The rows of all cells.
   *
   * @param unit names the unit in logs
   * @param work runs some cells
   * @param failed the rows of a cell that failed, given why
   */
  static UnitRows of(
      String unit,
      List<Cell> cells,
      Function<List<Cell>, UnitRows> work,
      BiFunction<Cell, String, UnitRows> failed) {
    UnitRows rows = new UnitRows();
    each(
        unit,
        cells,
        some -> rows.addAll(work.apply(some)),
        (cell, why) -> rows.addAll(failed.apply(cell, why)));
    return rows;
  }

  /**
   * Runs everything, in order.
   *
   * @param unit names the unit in logs
   * @param work runs some, and keeps what came out only when all of them are through
   * @param failed is told of each that failed, and why
   */
  static <T> void each(
      String unit, List<T> all, Consumer<List<T>> work, BiConsumer<T, String> failed) {
    if (!all.isEmpty()) {
      new Attempts<>(unit, work, failed).run(all, ATTEMPTS);
    }
  }

  private void run(List<T> cells, int times) {
    String message = "";
    for (int i = 0; i < times; i++) {
      try {
        work.accept(cells);
        return;
      } catch (RuntimeException | OutOfMemoryError e) {
        if (!ofTheCells(e)) {
          throw e;
        }
        message = String.valueOf(e.getMessage());
        LOG.warn("{}: {} cells failed: {}", unit, cells.size(), message, e);
      }
    }
    failedParts++;
    if (cells.size() == 1 || failedParts > MOST_FAILED_PARTS) {
      for (T cell : cells) {
        failed.accept(cell, message);
      }
    } else {
      int half = cells.size() / 2;
      run(cells.subList(0, half), 1);
      run(cells.subList(half, cells.size()), 1);
    }
  }

  /** Whether other cells may fare better. */
  private static boolean ofTheCells(Throwable e) {
    return !(e instanceof java.io.UncheckedIOException
        || e instanceof UserError
        || Thread.currentThread().isInterrupted());
  }
}
