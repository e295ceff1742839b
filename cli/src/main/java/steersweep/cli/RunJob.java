package steersweep.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import steersweep.device.DeviceChoice;
import steersweep.engine.EngineException;
import steersweep.error.UserError;
import steersweep.model.ModelManifest;
import steersweep.plan.CellGrid;
import steersweep.plan.Shard;
import steersweep.plan.Unit;
import steersweep.report.Verdict;
import steersweep.result.FinishedUnits;
import steersweep.result.LogitLens;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.sweep.FlinkCluster;
import steersweep.sweep.Lenses;
import steersweep.sweep.Progress;
import steersweep.sweep.Stop;
import steersweep.sweep.SweepPipeline;
import steersweep.sweep.SweepSettings;

/** Runs what is left of a run, reports, and says how it ended. */
final class RunJob {
  private final RunFolder run;
  private final RunManifest manifest;
  private final RunOptions options;
  private final DeviceChoice choice;
  private final @Nullable FlinkCluster cluster;
  private final Output output;
  private final PrintWriter err;
  private final List<Unit> units;
  private final long cells;
  private final long start = System.nanoTime();

  /**
   * @param cluster where to run; null for this process
   */
  RunJob(
      RunFolder run,
      RunOptions options,
      DeviceChoice choice,
      @Nullable FlinkCluster cluster,
      PrintWriter out,
      PrintWriter err) {
    this.run = run;
    this.manifest = run.manifest();
    this.options = options;
    this.choice = choice;
    this.cluster = cluster;
    this.output = Output.of(out, err, options.json(), options.quiet());
    this.err = err;
    ModelManifest model = Objects.requireNonNull(manifest.model(), "published results never run");
    Shard shard = manifest.shard();
    this.units =
        CellGrid.of(manifest.plan(), model.shape(), manifest.planFile())
            .units(manifest.unitCells())
            .stream()
            .filter(unit -> shard == null || shard.has(unit))
            .toList();
    this.cells = units.stream().mapToLong(Unit::size).sum();
  }

  /** The exit code. */
  int run() throws IOException {
    setAsideDamaged(run, manifest.key(), units, err);
    Set<String> finished = run.finishedUnits();
    List<Unit> left = units.stream().filter(unit -> !finished.contains(unit.id())).toList();
    launch(finished.size(), left);
    if (cluster == null) {
      run.deleteTemporaryFiles(); // before, since the disk may be full
    }
    if (!left.isEmpty()) {
      try (Interruption interruption =
          new Interruption(run, cluster == null, this::howToContinue)) {
        Optional<Stop> stop = runUnits(left);
        if (stop.isPresent()) {
          return stopped(stop.get());
        }
      }
    }
    run.deleteTemporaryFiles();
    if (manifest.shard() != null) {
      output
          .people()
          .printf(
              "shard     %s; when all are finished: steersweep merge RUN...%n",
              manifest.shard().word());
      return done(run.failedCells(), run.completions());
    }
    Verdict verdict =
        ReportCommand.writeAndPrint(
            run,
            output.people(),
            keys -> lens(run, options.settings(choice), keys, output.people()));
    return done(verdict.progress().failed(), run.reportFile());
  }

  /** Null where the model cannot be opened, as on a cluster's client: the report does without. */
  static @Nullable LogitLens lens(
      RunFolder run, SweepSettings settings, List<Long> cells, PrintWriter out) {
    try {
      return Lenses.read(run, settings, cells);
    } catch (EngineException | UserError e) {
      out.printf("no logit lens: %s%n", e.getMessage());
      return null;
    }
  }

  /** Whoever continues a run looks at what is there first. */
  static void setAsideDamaged(RunFolder run, String key, List<Unit> units, PrintWriter err) {
    for (String damaged : new FinishedUnits(run, key).setAsideDamaged(units)) {
      err.printf("damaged   %s; set aside in %s, runs again%n", damaged, run.damaged());
    }
  }

  private void launch(int finished, List<Unit> left) {
    PrintWriter out = output.people();
    out.printf("run       %s%n", run.path());
    if (left.isEmpty()) {
      out.printf("complete  all %d cells were run before; --fresh starts a new run%n", cells);
    } else {
      out.printf(
          "cells     %d in %d units%s%n",
          cells,
          units.size(),
          finished == 0 ? "" : "; continuing, " + finished + " units were finished before");
      out.printf(
          "device    %s, %s%n",
          choice.describe(), Objects.requireNonNull(manifest.model()).dtype().word());
    }
    if (!left.isEmpty() && cluster != null) {
      out.printf(
          "runner    Flink at %s%s%n",
          cluster.address(), cluster.runs(run) ? "; joining the job that is under way" : "");
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("run", run.path().toString());
    facts.put("cells", cells);
    facts.put("units", units.size());
    facts.put("units_finished", finished);
    facts.put("device", choice.describe());
    output.event("launch", facts);
  }

  /** Why that ended early, if it did. */
  private Optional<Stop> runUnits(List<Unit> left) {
    try (Progress progress = progress()) {
      if (cluster == null) {
        SweepPipeline.run(run, left, options.settings(choice));
      } else {
        SweepPipeline.run(cluster, run, left, options.settings(choice));
      }
    } catch (UncheckedIOException e) {
      return Optional.of(new Stop(Main.OUR_FAULT, String.valueOf(e.getMessage())));
    }
    Optional<Stop> stop = Stop.of(run);
    if (stop.isEmpty()) {
      long ran = left.stream().mapToLong(Unit::size).sum();
      output
          .people()
          .printf("ran       %d cells in %.1f s, %.0f a second%n", ran, seconds(), ran / seconds());
    }
    return stop;
  }

  private Progress progress() {
    if (options.json()) {
      return Progress.of(run, units, state -> output.event("progress", state.facts()));
    }
    if (options.quiet()) {
      return Progress.of(run, units, state -> {});
    }
    return new Progress(run, units, System.err, Terminal.bars());
  }

  private int stopped(Stop stop) {
    err.printf("error: %s%n", stop.message());
    output.last().println(howToContinue());
    output.done(stop.code(), facts(Map.of("message", stop.message())));
    return stop.code();
  }

  /**
   * @param result where to look now
   */
  private int done(long failedCells, Path result) {
    if (failedCells > 0) {
      err.printf(
          "error: %d cells failed: see status and message of the rows in %s; steersweep retry %s"
              + " runs them again%n",
          failedCells, run.completions(), run.path());
    }
    int code = failedCells == 0 ? 0 : Main.FAILED_CELLS;
    output
        .last()
        .printf(
            Locale.ROOT,
            "done      %d cells, %d failed, %.0f s: %s%n",
            cells,
            failedCells,
            seconds(),
            result);
    Map<String, Object> more = new LinkedHashMap<>();
    more.put("failed_cells", failedCells);
    if (manifest.shard() == null) {
      more.put("report", run.reportFile().toString());
    } else {
      more.put("shard", manifest.shard().word());
    }
    output.done(code, facts(more));
    return code;
  }

  /** {@code stopped 3 of 7 units are finished in runs/x; the same command continues}. */
  private String howToContinue() {
    return "stopped   %d of %d units are finished in %s; the same command continues"
        .formatted(run.finishedUnits().size(), units.size(), run.path());
  }

  private Map<String, Object> facts(Map<String, Object> more) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("run", run.path().toString());
    facts.put("cells", cells);
    facts.put("units", units.size());
    facts.put("units_finished", run.finishedUnits().size());
    facts.put("seconds", Math.round(seconds() * 10) / 10.0);
    facts.putAll(more);
    return facts;
  }

  private double seconds() {
    return (System.nanoTime() - start) / 1e9;
  }
}
