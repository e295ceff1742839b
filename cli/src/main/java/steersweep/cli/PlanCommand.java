package steersweep.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import steersweep.architecture.StoredWeights;
import steersweep.checkpoint.Checkpoint;
import steersweep.device.DeviceChoice;
import steersweep.device.Host;
import steersweep.engine.Engine;
import steersweep.engine.EngineException;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.model.Dtype;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.CellGrid;
import steersweep.plan.CellKind;
import steersweep.plan.ChoiceRule;
import steersweep.plan.SweepPlan;
import steersweep.result.IoFaults;
import steersweep.result.PairSite;
import steersweep.sweep.PairReadings;

/**
 * Shows what a sweep would be, and what it would refuse; from the plan and config.json alone if
 * there is no more.
 */
@Command(
    name = "plan",
    description = {
      "Show how large a sweep is, and whether it would be refused. Needs config.json alone;",
      "tokenizer and headers of the weights are checked where they are there. With --with-model",
      "pairs of texts are read, and what they promise is said."
    })
final class PlanCommand implements Callable<Integer> {
  /** Seen on the demo: a completion and its scores together, compressed. */
  private static final double BYTES_PER_CELL = 100;

  private static final int MOST_SHOWN = 50;

  @Option(
      names = "--with-model",
      description = {
        "Open the model too, and say at which sites pairs of texts agree and their sides are apart;",
        "that takes seconds, and is what a mean difference over them is made of."
      })
  private boolean withModel;

  @Option(
      names = "--pairs-out",
      paramLabel = "FILE",
      description = "With --with-model: the figures of every site, as Parquet.")
  private @Nullable Path pairsOut;

  @Mixin private SweepOptions options;
  @Mixin private WeightOptions weights;
  @Mixin private DeviceOption device;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Faults faults = new Faults();
    Dtype asked = weights.chosen(faults);
    if (pairsOut != null && !withModel) {
      faults.add("--pairs-out", "without a model; expected --with-model beside it");
    }
    faults.throwIfAny();
    SweepOptions.Loaded loaded = options.load();
    List<String> absent = check(loaded);
    print(spec.commandLine().getOut(), loaded);
    if (withModel) {
      readPairs(loaded, asked, absent);
    }
    if (!absent.isEmpty()) {
      spec.commandLine()
          .getOut()
          .printf(
              "not checked   %s: not in %s, and a sweep needs them%n",
              String.join(" and ", absent), options.model);
    }
    return 0;
  }

  /** What the pairs of the plan are to the model. */
  private void readPairs(SweepOptions.Loaded loaded, @Nullable Dtype asked, List<String> absent)
      throws IOException {
    if (!absent.isEmpty()) {
      throw new UserError(
          "--with-model", String.join(" and ", absent) + " not in " + options.model);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (!PairReadings.any(loaded.plan())) {
      out.printf("pairs         none: no concept of this plan is steered with pairs%n");
      return;
    }
    Checkpoint checkpoint = Checkpoint.open(options.model);
    DeviceChoice choice = device.choose(Host.here());
    Dtype dtype = DeviceOption.dtype(asked, choice, StoredWeights.of(checkpoint));
    try (TemporaryExport exported =
            TemporaryExport.of(
                checkpoint, loaded.plan().hookPoints(), weights, dtype, choice.device());
        Engine engine = Engine.open(exported.folder(), choice.processors().get(0), 0)) {
      List<PairSite> read = PairReadings.of(engine, loaded.plan(), loaded.grid().sites());
      PairLines.print(read, out);
      if (pairsOut != null) {
        PairSite.write(pairsOut, read, Map.of());
        out.printf("all sites     %s%n", pairsOut);
      }
    }
  }

  private String minutes(SweepOptions.Loaded loaded) {
    try {
      return new Minutes(
              loaded.plan(), loaded.grid(), loaded.config().shape(), device.choose(Host.here()), 0)
          .known()
          .map(estimate -> "about " + Minutes.words(estimate) + ", from earlier sweeps here")
          .orElse("not known before a first sweep of a model of this size here; its start says it");
    } catch (EngineException e) {
      return "not known: " + e.getMessage();
    }
  }

  /**
   * Whether a sweep would be refused for its prompts or the model's weights.
   *
   * @return what is not there to be checked
   */
  private List<String> check(SweepOptions.Loaded loaded) {
    List<String> faults = new ArrayList<>();
    List<String> absent = new ArrayList<>();
    if (has(".safetensors", ".safetensors.index.json")) {
      SweepOptions.orFaults(faults, () -> StoredWeights.of(Checkpoint.open(options.model)));
    } else {
      absent.add("weights");
    }
    if (has("tokenizer.json", "tokenizer.model")) {
      SweepOptions.orFaults(
          faults,
          () -> {
            options.checkPrompts(loaded);
            return loaded;
          });
    } else {
      absent.add("tokenizer");
    }
    if (!faults.isEmpty()) {
      throw new UserError(faults);
    }
    return absent;
  }

  /** A GGUF file has everything. */
  private boolean has(String... endings) {
    if (!Files.isDirectory(options.model)) {
      return true;
    }
    try (Stream<Path> files = Files.list(options.model)) {
      return files.anyMatch(
          file -> Arrays.stream(endings).anyMatch(file.getFileName().toString()::endsWith));
    } catch (IOException e) {
      throw new UncheckedIOException(options.model + ": cannot be listed: " + IoFaults.words(e), e);
    }
  }

  private void print(PrintWriter out, SweepOptions.Loaded loaded) {
    SweepPlan plan = loaded.plan();
    CellGrid grid = loaded.grid();
    ModelShape shape = loaded.config().shape();
    long units = grid.units(loaded.unitCells()).size();
    out.printf("plan          %s (%s)%n", plan.name(), options.conf);
    out.printf(
        "model         %s: %d layers, %d heads (%d key/value), %d wide, %s parameters%n",
        options.model,
        shape.nLayers(),
        shape.nHeads(),
        shape.nKvHeads(),
        shape.dModel(),
        Quantity.of(loaded.config().own().parameters()));
    Losses.print(plan, out);
    out.printf("prompt pairs  %d, of %d concepts%n", grid.pairs().size(), plan.concepts().size());
    for (HookPoint hookPoint : plan.hookPoints()) {
      long sites = grid.sites().stream().filter(site -> site.hookPoint() == hookPoint).count();
      out.printf("sites         %d at %s%n", sites, hookPoint.word());
    }
    out.printf(
        "settings      %s, %s, positions %s%n",
        shown(plan.settings()),
        switch (plan.dose()) {
          case RAW -> "factors";
          case RELATIVE -> "relative doses";
          case KL -> "damages in nats per token, factors to be solved";
        },
        plan.positions().word());
    out.printf(
        "cells         %d in %d units of at most %d%n", grid.size(), units, loaded.unitCells());
    double flopPerCell = 2.0 * shape.parameters() * plan.newTokens();
    for (CellKind kind : CellKind.values()) {
      long cells = (long) grid.pairs().size() * grid.cellsPerPair(kind);
      if (cells > 0) {
        out.printf(
            "  %-12s%d, about %sFLOP to generate%n",
            kind.word(), cells, Quantity.withSpace(cells * flopPerCell));
      }
    }
    out.printf("new tokens    at most %d a cell%n", plan.newTokens());
    out.printf(
        "arithmetic    about %sFLOP to generate%s, before prompts and scoring%n",
        Quantity.withSpace(flopPerCell * grid.size()),
        plan.texts().rule() == ChoiceRule.ALL ? "" : " if every cell is chosen");
    out.printf(
        "disk          about %sB of Parquet%n", Quantity.withSpace(BYTES_PER_CELL * grid.size()));
    out.printf("time          %s%n", minutes(loaded));
  }

  /** A list of thousands is not for reading. */
  private static String shown(List<Double> settings) {
    return settings.size() <= MOST_SHOWN
        ? settings.toString()
        : "%d from %s to %s"
            .formatted(settings.size(), Collections.min(settings), Collections.max(settings));
  }
}
