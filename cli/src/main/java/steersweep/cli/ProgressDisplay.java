package steersweep.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.function.Consumer;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import steersweep.plan.Phase;
import steersweep.sweep.SweepState;

/**
 * Shows how far a sweep is: a bar for each phase on a terminal, a plain line now and then
 * elsewhere, an event for programs, or nothing.
 */
final class ProgressDisplay implements Consumer<SweepState>, AutoCloseable {
  private static final Duration LINE_INTERVAL = Duration.ofSeconds(10);
  private static final Duration EVENT_INTERVAL = Duration.ofSeconds(1);
  private static final Duration BAR_INTERVAL = Duration.ofMillis(250);
  private static final Duration NEVER = Duration.ofDays(1);

  private final Consumer<SweepState> show;
  private final Duration interval;
  private final @Nullable Bar bar;

  private ProgressDisplay(Consumer<SweepState> show, Duration interval, @Nullable Bar bar) {
    this.show = show;
    this.interval = interval;
    this.bar = bar;
  }

  /**
   * @param err where people look: standard error
   */
  static ProgressDisplay of(Output output, RunOptions options, PrintStream err) {
    if (options.json()) {
      return new ProgressDisplay(
          state -> output.event("progress", state.facts()), EVENT_INTERVAL, null);
    }
    if (options.quiet()) {
      return new ProgressDisplay(state -> {}, NEVER, null);
    }
    if (Terminal.bars()) {
      Bar bar = new Bar(err);
      return new ProgressDisplay(bar::show, BAR_INTERVAL, bar);
    }
    return new ProgressDisplay(new Lines(err)::show, LINE_INTERVAL, null);
  }

  /** Between two looks. */
  Duration interval() {
    return interval;
  }

  @Override
  public void accept(SweepState state) {
    show.accept(state);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }

  /** Stages from beginning to end; other phases only if they take long. */
  private static final class Lines {
    private final PrintStream out;
    private @Nullable Phase shortOne;

    Lines(PrintStream out) {
      this.out = out;
    }

    void show(SweepState state) {
      if (state.stage() != null || state.phase() == shortOne) {
        out.println(state.line());
      }
      shortOne = state.stage() == null ? state.phase() : null;
    }
  }

  /** One bar for each phase that has cells, and one that only counts time for the others. */
  private static final class Bar {
    private final PrintStream out;
    private @Nullable ProgressBar bar;
    private String name = "";

    Bar(PrintStream out) {
      this.out = out;
    }

    void show(SweepState state) {
      String wanted = state.stage() == null ? state.phase().word() : state.stage().word();
      ProgressBar shown = bar;
      if (shown == null || !name.equals(wanted)) {
        close();
        name = wanted;
        shown = open(state);
        bar = shown;
      }
      boolean inside = state.stage() == null || state.phase().word().equals(wanted);
      shown.setExtraMessage((inside ? "" : state.phase().word() + ", ") + state.details());
      if (state.stage() != null) {
        shown.stepTo(state.done());
      }
    }

    private ProgressBar open(SweepState state) {
      return new ProgressBarBuilder()
          .setTaskName(name)
          .setInitialMax(state.stage() == null ? -1 : state.total())
          .setUnit(" cells", 1)
          .hideEta()
          .setStyle(ProgressBarStyle.ASCII)
          .setConsumer(new ConsoleProgressBarConsumer(out))
          .build();
    }

    void close() {
      if (bar != null) {
        bar.close();
        bar = null;
      }
    }
  }
}
