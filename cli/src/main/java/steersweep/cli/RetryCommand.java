package steersweep.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import steersweep.checkpoint.Checkpoint;
import steersweep.device.DeviceChoice;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.model.Dtype;
import steersweep.model.ModelManifest;
import steersweep.plan.Stage;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.result.RunUnits;
import steersweep.sweep.FlinkCluster;
import steersweep.sweep.Runs;

/** Runs the failed cells of a run again, and nothing else but what was never finished. */
@Command(
    name = "retry",
    description = {
      "Run the failed cells of a run again, and what it left unfinished.",
      "All other rows stay as they are."
    })
final class RetryCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RUN", description = "Run folder, such as runs/latest.")
  private Path path;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Where the checkpoint is now (default: where it was).")
  private @Nullable Path model;

  @Mixin private WeightOptions weights;
  @Mixin private RunOptions running;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Faults faults = new Faults();
    Dtype asked = weights.chosen(faults);
    ReportCommand.checkRun(path, faults);
    running.check(faults);
    RunFolder run = new RunFolder(path.toRealPath());
    RunManifest manifest = run.manifest();
    ModelManifest begunWith = manifest.model();
    if (begunWith == null) {
      throw new UserError(path.toString(), "published results; there is nothing to run");
    }
    FlinkCluster cluster = running.cluster();
    Checkpoint checkpoint = Checkpoint.open(model == null ? OpenRun.checkpoint(run) : model);
    DeviceChoice choice = running.choose(begunWith.device());
    OpenRun open;
    try (TemporaryExport exported =
        TemporaryExport.of(
            checkpoint,
            begunWith.hookPoints(),
            weights,
            asked == null ? begunWith.dtype() : asked,
            choice.device())) {
      open = OpenRun.resume(run, same(manifest, exported.manifest()), exported, cluster);
    }
    try (open) {
      reopenFailed(run, spec.commandLine().getErr());
      return new RunJob(
              run,
              running,
              choice,
              cluster,
              spec.commandLine().getOut(),
              spec.commandLine().getErr())
          .run();
    }
  }

  private static RunManifest same(RunManifest begun, ModelManifest model) {
    return new RunManifest(
            begun.created(),
            begun.planFile(),
            begun.plan(),
            Runs.key(begun.plan(), model, begun.unitCells()),
            model,
            begun.unitCells(),
            begun.cells(),
            begun.units(),
            begun.device(),
            begun.versions())
        .withFlags(begun.flags())
        .withShard(begun.shard());
  }

  private static void reopenFailed(RunFolder run, PrintWriter err) {
    RunUnits units = RunUnits.of(run);
    RunJob.setAsideDamaged(run, units, err);
    for (Stage stage : Stage.values()) {
      List<String> failed = run.failedUnits(stage);
      units.all(stage).stream().filter(unit -> failed.contains(unit.id())).forEach(run::reopen);
    }
  }
}
