package steersweep.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import steersweep.checkpoint.Checkpoint;
import steersweep.device.DeviceChoice;
import steersweep.device.Host;
import steersweep.engine.PromptTokenizer;
import steersweep.error.Faults;
import steersweep.llama.StoredWeights;
import steersweep.model.Dtype;
import steersweep.model.ModelManifest;
import steersweep.plan.Shard;
import steersweep.plan.Unit;
import steersweep.report.Verdict;
import steersweep.result.CompletionRow;
import steersweep.result.Json;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.sweep.FlinkCluster;
import steersweep.sweep.Progress;
import steersweep.sweep.PromptChecks;
import steersweep.sweep.Runs;
import steersweep.sweep.SweepPipeline;
import steersweep.sweep.SweepSettings;

/**
 * The main job: export, run every cell, score, report. The same command again continues or finds
 * nothing to do.
 */
@Command(
    name = "sweep",
    description = {
      "Run a sweep and report which sites steer.",
      "The same command again continues an unfinished run, and does nothing when it is complete."
    })
final class SweepCommand implements Callable<Integer> {
  @Mixin private SweepOptions options;
  @Mixin private BatchOption batch;
  @Mixin private WeightOptions weights;
  @Mixin private DeviceOption device;
  @Mixin private RunnerOption runner;
  @Spec private CommandSpec spec;

  @Option(
      names = "--runs",
      paramLabel = "DIR",
      defaultValue = "runs",
      description = "Where run folders are (default: ${DEFAULT-VALUE}).")
  private Path runsRoot;

  @Option(names = "--fresh", description = "Start a new run even if there is one to continue.")
  private boolean fresh;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Threads of one run on the CPU; 0 for one per core (default).")
  private int threads;

  @Option(
      names = "--parallelism",
      paramLabel = "N",
      defaultValue = "2",
      description = "Units under way at once on each device (default: ${DEFAULT-VALUE}).")
  private int parallelism;

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      description = {
        "Run only the I-th of N parts, in a run folder of its own; merge makes one run of all N.",
        "Every part can run on another machine."
      })
  private @Nullable String shardWord;

  private @Nullable Shard shard;

  @Override
  public Integer call() throws IOException {
    Faults faults = new Faults();
    Dtype asked = weights.chosen(faults);
    checkOptions(faults);
    SweepOptions.Loaded loaded = options.load();
    FlinkCluster cluster = runner.cluster();
    if (cluster != null) {
      cluster.check();
    }
    Checkpoint checkpoint = Checkpoint.open(options.model);
    checkPrompts(loaded);
    DeviceChoice choice = device.choose(Host.here());
    Dtype type = DeviceOption.dtype(asked, choice, StoredWeights.of(checkpoint));
    try (TemporaryExport exported =
        TemporaryExport.of(
            checkpoint, loaded.plan().hookPoints(), weights, type, choice.device())) {
      return sweep(findOrCreate(loaded, exported, choice), loaded, choice, type, cluster);
    }
  }

  private void checkOptions(Faults faults) {
    device.check(faults);
    runner.check(faults);
    batch.check(faults);
    BatchOption.atLeast(1, "--parallelism", parallelism, faults);
    BatchOption.atLeast(0, "--threads", threads, faults);
    if (shardWord != null) {
      shard = Shard.of(shardWord).orElse(null);
      if (shard == null) {
        faults.add(
            "--shard",
            "got " + shardWord + ", expected I/N, with I from 1 to N and N at most " + Shard.MOST);
      }
    }
    faults.throwIfAny();
  }

  private void checkPrompts(SweepOptions.Loaded loaded) {
    Faults faults = new Faults();
    try (PromptTokenizer tokenizer = PromptTokenizer.open(options.model)) {
      PromptChecks.check(
          loaded.plan(),
          tokenizer,
          loaded.config().shape(),
          loaded.config().lengthKey(),
          options.conf.toString(),
          faults);
    }
    faults.throwIfAny();
  }

  private RunFolder findOrCreate(
      SweepOptions.Loaded loaded, TemporaryExport exported, DeviceChoice choice)
      throws IOException {
    Runs runs = new Runs(runsRoot);
    String key = Runs.key(loaded.plan(), exported.manifest(), loaded.unitCells());
    RunFolder known = fresh ? null : runs.find(key, shard).orElse(null);
    if (known != null) {
      known.prepare();
      return known;
    }
    Instant now = Instant.now();
    RunFolder run = runs.create(loaded.plan().name() + suffix(), now);
    run.prepare();
    for (String file : List.of(ModelManifest.GRAPH_FILE, ModelManifest.MANIFEST_FILE)) {
      Files.copy(exported.folder().resolve(file), run.model().resolve(file));
    }
    // before the manifest: a run that can be continued is always one that was marked
    if (shard == null) {
      runs.markLatest(run);
    }
    Json.write(
        run.manifestFile(),
        new RunManifest(
                now.truncatedTo(ChronoUnit.SECONDS).toString(),
                options.conf.toString(),
                loaded.plan(),
                key,
                exported.manifest(),
                loaded.unitCells(),
                loaded.grid().size(),
                loaded.grid().units(loaded.unitCells()).size(),
                choice.describe(),
                Versions.all())
            .withShard(shard));
    return run;
  }

  private String suffix() {
    return shard == null ? "" : "-shard-" + shard.index() + "-of-" + shard.count();
  }

  private int sweep(
      RunFolder run,
      SweepOptions.Loaded loaded,
      DeviceChoice choice,
      Dtype type,
      @Nullable FlinkCluster cluster) {
    PrintWriter out = spec.commandLine().getOut();
    Shard part = shard;
    List<Unit> units =
        loaded.grid().units(loaded.unitCells()).stream()
            .filter(unit -> part == null || part.has(unit))
            .toList();
    long cells = units.stream().mapToLong(Unit::size).sum();
    Set<String> finished = run.finishedUnits();
    List<Unit> left = units.stream().filter(unit -> !finished.contains(unit.id())).toList();
    out.printf("run       %s%n", run.path());
    if (left.isEmpty()) {
      out.printf("complete  all %d cells were run before; --fresh starts a new run%n", cells);
    } else {
      out.printf(
          "cells     %d in %d units%s%n",
          cells,
          units.size(),
          finished.isEmpty()
              ? ""
              : "; continuing, " + finished.size() + " units were finished before");
      out.printf("device    %s, %s%n", choice.describe(), type.word());
      runUnits(run, units, left, choice, cluster);
    }
    run.deleteTemporaryFiles();
    if (part != null) {
      out.printf("shard     %s; when all are finished: steersweep merge RUN...%n", part.word());
      return failures(run, units.size(), failedCells(run));
    }
    Verdict verdict = ReportCommand.writeAndPrint(run, out);
    return failures(run, units.size(), verdict.progress().failed());
  }

  private static long failedCells(RunFolder run) {
    AtomicLong failed = new AtomicLong();
    run.readCompletions(
        row -> {
          if (CompletionRow.FAILED.equals(String.valueOf(row.get("status")))) {
            failed.incrementAndGet();
          }
        });
    return failed.get();
  }

  /** Says what failed; the exit code. */
  private int failures(RunFolder run, int units, long failedCells) {
    PrintWriter err = spec.commandLine().getErr();
    List<String> failedUnits = run.failedUnits();
    if (!failedUnits.isEmpty()) {
      err.printf(
          "error: %d of %d units failed: see %s; the same command tries them again%n",
          failedUnits.size(), units, run.failures());
    }
    if (failedCells > 0) {
      err.printf(
          "error: %d cells failed: see status and message of the rows in %s%n",
          failedCells, run.completions());
    }
    return failedUnits.isEmpty() && failedCells == 0 ? 0 : Main.FAILED_CELLS;
  }

  private void runUnits(
      RunFolder run,
      List<Unit> units,
      List<Unit> left,
      DeviceChoice choice,
      @Nullable FlinkCluster cluster) {
    PrintWriter out = spec.commandLine().getOut();
    SweepSettings settings =
        new SweepSettings(choice.processors(), threads, batch.or(0), parallelism);
    if (cluster != null) {
      out.printf(
          "runner    Flink at %s%s%n",
          cluster.address(), cluster.runs(run) ? "; joining the job that is under way" : "");
    }
    long start = System.nanoTime();
    try (Progress progress =
        new Progress(run, units, System.err, Boolean.getBoolean("steersweep.terminal"))) {
      if (cluster == null) {
        SweepPipeline.run(run, left, settings);
      } else {
        SweepPipeline.run(cluster, run, left, settings);
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    long cells = left.stream().mapToLong(Unit::size).sum();
    out.printf("ran       %d cells in %.1f s, %.0f a second%n", cells, seconds, cells / seconds);
  }
}
