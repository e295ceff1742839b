package steersweep.sweep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
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

  /** Runs a unit on one of the settings' processors. */
  static void run(String folder, SweepSettings settings, Unit unit) {
    Worker worker = take(folder, settings);
    try {
      worker.runner().run(unit);
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
  }

  /** Units that each processor was given, in the order of the settings. */
  static synchronized List<Integer> shares() {
    return workers.stream().map(worker -> worker.taken).toList();
  }

  static synchronized void close() {
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
        current = UnitRunner.open(new RunFolder(Path.of(folder)), settings, processor);
        runner = current;
      }
      return current;
    }

    synchronized void close() {
      if (runner != null) {
        runner.close();
      }
    }
  }
}
