package steersweep.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import steersweep.error.Faults;
import steersweep.report.Verdict;
import steersweep.result.RunFolder;
import steersweep.sweep.Runs;
import steersweep.sweep.Shards;

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

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Faults faults = new Faults();
    for (Path folder : folders) {
      if (!Files.isRegularFile(new RunFolder(folder).manifestFile())) {
        faults.add(folder.toString(), "not a run folder; expected a manifest.json in it");
      }
    }
    faults.throwIfAny();
    Shards shards = Shards.of(folders.stream().map(RunFolder::new).toList());
    RunFolder run = shards.merge(new Runs(root()), Instant.now());
    PrintWriter out = spec.commandLine().getOut();
    out.printf("run       %s%n", run.path());
    out.printf("merged    %d shards%n", folders.size());
    Verdict verdict = ReportCommand.writeAndPrint(run, out);
    long failed = verdict.progress().failed();
    if (failed > 0) {
      spec.commandLine()
          .getErr()
          .printf(
              "error: %d cells failed: see status and message of the rows in %s%n",
              failed, run.completions());
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
