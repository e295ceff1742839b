package steersweep.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import steersweep.error.Faults;
import steersweep.report.ComparisonPage;
import steersweep.result.RunFolder;
import steersweep.score.Comparison;

/** Sets two runs side by side: two models, or two settings. */
@Command(
    name = "compare",
    description = {
      "Compare two runs: what differs in their settings, and how the pulls of the same sites and"
          + " settings differ. Prints Markdown.",
      "Where both runs have the same prompt pairs, pulls are compared pair by pair."
    })
final class CompareCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "RUN_A", description = "The run before.")
  private Path before;

  @Parameters(index = "1", paramLabel = "RUN_B", description = "The run after.")
  private Path after;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Write it to a file instead: a page for a browser if it ends in .html.")
  private @Nullable Path out;

  @Option(
      names = "--fail-if-worse",
      description = {
        "Exit with 4 when a site that RUN_A recommends is worse in RUN_B: its pull is smaller (the"
            + " whole 95 %% interval, on prompts that had no say in the choice), it does too much"
            + " damage, or it has no reading there."
      })
  private boolean failIfWorse;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Faults faults = new Faults();
    check(before, faults);
    check(after, faults);
    faults.throwIfAny();
    RunFolder first = new RunFolder(before);
    RunFolder second = new RunFolder(after);
    Comparison comparison = Comparison.of(first, second);
    Path file = out;
    boolean html = file != null && file.toString().endsWith(".html");
    String page =
        html
            ? ComparisonPage.html(first, second, comparison)
            : ComparisonPage.markdown(first, second, comparison);
    if (file == null) {
      spec.commandLine().getOut().print(page);
    } else {
      Files.writeString(file, page);
      spec.commandLine().getOut().printf("comparison  %s%n", file);
    }
    if (failIfWorse && comparison.worse()) {
      spec.commandLine()
          .getErr()
          .println("error: " + String.join("\n", ComparisonPage.recommended(comparison)));
      return Main.WORSE;
    }
    return 0;
  }

  private static void check(Path run, Faults faults) {
    Faults ofRun = new Faults();
    ReportCommand.check(run, ofRun);
    if (ofRun.any()) {
      faults.addAll(ofRun);
    } else if (new RunFolder(run).manifest().published() != null) {
      faults.add(run.toString(), "published results; expected a sweep, whose effects are known");
    }
  }
}
