package steersweep.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import steersweep.error.Faults;
import steersweep.plan.Stage;
import steersweep.report.Reports;
import steersweep.report.Verdict;
import steersweep.result.RunFolder;

/** Draws the report of a run again, finished or not. */
@Command(
    name = "report",
    description = "Write report.html and summary.md of a run again, finished or not.")
final class ReportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RUN", description = "Run folder, such as runs/latest.")
  private Path run;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Faults faults = new Faults();
    check(run, faults);
    faults.throwIfAny();
    RunFolder folder = new RunFolder(run);
    print(folder, Reports.write(folder), spec.commandLine().getOut());
    return 0;
  }

  /** Whether a folder is a run with anything in it. */
  static void check(Path run, Faults faults) {
    if (checkRun(run, faults) && new RunFolder(run).finishedUnits(Stage.WRITE).isEmpty()) {
      faults.add(run.toString(), "nothing to report; no unit is finished yet");
    }
  }

  /** Whether a folder is a run. */
  static boolean checkRun(Path run, Faults faults) {
    boolean known = Files.isRegularFile(new RunFolder(run).manifestFile());
    if (!known) {
      faults.add(run.toString(), "not a run folder; expected a manifest.json in it");
    }
    return known;
  }

  /** The verdict in a few lines, then the path of the report. */
  static void print(RunFolder run, Verdict verdict, PrintWriter out) {
    out.println();
    verdict.lines().forEach(out::println);
    verdict.next().forEach(step -> out.printf("next      %s%n", step));
    out.println();
    out.printf("summary   %s%n", run.summaryFile());
    out.printf("report    %s%n", run.reportFile());
  }
}
