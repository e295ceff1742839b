package steersweep.sweep;

import java.io.PrintStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import steersweep.plan.Unit;
import steersweep.result.RunFolder;

/**
 * Shows how far a sweep is, by counting the files of finished units: right with any runner, and
 * after any restart. A bar on a terminal, a plain line now and then elsewhere.
 */
public final class Progress implements AutoCloseable {
  private static final Duration LINE_INTERVAL = Duration.ofSeconds(10);

  private final RunFolder run;
  private final Map<String, Integer> cellsOfUnit = new HashMap<>();
  private final long total;
  private final long atStart;
  private final long startNanos = System.nanoTime();
  private final PrintStream out;
  private final @Nullable ProgressBar bar;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "progress");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param units every unit of the sweep, finished ones included
   * @param terminal whether {@code out} is a terminal
   */
  public Progress(RunFolder run, List<Unit> units, PrintStream out, boolean terminal) {
    this.run = run;
    this.out = out;
    units.forEach(unit -> cellsOfUnit.put(unit.id(), unit.size()));
    this.total = units.stream().mapToLong(Unit::size).sum();
    this.atStart = done();
    this.bar = terminal ? bar(out) : null;
    if (bar != null) {
      timer.scheduleAtFixedRate(() -> bar.stepTo(done()), 250, 250, TimeUnit.MILLISECONDS);
    } else {
      long interval = LINE_INTERVAL.toMillis();
      timer.scheduleAtFixedRate(
          () -> out.println(line()), interval, interval, TimeUnit.MILLISECONDS);
    }
  }

  private ProgressBar bar(PrintStream out) {
    return new ProgressBarBuilder()
        .setTaskName("sweep")
        .setInitialMax(total)
        .startsFrom(atStart, Duration.ZERO)
        .setUnit(" cells", 1)
        .showSpeed()
        .setStyle(ProgressBarStyle.ASCII)
        .setConsumer(new ConsoleProgressBarConsumer(out))
        .build();
  }

  private long done() {
    return run.finishedUnits().stream().mapToLong(id -> cellsOfUnit.getOrDefault(id, 0)).sum();
  }

  /** {@code 2560 of 11544 cells, 214 a second, 42 s left}. */
  String line() {
    long done = done();
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    double rate = (done - atStart) / seconds;
    String left =
        rate > 0 ? String.format(Locale.ROOT, "%.0f s left", (total - done) / rate) : "no rate yet";
    return String.format(Locale.ROOT, "%d of %d cells, %.0f a second, %s", done, total, rate, left);
  }

  @Override
  public void close() {
    timer.shutdownNow();
    if (bar != null) {
      bar.stepTo(done());
      bar.close();
    } else {
      out.println(line());
    }
  }
}
