package steersweep.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import steersweep.device.DeviceChoice;
import steersweep.device.Host;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.model.Device;
import steersweep.sweep.FlinkCluster;
import steersweep.sweep.SweepSettings;

/** How units are run and what is said meanwhile; none of this changes results. */
final class RunOptions {
  @Mixin private BatchOption batch;
  @Mixin private DeviceOption device;
  @Mixin private RunnerOption runner;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Threads of one run on the CPU; 0 for one per core (default).")
  private int threads;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      description = "Units under way at once on each device (default: 1 on the CPU, 2 on a GPU).")
  private @Nullable Integer parallelism;

  @Option(names = "--fail-fast", description = "End the sweep at the first cell that fails.")
  private boolean failFast;

  @Option(
      names = Output.JSON_OPTION,
      description = {
        "Write lines of JSON to standard output, and nothing else: launch, progress, done.",
        "The last one's success is true where the exit code is 0."
      })
  private boolean json;

  @Option(names = "--quiet", description = "Say nothing but errors and one line in the end.")
  private boolean quiet;

  /** More than any machine has cores; each takes memory before it does anything. */
  private static final int MOST_THREADS = 1024;

  void check(Faults faults) {
    device.check(faults);
    runner.check(faults);
    batch.check(faults);
    if (parallelism != null) {
      BatchOption.atLeast(1, "--parallelism", parallelism, faults);
    }
    BatchOption.atLeast(0, "--threads", threads, faults);
    if (threads > MOST_THREADS) {
      faults.add("--threads", "got " + threads + ", expected at most " + MOST_THREADS);
    }
    faults.throwIfAny();
  }

  /**
   * The cluster to run on; null for this process.
   *
   * @throws steersweep.engine.EngineException when it cannot run anything
   */
  @Nullable FlinkCluster cluster() {
    FlinkCluster cluster = runner.cluster();
    if (cluster != null) {
      cluster.check();
    }
    return cluster;
  }

  DeviceChoice choose() {
    return device.choose(Host.here());
  }

  /** The same for a run that was begun on one kind of device, and rounds as that does. */
  DeviceChoice choose(Device begunOn) {
    DeviceChoice choice = choose();
    if (choice.device() != begunOn) {
      throw new UserError(
          "--device",
          "another kind of device than the run was begun on; got "
              + choice.describe()
              + ", expected "
              + begunOn.name().toLowerCase(java.util.Locale.ROOT));
    }
    return choice;
  }

  SweepSettings settings(DeviceChoice choice) {
    // what is done between two runs of the model takes a GPU's time, but on the CPU its own
    int usual = choice.device() == Device.CPU ? 1 : 2;
    int atOnce = parallelism == null ? usual : parallelism;
    return new SweepSettings(choice.processors(), threads, batch.or(0), atOnce, failFast);
  }

  int threads() {
    return threads;
  }

  boolean json() {
    return json;
  }

  boolean quiet() {
    return quiet;
  }
}
