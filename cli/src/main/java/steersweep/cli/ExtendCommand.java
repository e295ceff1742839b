package steersweep.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
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
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.score.SettingDifference;
import steersweep.sweep.FlinkCluster;
import steersweep.sweep.Runs;

/** A sweep of more cells than an earlier one, whose rows are taken over. */
@Command(
    name = "extend",
    description = {
      "Run a plan with more cells than an earlier run: more prompts, hook points, layers, heads,"
          + " settings or controls.",
      "Makes a new run beside the earlier one, and takes over the rows of cells that both have.",
      "With other concepts, steering or contrast prompts everything is measured anew: every cell is"
          + " compared with what the model says after all of them."
    })
final class ExtendCommand implements Callable<Integer> {
  /** What cells are made of, and what follows from it. */
  private static final String MAY_DIFFER =
      "(plan\\.(name|concepts|hookPoints|layers|heads|settings|controls|texts)|model\\.hookPoints)\\b.*"
          + "|device|unitCells|versions\\..*";

  @Parameters(paramLabel = "RUN", description = "Run folder, such as runs/latest.")
  private Path path;

  @Option(names = "--conf", required = true, paramLabel = "FILE", description = "The plan, YAML.")
  private Path conf;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Where the checkpoint is now (default: where it was).")
  private @Nullable Path model;

  @Mixin private GridOptions grid;
  @Mixin private WeightOptions weights;
  @Mixin private RunOptions running;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Faults faults = new Faults();
    Dtype asked = weights.chosen(faults);
    ReportCommand.checkRun(path, faults);
    running.check(faults);
    RunFolder earlier = new RunFolder(path.toRealPath());
    RunManifest begun = earlier.manifest();
    if (begun.shard() != null) {
      throw new UserError(path.toString(), "a shard; steersweep merge makes a run of all of them");
    }
    ModelManifest begunWith = begun.model();
    if (begunWith == null) {
      throw new UserError(path.toString(), "published results; there is nothing to run");
    }
    SweepOptions options = new SweepOptions();
    options.model = model == null ? OpenRun.checkpoint(earlier) : model;
    options.conf = conf;
    options.grid = grid;
    SweepOptions.Loaded loaded = options.load();
    FlinkCluster cluster = running.cluster();
    Checkpoint checkpoint = Checkpoint.open(options.model);
    options.checkPrompts(loaded);
    DeviceChoice choice = running.choose(begunWith.device());
    OpenRun open;
    try (TemporaryExport exported =
        TemporaryExport.of(
            checkpoint,
            loaded.plan().hookPoints(),
            weights,
            asked == null ? begunWith.dtype() : asked,
            choice.device())) {
      RunManifest wanted = options.manifest(loaded, exported.manifest(), choice);
      requireExtension(earlier.manifest(), wanted);
      open = runsOf(earlier).alone(() -> findOrCreate(earlier, wanted, exported, cluster));
    }
    try (open) {
      return new RunJob(
              open.run(),
              running,
              choice,
              cluster,
              spec.commandLine().getOut(),
              spec.commandLine().getErr())
          .run();
    }
  }

  private static Runs runsOf(RunFolder run) {
    return new Runs(Objects.requireNonNull(run.path().getParent()));
  }

  private static OpenRun findOrCreate(
      RunFolder earlier,
      RunManifest wanted,
      TemporaryExport exported,
      @Nullable FlinkCluster cluster)
      throws IOException {
    Runs runs = runsOf(earlier);
    RunFolder known = runs.find(wanted.key(), null).orElse(null);
    if (known != null) {
      return OpenRun.resume(known, wanted, exported, cluster);
    }
    RunFolder run = runs.create(wanted.plan().name(), Instant.parse(wanted.created()));
    return OpenRun.create(runs, run, wanted, exported, earlier);
  }

  /** Rows are only taken over where everything that is not an axis of the grid is the same. */
  private void requireExtension(RunManifest begun, RunManifest wanted) {
    List<String> faults =
        SettingDifference.between(begun, wanted).stream()
            .filter(
                setting ->
                    !setting.name().matches(MAY_DIFFER)
                        || setting.name().equals("plan.controls.prompted"))
            .map(
                setting ->
                    "%s: %s: an extension may not change this; got %s, expected %s"
                        .formatted(conf, setting.name(), setting.after(), setting.before()))
            .toList();
    if (!faults.isEmpty()) {
      throw new UserError(faults);
    }
  }
}
