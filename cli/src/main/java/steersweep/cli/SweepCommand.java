package steersweep.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import steersweep.architecture.StoredWeights;
import steersweep.checkpoint.Checkpoint;
import steersweep.device.DeviceChoice;
import steersweep.error.Faults;
import steersweep.model.Dtype;
import steersweep.plan.Shard;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.sweep.FlinkCluster;
import steersweep.sweep.Runs;

/**
 * The main job: export, run every cell, score, report. The same command again continues or finds
 * nothing to do.
 */
@Command(
    name = "sweep",
    description = {
      "Run a sweep and report which sites steer.",
      "The same command again continues an unfinished run, and does nothing when it is complete."
    })
final class SweepCommand implements Callable<Integer> {
  @Mixin private SweepOptions options;
  @Mixin private WeightOptions weights;
  @Mixin private RunOptions running;
  @Spec private CommandSpec spec;

  @Option(
      names = "--runs",
      paramLabel = "DIR",
      defaultValue = "runs",
      description = "Where run folders are (default: ${DEFAULT-VALUE}).")
  private Path runsRoot;

  @Option(names = "--fresh", description = "Start a new run even if there is one to continue.")
  private boolean fresh;

  @Option(
      names = "--run",
      paramLabel = "RUN",
      description = "Continue this run folder and no other; refused if it was begun differently.")
  private @Nullable Path named;

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      description = {
        "Run only the I-th of N parts, in a run folder of its own; merge makes one run of all N.",
        "Every part can run on another machine."
      })
  private @Nullable String shardWord;

  @Override
  public Integer call() throws IOException {
    Faults faults = new Faults();
    Dtype asked = weights.chosen(faults);
    if (named != null && fresh) {
      faults.add("--fresh", "starts a new run; got --run " + named + " beside it");
    } else if (named != null) {
      ReportCommand.checkRun(named, faults);
    }
    Shard shard = shard(faults);
    running.check(faults);
    SweepOptions.Loaded loaded = options.load();
    FlinkCluster cluster = running.cluster();
    Checkpoint checkpoint = Checkpoint.open(options.model);
    options.checkPrompts(loaded);
    DeviceChoice choice = running.choose();
    Dtype type = DeviceOption.dtype(asked, choice, StoredWeights.of(checkpoint));
    OpenRun open;
    try (TemporaryExport exported =
        TemporaryExport.of(
            checkpoint, loaded.plan().hookPoints(), weights, type, choice.device())) {
      RunManifest wanted = options.manifest(loaded, exported.manifest(), choice).withShard(shard);
      open =
          named != null
              ? OpenRun.resume(new RunFolder(named), wanted, exported, cluster)
              : new Runs(runsRoot).alone(() -> findOrCreate(wanted, exported, cluster));
    }
    try (open) {
      PrintWriter err = spec.commandLine().getErr();
      return new RunJob(open.run(), running, choice, cluster, spec.commandLine().getOut(), err)
          .run();
    }
  }

  private @Nullable Shard shard(Faults faults) {
    if (shardWord == null) {
      return null;
    }
    Shard shard = Shard.of(shardWord).orElse(null);
    if (shard == null) {
      faults.add(
          "--shard",
          "got " + shardWord + ", expected I/N, with I from 1 to N and N at most " + Shard.MOST);
    }
    return shard;
  }

  private OpenRun findOrCreate(
      RunManifest wanted, TemporaryExport exported, @Nullable FlinkCluster cluster)
      throws IOException {
    Runs runs = new Runs(runsRoot);
    Shard shard = wanted.shard();
    if (!fresh) {
      RunFolder known = runs.find(wanted.key(), shard).orElse(null);
      if (known == null) {
        known = runs.unfinishedWithAnotherModel(wanted).orElse(null); // to be refused
      }
      if (known != null) {
        return OpenRun.resume(known, wanted, exported, cluster);
      }
    }
    RunFolder run =
        runs.create(wanted.plan().name() + suffix(shard), Instant.parse(wanted.created()));
    return OpenRun.create(runs, run, wanted, exported, null);
  }

  private static String suffix(@Nullable Shard shard) {
    return shard == null ? "" : "-shard-" + shard.index() + "-of-" + shard.count();
  }
}
