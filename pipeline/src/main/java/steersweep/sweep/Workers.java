package steersweep.sweep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import steersweep.engine.EngineException;
import steersweep.error.UserError;
import steersweep.model.Processor;
import steersweep.plan.Unit;
import steersweep.result.RunFolder;

/**
 * The engines of this process, one for each processor: opened by the first unit that needs it, kept
 * for all that follow. A unit goes to the processor that has the fewest.
 */
final class Workers {
  private static List<Worker> workers = List.of();
  private static @Nullable String runFolder;

  private Workers() {}

  /**
   * Runs a unit on one of the settings' processors.
   *
   * @throws StopSweep when the model cannot be opened, or a cell failed and that is to be the end
   */
  static void run(String folder, SweepSettings settings, Unit unit) {
    Worker worker = take(folder, settings);
    try {
      List<String> failures = worker.runner().run(unit);
      if (settings.failFast() && !failures.isEmpty()) {
        throw new StopSweep(Stop.FAILED_CELL, new EngineException(failures.get(0)));
      }
    } finally {
      give(worker);
    }
  }

  private static synchronized Worker take(String folder, SweepSettings settings) {
    if (!folder.equals(runFolder)) {
      close();
      List<Worker> ofRun = new ArrayList<>();
      for (Processor processor : settings.processors()) {
        ofRun.add(new Worker(folder, settings, processor));
      }
      workers = ofRun;
      runFolder = folder;
    }
    Worker freest =
        workers.stream()
            .min(Comparator.comparingInt((Worker w) -> w.underWay).thenComparingInt(w -> w.taken))
            .orElseThrow();
    freest.underWay++;
    freest.taken++;
    return freest;
  }

  private static synchronized void give(Worker worker) {
    worker.underWay--;
    Workers.class.notifyAll();
  }

  /** Units that each processor was given, in the order of the settings. */
  static synchronized List<Integer> shares() {
    return workers.stream().map(worker -> worker.taken).toList();
  }

  /** Waits for units under way: a model must not be closed while it runs. */
  static synchronized void close() {
    try {
      while (workers.stream().anyMatch(worker -> worker.underWay > 0)) {
        Workers.class.wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    List<Worker> current = workers;
    workers = List.of();
    runFolder = null;
    current.forEach(Worker::close);
  }

  /** One processor's engine; its own lock, so that several open their models at once. */
  private static final class Worker {
    private final String folder;
    private final SweepSettings settings;
    private final Processor processor;
    private @Nullable UnitRunner runner;
    private int underWay;
    private int taken;

    Worker(String folder, SweepSettings settings, Processor processor) {
      this.folder = folder;
      this.settings = settings;
      this.processor = processor;
    }

    synchronized UnitRunner runner() {
      UnitRunner current = runner;
      if (current == null) {
        current = open();
        runner = current;
      }
      return current;
    }

    private UnitRunner open() {
      try {
        return UnitRunner.open(new RunFolder(Path.of(folder)), settings, processor);
      } catch (UserError e) {
        throw new StopSweep(Stop.THEIRS, e);
      } catch (RuntimeException e) {
        throw new StopSweep(Stop.OURS, e);
      }
    }

    synchronized void close() {
      if (runner != null) {
        runner.close();
      }
    }
  }
}
