package steersweep.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import steersweep.published.CsvImport;
import steersweep.report.Reports;
import steersweep.result.Published;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;

/** Makes a run of results that others published, so that they are read by the same rules. */
@Command(
    name = "import-csv",
    description = {
      "Make a run of published results and report on it, as far as that can be done without a model.",
      "FILE has the columns multiplier,layer,type,text. Type attn is the values of a whole layer (hook"
          + " point value), activations is the block's output (residual_post). A quote inside a"
          + " quoted field is doubled or has a backslash before it; line breaks may be in it.",
      "Scored are repetition, target words and the difference from the unsteered text. Where the file"
          + " has no row with multiplier 0, the most common text at the smallest multiplier stands in"
          + " for the unsteered text. Uptake, fluency, KL and doses need the model: they are null."
    })
final class ImportCsvCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "The published results, UTF-8.")
  private Path file;

  @Option(
      names = "--base",
      required = true,
      paramLabel = "TEXT",
      description = "The base prompt; it is taken off the start of the texts.")
  private String base;

  @Option(
      names = "--steering",
      required = true,
      paramLabel = "TEXT",
      description = "The steering prompt.")
  private String steering;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "RUN_DIR",
      description = "The run folder to make; must not hold anything.")
  private Path out;

  @Option(
      names = "--target-words",
      split = ",",
      paramLabel = "WORD",
      description = "Words that show the concept in a text, lower case (default: none).")
  private List<String> targetWords = List.of();

  @Option(
      names = "--layers",
      paramLabel = "N",
      description =
          "Layers of the model. Without it the last layer of the file is taken for the last of the"
              + " model.")
  private @Nullable Integer layers;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    RunFolder run = new CsvImport(file, base, steering, targetWords, layers, out).write();
    PrintWriter console = spec.commandLine().getOut();
    RunManifest manifest = run.manifest();
    Published published = manifest.published();
    console.printf("run       %s%n", run.path());
    console.printf("cells     %d of %s%n", manifest.cells(), file);
    if (published != null) {
      console.printf("baseline  %s%n", published.baseline());
      if (published.withoutBasePrompt() > 0) {
        console.printf(
            "note      %d of %d texts do not start with the base prompt: taken whole%n",
            published.withoutBasePrompt(), published.rows());
      }
    }
    ReportCommand.print(run, Reports.write(run), console);
    return 0;
  }
}
