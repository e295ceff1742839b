package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.plan.Stage;
import steersweep.plan.Unit;
import steersweep.result.FactorRow;
import steersweep.result.Factors;
import steersweep.result.RunFolder;
import steersweep.result.RunUnits;

/** Settings that are damages: factors are found, and do what was asked for. */
class EqualDamageTest {
  private static final double FAR = 60;

  private static final String PLAN =
      """
      name: tiny
      concepts:
        - name: vegan
          base_prompts: [I ate, We cook, At noon]
          steering_prompts: [I am vegan., Plants only.]
          contrast_prompts: I eat meat.
      grid:
        hook_points: [value, residual_post]
        layers: all
        heads: [all, "1"]
        settings: [-0.01, 0.01, 0.03, 60]
        dose: kl
        positions: mean
      controls: {random: 1, shuffled: 1}
      generate: {new_tokens: 6}
      """;

  @TempDir static Path shared;
  private static Path model;
  private static Path plan;
  private static RunFolder run;
  private static CommandRun swept;

  @TempDir Path folder;

  @BeforeAll
  static void sweepOnce() throws IOException {
    model = TestCheckpoint.write(shared.resolve("model"));
    plan = Files.writeString(shared.resolve("tiny.yaml"), PLAN);
    swept = sweep(shared.resolve("runs"));
    run = new RunFolder(shared.resolve("runs/latest").toRealPath());
  }

  @Test
  void theSweepEndsWellAndSaysWhatFactorsCost() {
    assertThat(swept.err()).isEmpty();
    assertThat(swept.code()).isZero();
    Factors factors = Factors.of(run);
    // 2 steering prompts x 6 sites x (steered 4, random 3, shuffled 4)
    assertThat(factors.all()).hasSize(2 * 6 * 11);
    assertThat(factors.solved()).isGreaterThan(factors.all().size() / 2);
    assertThat(factors.passes()).isBetween(1.0, 6.0);
    assertThat(swept.out())
        .contains("factors   " + factors.solved() + " found, " + factors.outOfReach() + " out of");
  }

  @Test
  void theMeanDamageOverTheBasePromptsIsTheSetting() {
    Map<String, List<Map<String, Object>>> byFactor =
        readings().stream()
            .filter(row -> row.get("hook_point") != null && row.get("status").equals("ok"))
            .collect(Collectors.groupingBy(EqualDamageTest::name));
    assertThat(byFactor).hasSize((int) Factors.of(run).solved());
    byFactor.forEach(
        (name, rows) -> {
          assertThat(rows).as(name).hasSize(3);
          assertThat(rows.stream().map(row -> row.get("factor")).distinct()).as(name).hasSize(1);
          double asked = Math.abs((Double) rows.get(0).get("setting"));
          double mean =
              rows.stream().mapToDouble(row -> (Double) row.get("damage")).average().orElseThrow();
          assertThat(mean).as(name).isCloseTo(asked, within(0.101 * asked));
          assertThat(Math.signum((Double) rows.get(0).get("factor")))
              .isEqualTo(Math.signum((Double) rows.get(0).get("setting")));
        });
  }

  @Test
  void whatIsOutOfReachIsARowWithItsReasonAndNoFailure() {
    List<Map<String, Object>> rows =
        readings().stream().filter(row -> row.get("status").equals("out_of_reach")).toList();

    assertThat(rows).isNotEmpty();
    assertThat(rows)
        .allSatisfy(
            row -> {
              assertThat(row.get("factor")).isNull();
              assertThat(row.get("damage")).isNull();
              assertThat(String.valueOf(row.get("message"))).startsWith("no factor ");
            });
    assertThat(rows).anySatisfy(row -> assertThat(row.get("setting")).isEqualTo(FAR));
    assertThat(Factors.of(run).outOfReach() * 3).isEqualTo(rows.size());
    assertThat(run.failedCells()).isZero();
  }

  @Test
  void theReportSaysWhatFactorsCostWhatIsOutOfReachAndWhatToTryNext() throws IOException {
    for (Path file : List.of(run.reportFile(), run.summaryFile())) {
      assertThat(file)
          .content()
          .contains(Factors.of(run).solved() + " found, " + Factors.of(run).outOfReach())
          .contains("passes along the base prompts for each that was found")
          .contains("Settings to try next")
          .contains("At value no site does a damage of 60, however large the factor. Try settings");
    }
    assertThat(run.reportFile())
        .content()
        .contains("are out of reach: no factor does the damage that their setting asks for.");
  }

  @Test
  void batchesOfOtherSizesGiveTheSameFactors() throws IOException {
    assertThat(sweep(folder.resolve("runs"), "--batch-size", "3").code()).isZero();

    assertThat(factors(new RunFolder(folder.resolve("runs/latest")))).isEqualTo(factors(run));
  }

  @Test
  void aSweepThatWasInterruptedWhileSolvingFindsTheSameFactors() throws IOException {
    Path runs = folder.resolve("runs");
    assertThat(sweep(runs, "--unit-cells", "3").code()).isZero();
    RunFolder again = new RunFolder(runs.resolve("latest").toRealPath());
    Map<String, FactorRow> before = factors(again);
    List<Unit> units = RunUnits.of(again).all(Stage.SOLVE);
    assertThat(units).hasSizeGreaterThan(2);
    RunRows rows = RunRows.of(again);
    Files.delete(again.factorsFile());
    Files.delete(again.file(units.get(1)));
    Files.delete(again.chosenFile());

    assertThat(sweep(runs, "--unit-cells", "3").code()).isZero();

    assertThat(factors(again)).isEqualTo(before);
    assertThat(RunRows.of(again)).isEqualTo(rows);
    assertThat(withoutUnits(before))
        .as("units of another size")
        .isEqualTo(withoutUnits(factors(run)));
  }

  @Test
  void shardsFindTheSameFactors() throws IOException {
    Path shards = folder.resolve("shards");
    assertThat(sweep(shards, "--shard", "1/2").code()).isZero();
    assertThat(sweep(shards, "--shard", "2/2").code()).isZero();
    for (RunFolder shard : RunRows.runs(shards)) {
      assertThat(factors(shard)).isEqualTo(factors(run));
    }
    String[] merge = {
      "merge",
      RunRows.runs(shards).get(0).path().toString(),
      RunRows.runs(shards).get(1).path().toString(),
      "--runs",
      folder.resolve("merged").toString()
    };
    assertThat(CommandRun.of(merge).code()).isZero();
    RunFolder merged = new RunFolder(folder.resolve("merged/latest"));
    assertThat(factors(merged)).isEqualTo(factors(run));
    assertThat(RunRows.of(merged).readings()).isEqualTo(RunRows.of(run).readings());
  }

  private static Collection<Map<String, Object>> readings() {
    return RunRows.of(run).readings().values();
  }

  private static String name(Map<String, Object> row) {
    return List.of("steering_prompt", "kind", "hook_point", "layer", "setting").stream()
            .map(column -> String.valueOf(row.get(column)))
            .collect(Collectors.joining(" "))
        + " "
        + row.get("head")
        + " "
        + row.get("draw");
  }

  private static Map<String, FactorRow> factors(RunFolder of) {
    Map<String, FactorRow> rows = new TreeMap<>();
    Factors.of(of).all().forEach(row -> rows.put(row.of().toString(), row));
    return rows;
  }

  private static Map<String, FactorRow> withoutUnits(Map<String, FactorRow> factors) {
    Map<String, FactorRow> rows = new TreeMap<>();
    factors.forEach((key, row) -> rows.put(key, row.inUnit("")));
    return rows;
  }

  private static CommandRun sweep(Path runs, String... more) {
    return CommandRun.of(
        Stream.concat(
                Stream.of(
                    "sweep",
                    "--model",
                    model.toString(),
                    "--conf",
                    plan.toString(),
                    "--runs",
                    runs.toString()),
                Stream.of(more))
            .toArray(String[]::new));
  }
}
