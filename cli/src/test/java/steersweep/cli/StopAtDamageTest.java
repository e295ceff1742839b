package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.plan.Stage;
import steersweep.result.RunFolder;

/** Settings beyond one that makes a site's texts incoherent are not run. */
class StopAtDamageTest {
  private static final String PLAN =
      """
      name: tiny
      concepts:
        - {name: vegan, base_prompts: [I ate, We cook], steering_prompts: [I am vegan., Plants.]}
        - {name: evil, base_prompts: [I ate, At noon], steering_prompts: I am evil.}
      grid: {hook_points: [value, residual_post], layers: all, settings: [-4, -1, 1, 2, 4, 8]}
      controls: {random: 1, shuffled: 1, prompted: true}
      generate: {new_tokens: 6, cells: all, stop_at_damage: %s}
      """;

  /** Some sites of this model do more at 1 or 2, others never. */
  private static final String LIMIT = "0.02";

  private static final int CELLS_OF_PAIR = 2 + 4 * (6 + 4 + 6);

  @TempDir static Path shared;
  private static Path model;
  private static RunRows every;
  private static RunFolder run;
  private static RunRows rows;

  @TempDir Path folder;

  @BeforeAll
  static void sweepWithAndWithout() throws IOException {
    model = TestCheckpoint.write(shared.resolve("model"));
    every = RunRows.of(sweep(shared.resolve("every"), "never"));
    run = sweep(shared.resolve("stops"), LIMIT);
    rows = RunRows.of(run);
    assertThat(every.completions()).hasSize(6 * CELLS_OF_PAIR);
  }

  @Test
  void theRowsOfWhatIsRunAreThoseOfASweepThatRunsEverything() {
    assertThat(rows.readings()).isEqualTo(every.readings());
    SortedMap<Long, Map<String, Object>> texts = new TreeMap<>(rows.completions());
    texts.keySet().removeAll(skipped().keySet());
    assertThat(texts).hasSizeLessThan(every.completions().size());
    texts.forEach(
        (cell, row) -> {
          assertThat(row).isEqualTo(every.completions().get(cell));
          assertSameScores(rows.scores().get(cell), every.scores().get(cell));
        });
    assertThat(rows.scores()).hasSameSizeAs(texts);
  }

  @Test
  void whatIsNotRunIsARowWithItsReason() {
    assertThat(rows.completions().keySet()).isEqualTo(every.completions().keySet());
    assertThat(skipped()).isNotEmpty();
    skipped()
        .forEach(
            (cell, row) -> {
              assertThat(row.get("text")).isNull();
              assertThat(row.get("factor")).isEqualTo(row.get("setting"));
              assertThat(String.valueOf(row.get("message")))
                  .startsWith("not run: texts are incoherent at setting ");
            });
  }

  @Test
  void aSettingIsRunWithAllPromptPairsOfAConceptOrWithNone() {
    Map<List<Object>, Set<Object>> statuses =
        rows.completions().values().stream()
            .filter(row -> row.get("kind").equals("steered"))
            .collect(
                Collectors.groupingBy(
                    StopAtDamageTest::point,
                    Collectors.mapping(row -> row.get("status"), Collectors.toSet())));
    assertThat(statuses.values()).allSatisfy(of -> assertThat(of).hasSize(1));
    assertThat(statuses.values()).contains(Set.of("ok"), Set.of("skipped"));
    // the first incoherent setting is run, to be seen
    assertThat(skipped().values()).noneMatch(row -> Math.abs((Double) row.get("setting")) == 1);
  }

  @Test
  void theReportCountsThem() throws IOException {
    assertThat(run.summaryFile())
        .content()
        .contains(skipped().size() + " not run beyond incoherent texts");
    assertThat(run.reportFile()).content().contains("id=\"skipped\"");
  }

  @Test
  void batchesAndUnitsOfOtherSizesLeaveOutTheSameCells() throws IOException {
    RunFolder other =
        sweep(folder.resolve("runs"), LIMIT, "--batch-size", "5", "--unit-cells", "7");

    assertThat(Files.readAllBytes(other.chosenFile()))
        .isEqualTo(Files.readAllBytes(run.chosenFile()));
    RunRows of = RunRows.of(other);
    assertThat(texts(of)).isEqualTo(texts(rows));
  }

  @Test
  void aSweepThatWasInterruptedHasTheSameRows() throws IOException {
    Path runs = folder.resolve("runs");
    RunFolder again = sweep(runs, LIMIT, "--unit-cells", "16");
    RunRows before = RunRows.of(again);
    List<String> units = again.finishedUnits(Stage.WRITE).stream().sorted().toList();
    for (String unit : List.of(units.get(0), units.get(units.size() / 2), units.get(3))) {
      Files.delete(again.completions().resolve(unit + ".parquet"));
    }
    Files.delete(again.chosenFile());

    sweep(runs, LIMIT, "--unit-cells", "16");

    assertThat(RunRows.of(again)).isEqualTo(before);
  }

  @Test
  void shardsReadAndTheMergedRunLeavesOutTheSameCells() throws IOException {
    Path parts = folder.resolve("parts");
    for (int shard = 1; shard <= 2; shard++) {
      assertThat(CommandRun.of(args(parts, LIMIT, "--shard", shard + "/2")).code()).isZero();
    }
    Path merged = folder.resolve("merged");
    List<RunFolder> folders = RunRows.runs(parts);
    assertThat(
            CommandRun.of(
                    "merge",
                    folders.get(0).path().toString(),
                    folders.get(1).path().toString(),
                    "--runs",
                    merged.toString())
                .code())
        .isZero();

    RunFolder whole = sweep(merged, LIMIT);

    assertThat(RunRows.of(whole)).isEqualTo(rows);
  }

  @Test
  void anExtendedRunSaysForItselfWhatIsNotRun() throws IOException {
    Path runs = folder.resolve("runs");
    RunFolder everything = sweep(runs, "never");
    CommandRun extended =
        CommandRun.of("extend", everything.path().toString(), "--conf", plan(LIMIT).toString());

    assertThat(extended.err()).isEmpty();
    assertThat(texts(RunRows.of(new RunFolder(runs.resolve("latest").toRealPath()))))
        .isEqualTo(texts(rows));
  }

  private static SortedMap<Long, Map<String, Object>> skipped() {
    SortedMap<Long, Map<String, Object>> skipped = new TreeMap<>(rows.completions());
    skipped.values().removeIf(row -> !row.get("status").equals("skipped"));
    return skipped;
  }

  private static List<Object> point(Map<String, Object> row) {
    return List.of(row.get("concept"), row.get("hook_point"), row.get("layer"), row.get("setting"));
  }

  /** What is the same in units of any size. */
  private static List<List<Object>> texts(RunRows of) {
    return of.completions().values().stream()
        .map(
            row ->
                List.of(
                    row.get("cell"),
                    row.get("tokens"),
                    row.get("status"),
                    String.valueOf(row.get("message"))))
        .toList();
  }

  private static RunFolder sweep(Path runs, String stop, String... more) throws IOException {
    CommandRun swept = CommandRun.of(args(runs, stop, more));
    assertThat(swept.err()).isEmpty();
    assertThat(swept.code()).isZero();
    return new RunFolder(runs.resolve("latest").toRealPath());
  }

  private static Path plan(String stop) throws IOException {
    return Files.writeString(shared.resolve("stop-" + stop + ".yaml"), PLAN.formatted(stop));
  }

  /** The last bits depend on what shares a batch. */
  private static void assertSameScores(Map<String, Object> some, Map<String, Object> others) {
    assertThat(some.keySet()).isEqualTo(others.keySet());
    some.forEach(
        (column, value) -> {
          if (value instanceof Double number) {
            assertThat((Double) others.get(column)).as(column).isCloseTo(number, within(1e-4));
          } else if (!(value instanceof List<?>)) {
            assertThat(others.get(column)).as(column).isEqualTo(value);
          }
        });
  }

  private static String[] args(Path runs, String stop, String... more) throws IOException {
    return Stream.concat(
            Stream.of(
                "sweep",
                "--model",
                model.toString(),
                "--conf",
                plan(stop).toString(),
                "--runs",
                runs.toString()),
            Stream.of(more))
        .toArray(String[]::new);
  }
}
