package steersweep.sweep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import steersweep.device.NativeFolder;
import steersweep.engine.EngineException;
import steersweep.error.UserError;
import steersweep.model.FileHashes;
import steersweep.model.ModelFile;
import steersweep.model.ModelManifest;
import steersweep.model.ModelWatch;
import steersweep.model.Processor;
import steersweep.plan.Phase;
import steersweep.plan.Unit;
import steersweep.result.Json;
import steersweep.result.RunFolder;

/**
 * What this process keeps between units: for each run one worker on each processor, opened by the
 * first unit that needs it. A unit goes to the processor that has the fewest. Where a process
 * outlives its jobs, the workers of a run are closed when units of another one come.
 */
final class Workers {
  private static final Map<Job, List<Worker>> JOBS = new HashMap<>();
  private static final Set<UnitOfRun> UNDER_WAY = new HashSet<>();

  private Workers() {}

  /**
   * @param folder the run's
   * @param settings how it is run
   */
  record Job(String folder, SweepSettings settings) {}

  private record UnitOfRun(String folder, Unit unit) {}

  /**
   * Runs a unit on one of the settings' processors.
   *
   * @param progress told how far it is
   * @throws StopSweep when the model cannot be opened, or a cell failed and that is to be the end
   */
  static void run(Job job, Unit unit, UnderWay progress) {
    Worker worker = take(job);
    try {
      List<String> failures = worker.runner(progress::at).run(unit, progress);
      if (job.settings().failFast() && !failures.isEmpty()) {
        throw new StopSweep(Stop.FAILED_CELL, new EngineException(failures.get(0)));
      }
    } finally {
      give(worker);
    }
  }

  /**
   * Waits while another thread of this process is at the same unit: a job that was lost to a dead
   * JobManager may be at it still when the next one comes.
   */
  static void enter(String folder, Unit unit) throws InterruptedException {
    synchronized (UNDER_WAY) {
      while (!UNDER_WAY.add(new UnitOfRun(folder, unit))) {
        UNDER_WAY.wait();
      }
    }
  }

  static void leave(String folder, Unit unit) {
    synchronized (UNDER_WAY) {
      UNDER_WAY.remove(new UnitOfRun(folder, unit));
      UNDER_WAY.notifyAll();
    }
  }

  private static synchronized Worker take(Job job) {
    List<Worker> workers = JOBS.get(job);
    if (workers == null) {
      closeIdle();
      workers = new ArrayList<>();
      for (Processor processor : job.settings().processors()) {
        workers.add(new Worker(job, processor));
      }
      JOBS.put(job, workers);
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
  static synchronized List<Integer> shares(Job job) {
    return JOBS.getOrDefault(job, List.of()).stream().map(worker -> worker.taken).toList();
  }

  /** Closes everything that no unit is using. */
  static synchronized void close() {
    closeIdle();
    SharedEngines.closeIdle();
  }

  private static void closeIdle() {
    for (Job job : new ArrayList<>(JOBS.keySet())) {
      List<Worker> workers = JOBS.getOrDefault(job, List.of());
      if (workers.stream().allMatch(worker -> worker.underWay == 0)) {
        JOBS.remove(job);
        workers.forEach(Worker::close);
      }
    }
  }

  /** One run on one processor; its own lock, so that several open their models at once. */
  private static final class Worker {
    private final Job job;
    private final Processor processor;
    private @Nullable UnitRunner runner;
    private @Nullable ModelWatch watch;
    private int underWay;
    private int taken;

    Worker(Job job, Processor processor) {
      this.job = job;
      this.processor = processor;
    }

    synchronized UnitRunner runner(Consumer<Phase> at) {
      UnitRunner current = runner;
      if (current == null) {
        watch = watch(model());
        current = open(at);
        runner = current;
      }
      requireSameFiles();
      return current;
    }

    private ModelManifest model() {
      Path file = new RunFolder(Path.of(job.folder())).model().resolve(ModelManifest.MANIFEST_FILE);
      try {
        return Json.read(file, ModelManifest.class);
      } catch (UserError e) {
        throw new StopSweep(Stop.THEIRS, e);
      }
    }

    private static ModelWatch watch(ModelManifest model) {
      return new ModelWatch(model.files(), Path.of(model.checkpoint()));
    }

    /** Before each unit: those under way may still be spoilt by a file that is written to. */
    private void requireSameFiles() {
      List<Path> touched = watch == null ? List.of() : watch.changed();
      if (touched.isEmpty()) {
        return;
      }
      ModelManifest model = model();
      Path folder = Path.of(model.checkpoint());
      ModelWatch now = watch(model);
      if (!ModelFile.changes(model.files(), folder, FileHashes.ofThisUser((file, bytes) -> {}))
          .isEmpty()) {
        throw new StopSweep(
            Stop.THEIRS,
            new UserError(
                touched.get(0).toString(),
                "was written to or exchanged while the sweep ran; units that ended since are not to"
                    + " be trusted; expected the model that the run was begun with"));
      }
      watch = now;
    }

    private UnitRunner open(Consumer<Phase> at) {
      NativeFolder.use(); // on a cluster's machine nobody else has
      try {
        RunFolder run = new RunFolder(Path.of(job.folder()));
        return UnitRunner.open(run, job.settings(), processor, at);
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
