package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.model.Processor;
import steersweep.plan.CellGrid;
import steersweep.plan.Stage;
import steersweep.result.RunFolder;
import steersweep.sweep.Chooser;
import steersweep.sweep.SweepPipeline;
import steersweep.sweep.SweepSettings;

/** Whole sweeps over a tiny model, as a user runs them. */
class SweepCommandTest {
  /** 2 prompt pairs, each with a baseline and (6 + 2 sites) x 2 scales. */
  private static final String PLAN =
      """
      name: tiny
      concepts:
        - name: vegan
          base_prompts: [I ate, We cook]
          steering_prompts: I am vegan.
          target_words: [beans, peas]
      grid:
        hook_points: [value, residual_post]
        layers: all
        heads: [all, each]
        settings: [-3, 3]
      generate:
        new_tokens: 6
        cells: all
        stop_at_damage: never
      """;

  private static final int CELLS = 34;
  private static final int CELLS_OF_PAIR = 17;

  /** Of at most 5 cells; one spans both prompt pairs. */
  private static final int UNITS = 7;

  @TempDir static Path shared;
  private static Path model;
  private static CommandRun sweep;

  @TempDir Path folder;
  private Path plan;
  private Path runs;

  @BeforeAll
  static void sweepOnce() throws IOException {
    model = TestCheckpoint.write(shared.resolve("model"));
    Path plan = Files.writeString(shared.resolve("tiny.yaml"), PLAN);
    sweep = sweep(plan, shared.resolve("runs"));
  }

  /** A plan and a finished sweep of it. */
  @BeforeEach
  void copyFinishedSweep() throws IOException {
    plan = Files.copy(shared.resolve("tiny.yaml"), folder.resolve("tiny.yaml"));
    runs = folder.resolve("runs");
    try (Stream<Path> files = Files.walk(shared.resolve("runs"))) {
      for (Path file : files.toList()) {
        Path copy = folder.resolve(shared.relativize(file));
        Files.copy(file, copy, LinkOption.NOFOLLOW_LINKS, StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  @Test
  void everyCellHasOneRowAndTheBaselinesAreUnsteered() throws IOException {
    assertThat(sweep.err()).isEmpty();
    assertThat(sweep.code()).isZero();
    RunRows rows = RunRows.of(onlyRun());
    assertThat(rows.completions().keySet())
        .containsExactlyElementsOf(LongStream.range(0, CELLS).boxed().toList());
    assertThat(rows.scores().keySet()).isEqualTo(rows.completions().keySet());
    assertThat(rows.readings().keySet()).isEqualTo(rows.completions().keySet());
    assertThat(axes(rows.completions())).isEqualTo(plannedAxes());
    for (int pair = 0; pair < 2; pair++) {
      long baseline = (long) pair * CELLS_OF_PAIR;
      assertThat(rows.completions().get(baseline))
          .containsEntry("hook_point", null)
          .containsEntry("layer", null)
          .containsEntry("head", null)
          .containsEntry("setting", 0.0)
          .containsEntry("factor", 0.0)
          .containsEntry("dose", 0.0)
          .containsEntry("same_as_baseline", true);
      assertThat(rows.readings().get(baseline)).containsEntry("damage_last", 0.0);
      assertThat(rows.scores().get(baseline)).containsEntry("fluency", 0.0);
    }
    assertThat(rows.completions().get(0L)).containsEntry("base_prompt", "I ate");
    assertThat(rows.completions().get(17L)).containsEntry("base_prompt", "We cook");
  }

  @Test
  void steeringChangesTextsAndEveryRowIsScored() throws IOException {
    RunRows rows = RunRows.of(onlyRun());
    long changed =
        rows.completions().values().stream()
            .filter(row -> row.get("same_as_baseline").equals(false))
            .count();
    assertThat(changed).isGreaterThan(CELLS / 2);
    for (long cell : rows.completions().keySet()) {
      Map<String, Object> completion = rows.completions().get(cell);
      Map<String, Object> score = rows.scores().get(cell);
      boolean baseline = completion.get("hook_point") == null;
      assertThat(completion).containsEntry("status", "ok").containsEntry("message", null);
      assertThat((List<?>) completion.get("tokens")).hasSizeBetween(1, 6);
      assertThat((Double) completion.get("dose") > 0).isEqualTo(!baseline);
      assertThat((Double) rows.readings().get(cell).get("damage_last") > 0).isEqualTo(!baseline);
      assertThat((Double) score.get("logprob")).isNegative();
      assertThat((Double) score.get("uptake")).isFinite();
      assertThat(score)
          .containsEntry("unit", completion.get("unit"))
          .containsEntry("target_hits", 0);
    }
  }

  @Test
  void theSameCommandAgainSaysCompleteAndWritesNothingNew() throws IOException {
    RunFolder run = onlyRun();
    Map<String, Object> before = results(run);
    byte[] report = Files.readAllBytes(run.reportFile());

    CommandRun again = sweep().in(folder);

    assertThat(again.err()).isEmpty();
    assertThat(again.code()).isZero();
    assertThat(again.out())
        .startsWith(
            "run       TMP/runs/"
                + run.path().getFileName()
                + "\ncomplete  all 34 cells were run before; --fresh starts a new run\n\n");
    assertThat(onlyRun()).isEqualTo(run);
    assertThat(results(run)).isEqualTo(before);
    assertThat(run.reportFile()).hasBinaryContent(report);
  }

  @Test
  void freshMakesAnotherRunAndPointsLatestToIt() throws IOException {
    RunFolder first = onlyRun();
    Map<String, Object> before = results(first);
    RunRows rows = RunRows.of(first);

    CommandRun fresh = sweep("--fresh");

    assertThat(fresh.code()).isZero();
    List<RunFolder> all = RunRows.runs(runs);
    assertThat(all).hasSize(2).contains(first);
    RunFolder second = all.get(0).equals(first) ? all.get(1) : all.get(0);
    assertThat(runs.resolve("latest").toRealPath()).isEqualTo(second.path().toRealPath());
    assertThat(results(first)).isEqualTo(before);
    assertThat(RunRows.of(second)).isEqualTo(rows);
  }

  @Test
  void batchesThreadsParallelismAndUnitsChangeNothing() throws IOException {
    RunRows rows = RunRows.of(onlyRun());

    // another unit size is another run, also without --fresh
    for (String other :
        List.of(
            "--fresh --batch-size 1",
            "--fresh --batch-size 3 --threads 1 --parallelism 1",
            "--unit-cells 3 --parallelism 4",
            "--unit-cells 256")) {
      assertThat(sweep(other.split(" ")).code()).as(other).isZero();
      RunFolder run = new RunFolder(runs.resolve("latest"));
      assertSameButForRounding(RunRows.of(run), rows, other);
    }
    assertThat(RunRows.runs(runs)).hasSize(5);
  }

  @Test
  void reportIsDrawnAgain() throws IOException {
    RunFolder run = onlyRun();
    byte[] report = Files.readAllBytes(run.reportFile());
    byte[] summary = Files.readAllBytes(run.summaryFile());
    Files.delete(run.reportFile());
    Files.delete(run.summaryFile());

    CommandRun again = CommandRun.of("report", run.path().toString()).in(run.path());

    assertThat(again.err()).isEmpty();
    assertThat(again.code()).isZero();
    assertThat(again.out()).endsWith("\n\nsummary   TMP/summary.md\nreport    TMP/report.html\n");
    assertThat(run.reportFile()).hasBinaryContent(report);
    assertThat(run.summaryFile()).hasBinaryContent(summary);
  }

  @Test
  void aFolderThatIsNoRunCannotBeReported() {
    CommandRun report = CommandRun.of("report", model.toString()).in(model);

    assertThat(report.err())
        .isEqualTo("error: TMP: not a run folder; expected a manifest.json in it\n");
    assertThat(report.out()).isEmpty();
    assertThat(report.code()).isEqualTo(2);
    assertThat(model.resolve("report.html")).doesNotExist();
  }

  @Test
  void aRunWithoutFinishedUnitsCannotBeReported() throws IOException {
    RunFolder run = onlyRun();
    deleteUnits(run, UNITS);

    CommandRun report = CommandRun.of("report", run.path().toString()).in(run.path());

    assertThat(report.err()).isEqualTo("error: TMP: nothing to report; no unit is finished yet\n");
    assertThat(report.code()).isEqualTo(2);
  }

  @Test
  void sessionsSideBySideGiveTheSameRows() throws IOException {
    RunFolder run = onlyRun();
    RunRows rows = RunRows.of(run);
    deleteUnits(run, UNITS);
    CellGrid grid =
        CellGrid.of(run.manifest().plan(), run.manifest().model().shape(), plan.toString());

    SweepSettings settings = new SweepSettings(List.of(Processor.CPU, Processor.CPU), 1, 256, 2);
    SweepPipeline.run(run, grid.units(5), settings);
    SweepPipeline.run(run, Chooser.choose(run).units(5), settings);
    SweepPipeline.close();

    assertThat(run.failedUnits(Stage.WRITE)).isEmpty();
    assertSameButForRounding(RunRows.of(run), rows, "two sessions");
  }

  @Test
  void theDeviceAndWhyItWasTakenAreSaidAndKept() throws IOException {
    assertThat(onlyRun().manifest().device()).startsWith("cpu: ");
    assertThat(sweep.out())
        .contains("\ndevice    " + onlyRun().manifest().device() + ", float32\n");

    assertThat(sweep("--fresh", "--device", "cpu").code()).isZero();

    RunFolder asked = new RunFolder(runs.resolve("latest"));
    assertThat(asked.manifest().device()).isEqualTo("cpu: asked for");
  }

  @Test
  void cudaThatCannotBeUsedEndsTheSweepBeforeAnythingIsWritten() throws IOException {
    CommandRun run = sweep("--fresh", "--device", "cuda");

    assertThat(run.err()).startsWith("error: CUDA cannot be used: ");
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.code()).isEqualTo(1);
    assertThat(RunRows.runs(runs)).hasSize(1);
  }

  @Test
  void cellsThatAreNotFiniteAreFailedRowsWithoutScores() throws IOException {
    Files.writeString(plan, PLAN.replace("[-3, 3]", "[3, 3.0e38]"));

    CommandRun command = sweep().in(folder);

    RunFolder run = new RunFolder(runs.resolve("latest").toRealPath());
    RunRows rows = RunRows.of(run);
    assertThat(rows.completions()).hasSize(CELLS);
    long failed =
        rows.completions().values().stream()
            .filter(row -> row.get("status").equals("failed"))
            .count();
    assertThat(failed).isPositive();
    assertThat(rows.scores()).hasSize((int) (CELLS - failed));
    String rowsFolder = "TMP/runs/" + run.path().getFileName() + "/readings and completions";
    assertThat(command.err())
        .isEqualTo(
            "error: "
                + failed
                + " cells failed: see status and message of the rows in "
                + rowsFolder
                + "; steersweep retry TMP/runs/"
                + run.path().getFileName()
                + " runs them again\n");
    assertThat(command.code()).isEqualTo(3);
    CommandRun again = sweep().in(folder);
    assertThat(again).isEqualTo(new CommandRun(3, again.out(), command.err()));
  }

  private CommandRun sweep(String... more) {
    return sweep(plan, runs, more);
  }

  private static CommandRun sweep(Path plan, Path runs, String... more) {
    List<String> args =
        new ArrayList<>(List.of("sweep", "--model", model.toString(), "--conf", plan.toString()));
    args.addAll(List.of("--runs", runs.toString()));
    if (!List.of(more).contains("--unit-cells")) {
      args.addAll(List.of("--unit-cells", "5"));
    }
    args.addAll(List.of(more));
    return CommandRun.of(args.toArray(String[]::new));
  }

  private RunFolder onlyRun() throws IOException {
    List<RunFolder> all = RunRows.runs(runs);
    assertThat(all).hasSize(1);
    assertThat(runs.resolve("latest").toRealPath()).isEqualTo(all.get(0).path().toRealPath());
    return all.get(0);
  }

  /** Which sites and scales the rows of each prompt pair have, the baseline among them. */
  private static List<String> axes(SortedMap<Long, Map<String, Object>> completions) {
    return completions.values().stream()
        .map(
            row ->
                Stream.of("pair", "hook_point", "layer", "head", "setting")
                    .map(column -> String.valueOf(row.get(column)))
                    .collect(Collectors.joining(" ")))
        .toList();
  }

  private static List<String> plannedAxes() {
    List<String> axes = new ArrayList<>();
    for (int pair = 0; pair < 2; pair++) {
      axes.add(pair + " null null null 0.0");
      for (String hookPoint : List.of("value", "residual_post")) {
        for (int layer = 0; layer < TestCheckpoint.LAYERS; layer++) {
          boolean heads = hookPoint.equals("value");
          for (String head : heads ? List.of("null", "0", "1") : List.of("null")) {
            axes.add(pair + " " + hookPoint + " " + layer + " " + head + " -3.0");
            axes.add(pair + " " + hookPoint + " " + layer + " " + head + " 3.0");
          }
        }
      }
    }
    return axes;
  }

  private static void assertSameButForRounding(RunRows actual, RunRows expected, String what) {
    assertThat(actual.completions().keySet()).isEqualTo(expected.completions().keySet());
    assertThat(actual.scores().keySet()).isEqualTo(expected.scores().keySet());
    expected
        .completions()
        .forEach((cell, row) -> assertSame(actual.completions().get(cell), row, what));
    expected.scores().forEach((cell, row) -> assertSame(actual.scores().get(cell), row, what));
  }

  private static void assertSame(
      Map<String, Object> actual, Map<String, Object> expected, String what) {
    Set<String> columns = new TreeSet<>(expected.keySet());
    columns.remove("unit");
    for (String column : columns) {
      String as = what + " cell " + expected.get("cell") + " " + column;
      if (expected.get(column) instanceof Double number) {
        assertThat((Double) actual.get(column)).as(as).isCloseTo(number, within(1e-4));
      } else {
        assertThat(actual.get(column)).as(as).isEqualTo(expected.get(column));
      }
    }
  }

  /** Time and bytes of every file that is not part of the report. */
  private static Map<String, Object> results(RunFolder run) throws IOException {
    Map<String, Object> results = new TreeMap<>();
    try (Stream<Path> files = Files.walk(run.path())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = run.path().relativize(file).toString();
        if (!name.matches(
            "report\\.html|summary\\.md|(sites|cells)\\.(parquet|csv)|lens\\.json|figures/.*|lock|log/.*")) {
          results.put(name, List.of(Files.getLastModifiedTime(file), hash(file)));
        }
      }
    }
    assertThat(results).hasSize(5 + 3 * UNITS); // manifest, two of the model, batch size, choice
    return results;
  }

  private static int hash(Path file) throws IOException {
    return Arrays.hashCode(Files.readAllBytes(file));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** As if the first units had never been finished. */
  private static void deleteUnits(RunFolder run, int units) throws IOException {
    for (int unit = 0; unit < units; unit++) {
      String file = String.format("unit-%06d.parquet", unit);
      Files.delete(run.readings().resolve(file));
      Files.delete(run.completions().resolve(file));
      Files.delete(run.scores().resolve(file));
    }
  }
}
