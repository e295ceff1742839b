package steersweep.engine;

import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Batches that are halved when they do not fit into memory; from then on no batch is larger. */
final class FittingBatches {
  private static final Logger LOG = LoggerFactory.getLogger(FittingBatches.class);

  private volatile int most = Integer.MAX_VALUE;

  /**
   * Does all of the work, in the order given, each row once.
   *
   * @param run does a part of it, or throws {@link BatchTooLarge} having done nothing
   * @throws BatchTooLarge when a single row does not fit
   */
  <T> void run(List<T> rows, Consumer<List<T>> run) {
    int from = 0;
    while (from < rows.size()) {
      int to = (int) Math.min(rows.size(), (long) from + most);
      List<T> some = rows.subList(from, to);
      try {
        run.accept(some);
        from = to;
      } catch (BatchTooLarge e) {
        if (some.size() == 1) {
          throw e;
        }
        most = Math.min(most, some.size() / 2);
        LOG.warn(
            "{} rows do not fit into memory together; going on with {} at once ({})",
            some.size(),
            most,
            e.getMessage());
      }
    }
  }
}
