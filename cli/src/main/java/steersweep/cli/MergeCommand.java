package steersweep.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import steersweep.device.DeviceChoice;
import steersweep.device.Host;
import steersweep.error.Faults;
import steersweep.plan.Unit;
import steersweep.report.Verdict;
import steersweep.result.RunFolder;
import steersweep.result.RunUnits;
import steersweep.sweep.Chooser;
import steersweep.sweep.Runs;
import steersweep.sweep.Shards;
import steersweep.sweep.SweepSettings;

/** The last step of a sweep in shards: one run of all of them, and its report. */
@Command(
    name = "merge",
    description = {
      "Make one run of the shards of a sweep, and report on it.",
      "Shards that are missing or unfinished are named, and nothing is written."
    })
final class MergeCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "RUN",
      arity = "1..*",
      description = "Run folders of the shards, such as runs/*-shard-*.")
  private List<Path> folders;

  @Option(
      names = "--runs",
      paramLabel = "DIR",
      description = "Where the whole run goes (default: beside the first shard).")
  private @Nullable Path runsRoot;

  @Mixin private DeviceOption device;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Faults faults = new Faults();
    for (Path folder : folders) {
      ReportCommand.checkRun(folder, faults);
    }
    device.check(faults);
    faults.throwIfAny();
    Shards shards = Shards.of(folders.stream().map(RunFolder::new).toList());
    DeviceChoice choice = device.choose(Host.here());
    RunFolder run = shards.merge(new Runs(root()), Instant.now());
    PrintWriter out = spec.commandLine().getOut();
    out.printf("run       %s%n", run.path());
    out.printf("merged    %d shards%n", folders.size());
    Chooser.choose(run);
    List<Unit> left = RunUnits.of(run).left();
    if (!left.isEmpty()) {
      out.printf(
          "texts     %d in %d units are to be written: steersweep sweep --run %s, with the model and"
              + " plan of the shards%n",
          left.stream().mapToLong(Unit::size).sum(), left.size(), run.path());
      return 0;
    }
    SweepSettings settings = new SweepSettings(choice.processors(), 0, 0, 1);
    Verdict verdict = RunJob.report(run, settings, out);
    long failed = verdict.progress().failed();
    if (failed > 0) {
      spec.commandLine()
          .getErr()
          .printf(
              "error: %d cells failed: see status and message of the rows in %s and completions; steersweep retry %s"
                  + " runs them again%n",
              failed, run.readings(), run.path());
    }
    return failed > 0 ? Main.FAILED_CELLS : 0;
  }

  private Path root() {
    if (runsRoot != null) {
      return runsRoot;
    }
    Path parent = folders.get(0).toAbsolutePath().normalize().getParent();
    return parent == null ? Path.of("") : parent;
  }
}
