package steersweep.sweep;

import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import steersweep.plan.Stage;
import steersweep.plan.Unit;
import steersweep.result.RunFolder;

/**
 * Shows how far a stage of a sweep is, by counting the files of finished units: right with any
 * runner, and after any restart. A bar on a terminal, a plain line now and then elsewhere. Folders
 * of many thousand files are looked at less often, so that looking takes no noticeable time.
 */
public final class Progress implements AutoCloseable {
  private static final Duration LINE_INTERVAL = Duration.ofSeconds(10);
  private static final Duration BAR_INTERVAL = Duration.ofMillis(250);

  /** Of all time, at most a part in so many is spent looking. */
  private static final int PART_SPENT_LOOKING = 100;

  private final RunFolder run;
  private final Stage stage;
  private final Map<String, Integer> cellsOfUnit = new HashMap<>();
  private final long total;
  private final long atStart;
  private final long startNanos = System.nanoTime();
  private final Consumer<State> listener;
  private final @Nullable ProgressBar bar;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "progress");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * How far a stage is.
   *
   * @param done cells finished, in earlier attempts too
   * @param total cells of the stage
   * @param rate cells a second since this attempt began
   */
  public record State(Stage stage, long done, long total, double rate) {
    /** {@code screen: 2560 of 11544 cells, 214 a second, 42 s left}. */
    String line() {
      String left =
          rate > 0
              ? String.format(Locale.ROOT, "%.0f s left", (total - done) / rate)
              : "no rate yet";
      return String.format(
          Locale.ROOT,
          "%s: %d of %d %s, %.0f a second, %s",
          stage.word(),
          done,
          total,
          stage == Stage.SOLVE ? "factors" : "cells",
          rate,
          left);
    }

    /** For programs. */
    public Map<String, Object> facts() {
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("stage", stage.word());
      facts.put("cells_done", done);
      facts.put("cells", total);
      facts.put("cells_a_second", Math.round(rate * 10) / 10.0);
      return facts;
    }
  }

  /**
   * @param units every unit of the stage, finished ones included
   * @param terminal whether {@code out} is a terminal
   */
  public Progress(RunFolder run, Stage stage, List<Unit> units, PrintStream out, boolean terminal) {
    this(
        run,
        stage,
        units,
        terminal ? state -> {} : state -> out.println(state.line()),
        out,
        terminal);
  }

  private Progress(
      RunFolder run,
      Stage stage,
      List<Unit> units,
      Consumer<State> listener,
      @Nullable PrintStream out,
      boolean terminal) {
    this.run = run;
    this.stage = stage;
    this.listener = listener;
    units.forEach(unit -> cellsOfUnit.put(unit.id(), unit.size()));
    this.total = units.stream().mapToLong(Unit::size).sum();
    this.atStart = done();
    this.bar = terminal && out != null ? bar(out) : null;
    Duration interval = bar == null ? LINE_INTERVAL : BAR_INTERVAL;
    timer.schedule(() -> look(interval.toMillis()), interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Tells a listener now and then, and once in the end. */
  public static Progress of(
      RunFolder run, Stage stage, List<Unit> units, Consumer<State> listener) {
    return new Progress(run, stage, units, listener, null, false);
  }

  private ProgressBar bar(PrintStream out) {
    return new ProgressBarBuilder()
        .setTaskName(stage.word())
        .setInitialMax(total)
        .startsFrom(atStart, Duration.ZERO)
        .setUnit(" cells", 1)
        .showSpeed()
        .setStyle(ProgressBarStyle.ASCII)
        .setConsumer(new ConsoleProgressBarConsumer(out))
        .build();
  }

  private long done() {
    return run.finishedUnits(stage).stream().mapToLong(id -> cellsOfUnit.getOrDefault(id, 0)).sum();
  }

  private void look(long interval) {
    long start = System.nanoTime();
    show();
    long spent = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    long next = Math.max(interval, spent * PART_SPENT_LOOKING);
    if (!timer.isShutdown()) {
      timer.schedule(() -> look(interval), next, TimeUnit.MILLISECONDS);
    }
  }

  private void show() {
    try {
      State state = state();
      if (bar != null) {
        bar.stepTo(state.done());
      }
      listener.accept(state);
    } catch (UncheckedIOException e) {
      // the folder cannot be listed: whoever writes into it will say so
    }
  }

  State state() {
    long done = done();
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    return new State(stage, done, total, Math.max(0, done - atStart) / seconds);
  }

  @Override
  public void close() {
    timer.shutdownNow();
    show();
    if (bar != null) {
      bar.close();
    }
  }
}
