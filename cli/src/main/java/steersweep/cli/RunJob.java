package steersweep.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import steersweep.device.DeviceChoice;
import steersweep.engine.EngineException;
import steersweep.error.UserError;
import steersweep.model.Device;
import steersweep.model.ProcessorTime;
import steersweep.plan.DoseUnit;
import steersweep.plan.Phase;
import steersweep.plan.Stage;
import steersweep.plan.Unit;
import steersweep.report.Reports;
import steersweep.report.Verdict;
import steersweep.result.Factors;
import steersweep.result.FinishedUnits;
import steersweep.result.Rates;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.result.RunUnits;
import steersweep.sweep.Chooser;
import steersweep.sweep.FlinkCluster;
import steersweep.sweep.Lenses;
import steersweep.sweep.PairReadings;
import steersweep.sweep.Stop;
import steersweep.sweep.SweepPipeline;
import steersweep.sweep.SweepProgress;
import steersweep.sweep.SweepSettings;
import steersweep.sweep.Trial;

/**
 * Runs what is left of a run, stage by stage: every cell is read, some are chosen, these are
 * written; then reports, and says how it ended.
 */
final class RunJob {
  private final RunFolder run;
  private final RunManifest manifest;
  private final RunOptions options;
  private final DeviceChoice choice;
  private final @Nullable FlinkCluster cluster;
  private final Output output;
  private final PrintWriter err;
  private final RunUnits units;
  private final long cells;
  private final Minutes minutes;
  private final ProgressDisplay display;
  private final SweepProgress progress;
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
    this.units = RunUnits.of(run);
    this.cells = cells(units.all(Stage.SCREEN));
    this.minutes =
        new Minutes(
            manifest.plan(),
            units.grid(),
            Objects.requireNonNull(manifest.model()).shape(),
            choice,
            options.threads());
    this.display = ProgressDisplay.of(output, options, System.err);
    this.progress = new SweepProgress(run, display, display.interval());
  }

  /** The exit code. */
  int run() throws IOException {
    try (display;
        progress) {
      return runAll();
    }
  }

  private int runAll() throws IOException {
    setAsideDamaged(run, units, err);
    launch();
    if (cluster == null) {
      run.deleteTemporaryFiles(); // before, since the disk may be full
    }
    if (!units.complete()) {
      try (Interruption interruption =
          new Interruption(run, cluster == null, this::howToContinue)) {
        Optional<Stop> stop = runStages();
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
              "shard     %s; when all are finished: steersweep merge RUN...%s%n",
              manifest.shard().word(),
              units.writes() ? "" : ", then sweep --run with the merged run writes the texts");
      return done(run.failedCells(), run.path(), Map.of());
    }
    progress.begin(Phase.REPORT);
    Verdict verdict = report(run, options.settings(choice), output.people());
    progress.end();
    return done(verdict.progress().failed(), run.reportFile(), verdict.facts());
  }

  /** Reads what the report shows with the logit lens, and writes it. */
  static Verdict report(RunFolder run, SweepSettings settings, PrintWriter out) {
    Reports reports = Reports.of(run);
    try {
      Lenses.write(run, settings, reports.examples());
    } catch (EngineException | UserError e) {
      // the model cannot be opened, as on a cluster's client: the report does without
      out.printf("no logit lens: %s%n", e.getMessage());
    }
    Verdict verdict = reports.write();
    ReportCommand.print(run, verdict, out);
    return verdict;
  }

  /** Whoever continues a run looks at what is there first. */
  static void setAsideDamaged(RunFolder run, RunUnits units, PrintWriter err) {
    FinishedUnits finished = new FinishedUnits(run, run.manifest().key());
    for (Stage stage : Stage.values()) {
      for (String damaged : finished.setAsideDamaged(units.all(stage))) {
        err.printf("damaged   %s; set aside in %s, runs again%n", damaged, run.damaged());
      }
    }
  }

  private void launch() {
    PrintWriter out = output.people();
    out.printf("run       %s%n", run.path());
    if (units.complete()) {
      out.printf("complete  all %d cells were run before; --fresh starts a new run%n", cells);
    } else {
      say("cells", Stage.SCREEN);
      Losses.print(manifest.plan(), out);
      out.printf(
          "device    %s, %s%n",
          choice.describe(), Objects.requireNonNull(manifest.model()).dtype().word());
      if (cluster != null) {
        out.printf(
            "runner    Flink at %s%s%n",
            cluster.address(), cluster.runs(run) ? "; joining the job that is under way" : "");
      }
    }
    if (finishedUnits() == 0 && manifest.shard() == null) {
      sayMinutes();
    }
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("run", run.path().toString());
    facts.put("cells", cells);
    facts.put("units", allUnits());
    facts.put("units_finished", finishedUnits());
    facts.put("device", choice.describe());
    facts.putAll(minutes.facts());
    output.event("launch", facts);
  }

  /** Known from earlier sweeps, or tried now; the model that is opened for it stays open. */
  private void sayMinutes() {
    Optional<Rates.Estimate> known = minutes.known();
    if (known.isEmpty() && cluster == null) {
      progress.begin(Phase.OPEN);
      double seconds = Trial.secondsForToken(run, options.settings(choice));
      progress.end();
      known = Optional.of(minutes.tried(seconds));
    }
    known.ifPresent(
        estimate -> output.people().printf("time      about %s%n", Minutes.words(estimate)));
  }

  /** {@code cells 146 in 73 units; continuing, 25 units were finished before}. */
  private void say(String what, Stage stage) {
    List<Unit> all = units.all(stage);
    int finished = all.size() - units.left(stage).size();
    output
        .people()
        .printf(
            "%-10s%d in %d units%s%n",
            what,
            cells(all),
            all.size(),
            finished == 0 ? "" : "; continuing, " + finished + " units were finished before");
  }

  /** Why that ended early, if it did. */
  private Optional<Stop> runStages() {
    try {
      expect();
      readPairs();
      Optional<Stop> stop = run(Stage.SOLVE, "solved");
      if (stop.isEmpty()) {
        joinFactors();
        stop = run(Stage.SCREEN, "read");
      }
      if (stop.isEmpty() && manifest.shard() == null) {
        progress.begin(Phase.CHOOSE);
        Chooser.choose(run);
        progress.end();
      }
      if (stop.isEmpty() && !units.left(Stage.WRITE).isEmpty()) {
        say("texts", Stage.WRITE);
        stop = run(Stage.WRITE, "wrote");
      }
      return stop;
    } catch (UncheckedIOException e) {
      return Optional.of(new Stop(Main.OUR_FAULT, String.valueOf(e.getMessage())));
    } finally {
      SweepPipeline.close();
    }
  }

  /** On a cluster's client the model may be missing: the sweep does without. */
  private void readPairs() {
    if (!PairReadings.any(manifest.plan())) {
      return;
    }
    try {
      PairLines.print(PairReadings.of(run, options.settings(choice)), output.people());
    } catch (EngineException | UserError e) {
      output.people().printf("pairs     not read: %s%n", e.getMessage());
    }
  }

  private void joinFactors() {
    if (manifest.plan().dose() != DoseUnit.KL) {
      return;
    }
    Factors.join(run, Map.of(FinishedUnits.KEY, manifest.key()));
    Factors factors = Factors.of(run);
    output
        .people()
        .printf(
            Locale.ROOT,
            "factors   %d found, %d out of reach, %.1f passes along the base prompts for each%n",
            factors.solved(),
            factors.outOfReach(),
            factors.passes());
  }

  private Optional<Stop> run(Stage stage, String did) {
    List<Unit> left = units.left(stage);
    if (left.isEmpty()) {
      return Optional.empty();
    }
    long begun = System.nanoTime();
    double processorsBegun = ProcessorTime.seconds();
    progress.expect(stage, minutes.seconds(stage, cells(units.all(stage))));
    progress.begin(stage, units.all(stage));
    if (cluster == null) {
      SweepPipeline.run(run, left, options.settings(choice));
    } else {
      SweepPipeline.run(cluster, run, left, options.settings(choice));
    }
    progress.end();
    Optional<Stop> stop = Stop.of(run);
    if (stop.isEmpty()) {
      double seconds = seconds(begun);
      if (left.size() == units.all(stage).size()) {
        boolean here = cluster == null && choice.device() == Device.CPU;
        minutes.took(
            stage,
            cells(left),
            seconds,
            here ? ProcessorTime.seconds() - processorsBegun : seconds);
      }
      output
          .people()
          .printf(
              "%-10s%d %s in %.1f s, %.0f a second%n",
              did,
              cells(left),
              stage == Stage.SOLVE ? "factors" : "cells",
              seconds,
              cells(left) / seconds);
    }
    return stop;
  }

  /** Of all stages, though what is to be written may not be known yet. */
  private void expect() {
    for (Stage stage : Stage.values()) {
      if (stage != Stage.WRITE || units.writes()) {
        long all = cells(units.all(stage));
        double seconds = minutes.seconds(stage, all > 0 ? all : minutes.cells(stage));
        if (seconds > 0) {
          progress.expect(stage, seconds);
        }
      }
    }
  }

  private static long cells(List<Unit> units) {
    return units.stream().mapToLong(Unit::size).sum();
  }

  /** As far as is known. */
  private int allUnits() {
    return Arrays.stream(Stage.values()).mapToInt(stage -> units.all(stage).size()).sum();
  }

  private int finishedUnits() {
    return allUnits() - units.left().size();
  }

  private int stopped(Stop stop) {
    err.printf("error: %s%n", stop.message());
    output.last().println(howToContinue());
    output.done(stop.code(), facts(Map.of("message", stop.message())));
    return stop.code();
  }

  /**
   * @param result where to look now
   * @param found what the report says
   */
  private int done(long failedCells, Path result, Map<String, ?> found) {
    if (failedCells > 0) {
      err.printf(
          "error: %d cells failed: see status and message of the rows in %s and completions; steersweep retry %s"
              + " runs them again%n",
          failedCells, run.readings(), run.path());
    }
    int code = failedCells == 0 ? 0 : Main.FAILED_CELLS;
    minutes.keep();
    minutes.compared().ifPresent(words -> output.people().printf("time      %s%n", words));
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
      more.putAll(found);
    } else {
      more.put("shard", manifest.shard().word());
    }
    output.done(code, facts(more));
    return code;
  }

  /** {@code stopped 3 of 7 units are finished in runs/x; the same command continues}. */
  private String howToContinue() {
    return "stopped   %d of %d units are finished in %s; the same command continues"
        .formatted(finishedUnits(), allUnits(), run.path());
  }

  private Map<String, Object> facts(Map<String, Object> more) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("run", run.path().toString());
    facts.put("cells", cells);
    facts.put("units", allUnits());
    facts.put("units_finished", finishedUnits());
    facts.put("seconds", Math.round(seconds() * 10) / 10.0);
    facts.putAll(more);
    return facts;
  }

  private double seconds() {
    return seconds(start);
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }
}
