package steersweep.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import steersweep.checkpoint.ModelConfig;
import steersweep.error.Faults;
import steersweep.error.Suggest;
import steersweep.error.UserError;
import steersweep.plan.CellGrid;
import steersweep.plan.PlanReader;
import steersweep.plan.SweepPlan;
import steersweep.result.IoFaults;

/** Writes a plan to begin with: concepts that come with the program, and a grid for the model. */
@Command(
    name = "init",
    description = {
      "Write a plan that works, with comments: concepts that come with the program, a grid for the",
      "model, controls. Change it to your own."
    })
final class InitCommand implements Callable<Integer> {
  /** Layers of a grid that answers in minutes. */
  private static final int MOST_LAYERS = 16;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "MODEL",
      description = "Checkpoint folder as downloaded (its config.json is enough), or GGUF file.")
  private Path model;

  @Option(
      names = "--concept",
      paramLabel = "NAME",
      split = ",",
      completionCandidates = Presets.Names.class,
      description = "A concept to begin with, or several: ${COMPLETION-CANDIDATES}.")
  private List<String> concepts = List.of();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The plan to write (default: the concepts' names, with .yaml).")
  private @Nullable Path out;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    check();
    ModelConfig config = ModelConfig.read(model);
    Path file = out == null ? Path.of(String.join("-", concepts) + ".yaml") : out;
    write(file, text(config.shape().nLayers()));
    SweepPlan plan = PlanReader.read(file);
    CellGrid grid = CellGrid.of(plan, config.shape(), file.toString());
    PrintWriter print = spec.commandLine().getOut();
    print.printf(
        "wrote     %s: %s, %d prompt pairs, %d sites, settings %s, %d cells%n",
        file,
        String.join(", ", concepts),
        grid.pairs().size(),
        grid.sites().size(),
        grid.settings(),
        grid.size());
    print.printf("next      steersweep sweep --model %s --conf %s%n", model, file);
    return 0;
  }

  private void check() {
    Faults faults = new Faults();
    if (concepts.isEmpty()) {
      faults.add(
          "--concept",
          "missing; expected one or more of (choices: "
              + String.join(", ", Presets.CONCEPTS)
              + ")");
    }
    for (String concept : concepts) {
      if (!Presets.CONCEPTS.contains(concept)) {
        String among = Suggest.among(concept, Presets.CONCEPTS);
        faults.add("--concept", "no such concept here; got '" + concept + "', " + among);
      }
    }
    if (concepts.stream().distinct().count() < concepts.size()) {
      faults.add("--concept", "given twice; got " + String.join(", ", concepts));
    }
    faults.throwIfAny();
  }

  /** {@code conf/starter.yaml} with other concepts, and layers for the model. */
  private String text(int nLayers) {
    String starter = Presets.starter();
    String entries = concepts.stream().map(Presets::entry).collect(Collectors.joining());
    String before = starter.substring(0, starter.indexOf("\nconcepts:\n") + 1);
    String after = starter.substring(starter.indexOf("\ngrid:\n"));
    return before.replace("--concept joy", "--concept " + String.join(",", concepts))
        + "concepts:\n"
        + entries
        + after.replace("  layers: all\n", "  layers: " + layers(nLayers) + "\n");
  }

  /** Every n-th layer where the model has many: effects change slowly with depth. */
  private static String layers(int nLayers) {
    if (nLayers <= MOST_LAYERS) {
      return "all";
    }
    int step = (nLayers + MOST_LAYERS - 1) / MOST_LAYERS;
    return "%d-%d+%d # every %s of %d; all: each of them"
        .formatted(step, nLayers - 1, step, ordinal(step), nLayers);
  }

  private static String ordinal(int number) {
    return switch (number) {
      case 2 -> "second";
      case 3 -> "third";
      default -> number + "th";
    };
  }

  private static void write(Path file, String text) throws IOException {
    try {
      Files.writeString(file, text, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (FileAlreadyExistsException e) {
      throw new UserError(file.toString(), "is there already; expected --out with another name", e);
    } catch (IOException e) {
      throw new IOException(file + ": cannot be written: " + IoFaults.words(e), e);
    }
  }
}
