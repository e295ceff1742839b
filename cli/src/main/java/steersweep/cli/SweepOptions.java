package steersweep.cli;

import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import steersweep.bake.VectorFile;
import steersweep.checkpoint.ModelConfig;
import steersweep.device.DeviceChoice;
import steersweep.engine.PromptTokenizer;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.model.ModelManifest;
import steersweep.plan.CellGrid;
import steersweep.plan.GridFlags;
import steersweep.plan.PlanReader;
import steersweep.plan.SweepPlan;
import steersweep.result.RunManifest;
import steersweep.sweep.PromptChecks;
import steersweep.sweep.Runs;

/** What to sweep over which model: options that several verbs share. */
final class SweepOptions {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "MODEL",
      description = {
        "Checkpoint folder as downloaded (config.json, *.safetensors, tokenizer.json), or GGUF file."
      })
  Path model;

  @Option(names = "--conf", required = true, paramLabel = "FILE", description = "The plan, YAML.")
  Path conf;

  @Option(
      names = "--unit-cells",
      paramLabel = "N",
      description =
          "Cells in a unit of work, that is, in one file (default: 256 to 2048, by the model).")
  private @Nullable Integer unitCells;

  @Mixin GridOptions grid = new GridOptions();

  /**
   * @param plan the effective plan
   * @param config the model's config.json
   * @param grid the plan met with the model's sizes
   * @param unitCells most cells in a unit
   */
  record Loaded(SweepPlan plan, ModelConfig config, CellGrid grid, int unitCells) {}

  /** Reads plan and config; the faults of both are reported together. */
  Loaded load() {
    List<String> faults = new ArrayList<>();
    Faults ofOptions = new Faults();
    if (unitCells != null) {
      BatchOption.atLeast(1, "--unit-cells", unitCells, ofOptions);
    }
    faults.addAll(ofOptions.all());
    GridFlags flags = grid.flags();
    SweepPlan plan = orFaults(faults, () -> PlanReader.read(conf, flags, VectorFile::read));
    ModelConfig config = orFaults(faults, () -> ModelConfig.read(model));
    if (plan == null || config == null) {
      throw new UserError(faults);
    }
    CellGrid cellGrid =
        orFaults(faults, () -> CellGrid.of(plan, config.shape(), conf.toString(), flags));
    if (cellGrid == null || !faults.isEmpty()) {
      throw new UserError(faults);
    }
    int cells = unitCells == null ? CellGrid.unitCells(plan, config.shape()) : unitCells;
    if ((cellGrid.size() - 1) / cells >= CellGrid.MOST_UNITS) {
      throw new UserError(
          "--unit-cells",
          "got "
              + cells
              + " for "
              + cellGrid.size()
              + " cells, expected at least "
              + (cellGrid.size() + CellGrid.MOST_UNITS - 1) / CellGrid.MOST_UNITS
              + ": a run has at most "
              + CellGrid.MOST_UNITS
              + " units");
    }
    return new Loaded(plan, config, cellGrid, cells);
  }

  /** Whether every prompt can be read and fits; needs the tokenizer. */
  void checkPrompts(Loaded loaded) {
    Faults faults = new Faults();
    try (PromptTokenizer tokenizer = PromptTokenizer.open(model, loaded.config().shape())) {
      PromptChecks.check(
          loaded.plan(),
          tokenizer,
          loaded.config().shape(),
          loaded.config().own().lengthKey(),
          conf.toString(),
          faults);
    }
    faults.throwIfAny();
  }

  /** What a run that is begun now says of itself. */
  RunManifest manifest(Loaded loaded, ModelManifest exported, DeviceChoice choice) {
    return new RunManifest(
            Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
            conf.toString(),
            loaded.plan(),
            Runs.key(loaded.plan(), exported, loaded.unitCells()),
            exported,
            loaded.unitCells(),
            loaded.grid().size(),
            loaded.grid().units(loaded.unitCells()).size(),
            choice.describe(),
            Versions.all())
        .withFlags(grid.flags().byFlag());
  }

  /** What is read, or null and its faults. */
  static <T> @Nullable T orFaults(List<String> faults, Supplier<T> reading) {
    try {
      return reading.get();
    } catch (UserError e) {
      faults.addAll(e.faults());
      return null;
    }
  }
}
