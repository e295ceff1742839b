package steersweep.sweep;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import steersweep.plan.Phase;
import steersweep.plan.Stage;
import steersweep.plan.Unit;
import steersweep.result.RunFolder;

/**
 * Tells how far a sweep is: when a phase begins or ends, and now and then. Counted are files of
 * finished units, and what the processes say that have units under way; so it is right with any
 * runner and after any restart. Folders of many thousand files are looked at less often, so that
 * looking takes no noticeable time.
 */
public final class SweepProgress implements AutoCloseable {
  /** Of all time, at most a part in so many is spent looking. */
  private static final int PART_SPENT_LOOKING = 100;

  private final RunFolder run;
  private final Consumer<SweepState> listener;
  private final long startNanos = System.nanoTime();
  private final TimeLeft left = new TimeLeft();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "progress");
            thread.setDaemon(true);
            return thread;
          });
  private @Nullable Phase phase;
  private @Nullable StageCount stage;

  /**
   * @param listener told on threads of this and of the caller, one at a time
   * @param interval between two looks
   */
  public SweepProgress(RunFolder run, Consumer<SweepState> listener, Duration interval) {
    this.run = run;
    this.listener = listener;
    timer.schedule(() -> look(interval.toMillis()), interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * How long a stage will take, all of it, as far as is known before; may be said again when more
   * is known.
   */
  public synchronized void expect(Stage of, double seconds) {
    left.expect(of, seconds);
  }

  /** A phase of its own begins, outside of the stages. */
  public synchronized void begin(Phase next) {
    end();
    phase = next;
    show();
  }

  /**
   * A stage begins.
   *
   * @param units every unit of it, finished ones included
   */
  public synchronized void begin(Stage of, List<Unit> units) {
    end();
    phase = Phase.of(of);
    StageCount counted = new StageCount(run, of, units, seconds());
    stage = counted;
    left.begin(of, counted.part(), seconds());
    show();
  }

  /** Whatever is under way has ended; nothing is said until the next begins. */
  public synchronized void end() {
    if (stage != null) {
      show();
      left.end(seconds());
    }
    phase = null;
    stage = null;
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

  private synchronized void show() {
    if (phase == null) {
      return;
    }
    try {
      listener.accept(state(phase));
    } catch (UncheckedIOException e) {
      // the folder cannot be listed: whoever writes into it will say so
    }
  }

  private SweepState state(Phase now) {
    if (stage == null) {
      return SweepState.of(now, seconds(), left.at(0, seconds()));
    }
    stage.look(seconds());
    return new SweepState(
        stage.phase(),
        stage.stage(),
        stage.done(),
        stage.total(),
        stage.rate(),
        seconds(),
        left.at(stage.part(), seconds()));
  }

  private double seconds() {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  @Override
  public void close() {
    timer.shutdownNow();
    end();
  }
}
