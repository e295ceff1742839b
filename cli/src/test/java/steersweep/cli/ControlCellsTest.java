package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.result.RunFolder;

/** Controls, doses and skipped cells of whole sweeps over a tiny model. */
class ControlCellsTest {
  private static final String CONCEPTS =
      """
      concepts:
        - name: vegan
          base_prompts: [I ate, We cook]
          steering_prompts: I am vegan.
          target_words: [beans, peas]
          target_continuations: [beans, green peas]
          contrast_continuations: meat
        - name: evil
          base_prompts: I will
          steering_prompts: [I am an evil one., I lie.]
          contrast_prompts: I am good.
          target_continuations: lie
          contrast_continuations: help
      """;
  private static final String GRID =
      """
      grid:
        hook_points: [value, mlp_output]
        layers: all
        heads: [all, 1]
        settings: [-4, 4, 1.5]
        positions: mean
      """;
  private static final String CONTROLS =
      "controls: {random: 2, shuffled: 2, unrelated: true, prompted: true}\n";
  private static final String GENERATE =
      "generate: {new_tokens: 6, cells: all, stop_at_damage: never}\n";

  private static final int PAIRS = 4;

  /** 2 layers x (values of all heads, of head 1, MLP output). */
  private static final int SITES = 6;

  /** What says which cell a row is, whatever plan it comes from. */
  private static final List<String> AXES =
      List.of(
          "kind",
          "draw",
          "base_prompt",
          "steering_prompt",
          "hook_point",
          "layer",
          "head",
          "setting");

  private static final List<String> OF_SITE =
      List.of("pair", "hook_point", "layer", "head", "setting");

  @TempDir static Path shared;
  private static Path model;
  private static RunRows all;

  @TempDir Path folder;

  @BeforeAll
  static void sweepOnce() throws IOException {
    model = TestCheckpoint.write(shared.resolve("model"));
    all = sweep(shared, "all", CONCEPTS + GRID + CONTROLS + GENERATE, 23);
  }

  private static RunRows sweep(Path folder, String name, String yaml, int unitCells)
      throws IOException {
    Path plan = Files.writeString(folder.resolve(name + ".yaml"), yaml);
    Path runs = folder.resolve(name + "-runs");
    CommandRun run =
        CommandRun.of(
            "sweep",
            "--model",
            model.toString(),
            "--conf",
            plan.toString(),
            "--runs",
            runs.toString(),
            "--unit-cells",
            Integer.toString(unitCells));
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    return RunRows.of(new RunFolder(runs.resolve("latest")));
  }

  private static Stream<Map<String, Object>> rows(RunRows rows, String kind) {
    return rows.completions().values().stream().filter(row -> row.get("kind").equals(kind));
  }

  private static String axes(Map<String, Object> row, List<String> columns) {
    return columns.stream()
        .map(column -> column + " " + row.get(column))
        .collect(Collectors.joining(", "));
  }

  private static SortedMap<String, Map<String, Object>> byAxes(RunRows rows) {
    SortedMap<String, Map<String, Object>> byAxes = new TreeMap<>();
    for (Map<String, Object> completion : rows.completions().values()) {
      Map<String, Object> row = new TreeMap<>(completion);
      row.putAll(rows.scores().getOrDefault(completion.get("cell"), Map.of()));
      assertThat(byAxes.put(axes(row, AXES), row)).isNull();
    }
    return byAxes;
  }

  @Test
  void everyKindHasItsCells() {
    Map<Object, Long> kinds =
        all.completions().values().stream()
            .collect(Collectors.groupingBy(row -> row.get("kind"), Collectors.counting()));

    assertThat(kinds)
        .containsOnly(
            Map.entry("baseline", (long) PAIRS),
            Map.entry("prompted", (long) PAIRS),
            Map.entry("steered", (long) PAIRS * SITES * 3),
            Map.entry("random", (long) PAIRS * SITES * 2 * 2),
            Map.entry("shuffled", (long) PAIRS * SITES * 3 * 2),
            Map.entry("unrelated", (long) PAIRS * SITES * 3));
    assertThat(all.completions().values())
        .allSatisfy(
            row -> {
              boolean drawn = List.of("random", "shuffled").contains(row.get("kind"));
              assertThat(row.get("draw") != null).isEqualTo(drawn);
              assertThat(row).containsEntry("status", "ok");
            });
    assertThat(rows(all, "random"))
        .allSatisfy(row -> assertThat((Double) row.get("setting")).isPositive());
  }

  @Test
  void scoresAreThereWhereTheyMeanSomething() {
    all.readings()
        .forEach(
            (cell, reading) -> {
              Object kind = all.completions().get(cell).get("kind");
              boolean prompted = kind.equals("prompted");
              assertThat(reading.get("damage_last") == null).isEqualTo(prompted);
              assertThat(reading.get("damage") == null).isEqualTo(prompted);
              if (kind.equals("baseline")) {
                assertThat(reading).containsEntry("log_odds", 0.0);
              } else {
                assertThat((Double) reading.get("log_odds")).isNotZero();
              }
            });
  }

  /** The prompted text follows the steering prompt, so it is what that makes likeliest. */
  @Test
  void thePromptedTextIsLikelierAfterTheSteeringPrompt() {
    rows(all, "prompted")
        .forEach(
            row -> {
              assertThat(row)
                  .containsEntry("hook_point", null)
                  .containsEntry("setting", 0.0)
                  .containsEntry("dose", 0.0)
                  .containsEntry("dose_residual", 0.0);
              assertThat((Double) all.scores().get(row.get("cell")).get("uptake")).isPositive();
            });
  }

  @Test
  void aRandomDirectionIsAsLargeAsTheSteeringActivationsAndDoesSomethingElse() {
    Map<String, Map<String, Object>> steered =
        rows(all, "steered").collect(Collectors.toMap(row -> axes(row, OF_SITE), row -> row));
    List<Double> differences = new ArrayList<>();
    rows(all, "random")
        .forEach(
            row -> {
              Map<String, Object> compared = steered.get(axes(row, OF_SITE));
              assertThat((Double) row.get("dose")).isEqualTo((Double) compared.get("dose"));
              if (row.get("hook_point").equals("mlp_output")) {
                assertThat((Double) row.get("dose_residual"))
                    .isCloseTo((Double) compared.get("dose_residual"), within(1e-6));
              }
              differences.add(
                  (Double) all.readings().get(row.get("cell")).get("damage_last")
                      - (Double) all.readings().get(compared.get("cell")).get("damage_last"));
            });
    assertThat(differences).hasSize(PAIRS * SITES * 4).doesNotContain(0.0).doesNotHaveDuplicates();
  }

  @Test
  void theResidualDoseIsProportionalToTheScale() {
    Map<String, Map<String, Object>> steered =
        rows(all, "steered").collect(Collectors.toMap(row -> axes(row, OF_SITE), row -> row));
    rows(all, "steered")
        .filter(row -> row.get("setting").equals(4.0))
        .forEach(
            row -> {
              Double dose = (Double) row.get("dose_residual");
              assertThat(dose).isPositive();
              Map<String, Object> other = new TreeMap<>(row);
              other.put("setting", -4.0);
              assertThat(steered.get(axes(other, OF_SITE))).containsEntry("dose_residual", dose);
              other.put("setting", 1.5);
              assertThat((Double) steered.get(axes(other, OF_SITE)).get("dose_residual"))
                  .isCloseTo(1.5 / 4 * dose, within(1e-12 * dose));
            });
  }

  @Test
  void aCellIsTheSameInAnotherPlanWithOtherUnits() throws IOException {
    String fewer =
        (CONCEPTS + GRID + CONTROLS + GENERATE)
            .replace("[I ate, We cook]", "We cook")
            .replace("layers: all", "layers: 1")
            .replace("settings: [-4, 4, 1.5]", "settings: [4]")
            .replace("heads: [all, 1]", "heads: [0, 1]");
    SortedMap<String, Map<String, Object>> expected = byAxes(all);

    SortedMap<String, Map<String, Object>> some = byAxes(sweep(folder, "fewer", fewer, 4));

    int compared = 0;
    for (Map.Entry<String, Map<String, Object>> row : some.entrySet()) {
      Map<String, Object> wanted = expected.get(row.getKey());
      if (wanted != null) {
        compared++;
        assertSame(row.getValue(), wanted, row.getKey());
      }
    }
    // baseline and prompted, 2 sites x (1 + 2 + 2 + 1), for each of 3 pairs
    assertThat(compared).isEqualTo(3 * (2 + 2 * 6));
  }

  private static void assertSame(
      Map<String, Object> actual, Map<String, Object> wanted, String as) {
    wanted.forEach(
        (column, value) -> {
          if (!List.of("cell", "unit", "pair").contains(column)) {
            if (value instanceof Double number) {
              assertThat((Double) actual.get(column))
                  .as(as + " " + column)
                  .isCloseTo(number, within(1e-4));
            } else if (column.matches("pulls|alignments|evidences")) {
              assertThat((List<?>) actual.get(column))
                  .as(as + " " + column)
                  .usingElementComparator(ControlCellsTest::compareAboutTheSame)
                  .isEqualTo(value);
            } else {
              assertThat(actual.get(column)).as(as + " " + column).isEqualTo(value);
            }
          }
        });
  }

  private static int compareAboutTheSame(Object one, Object other) {
    double difference = (Double) one - (Double) other;
    return Math.abs(difference) < 1e-4 ? 0 : (int) Math.signum(difference);
  }

  @Test
  void relativeScalesAreDoses() throws IOException {
    RunRows relative =
        sweep(
            folder,
            "relative",
            (CONCEPTS + GRID + CONTROLS + GENERATE)
                .replace("settings: [-4, 4, 1.5]", "dose: relative\n  settings: [-0.5, 0.5, 0.25]"),
            50);

    Map<String, Double> dosesOfOne =
        all.completions().values().stream()
            .filter(row -> row.get("hook_point") != null)
            .collect(
                Collectors.toMap(
                    row -> axes(row, AXES.subList(0, AXES.size() - 1)),
                    row -> (Double) row.get("dose") / Math.abs((Double) row.get("factor")),
                    (first, second) -> first));
    relative.completions().values().stream()
        .filter(row -> row.get("hook_point") != null)
        .forEach(
            row -> {
              double dose = (Double) row.get("dose");
              assertThat(dose).isIn(0.5, 0.25);
              double ofOne = dosesOfOne.get(axes(row, AXES.subList(0, AXES.size() - 1)));
              assertThat(Math.abs((Double) row.get("setting"))).isEqualTo(dose);
              assertThat(Math.abs((Double) row.get("factor")))
                  .isCloseTo(dose / ofOne, within(1e-6 * dose / ofOne));
            });
    assertThat(rows(relative, "steered").filter(row -> (Double) row.get("setting") < 0))
        .hasSize(PAIRS * SITES);
  }

  /** At positions where steering prompt and contrast begin alike, their difference is nothing. */
  @Test
  void aCellThatNoScaleGivesItsDoseFails() throws IOException {
    String yaml =
        """
        concepts:
          - name: evil
            base_prompts: I
            steering_prompts: I lie
            contrast_prompts: I lie still
        grid: {hook_points: mlp_output, layers: 0, settings: [0.5], dose: relative}
        controls: {random: 1}
        generate: {new_tokens: 3, cells: all, stop_at_damage: never}
        """;
    Path plan = Files.writeString(folder.resolve("none.yaml"), yaml);
    Path runs = folder.resolve("none-runs");

    CommandRun run =
        CommandRun.of(
            "sweep",
            "--model",
            model.toString(),
            "--conf",
            plan.toString(),
            "--runs",
            runs.toString());

    assertThat(run.code()).isEqualTo(3);
    assertThat(run.err()).startsWith("error: 2 cells failed: ");
    RunRows rows = RunRows.of(new RunFolder(runs.resolve("latest")));
    assertThat(rows.completions().values())
        .filteredOn(row -> row.get("status").equals("failed"))
        .hasSize(2)
        .allSatisfy(
            row ->
                assertThat(row)
                    .containsEntry(
                        "message",
                        "no factor makes this dose: what is added, or what it is added to, is 0"));
    assertThat(rows.scores()).hasSize(1);
  }

  @Test
  void cellsOutsideTheGuardsAreReadButHaveNoTextNorHaveTheirControls() throws IOException {
    List<Double> divergences =
        rows(all, "steered")
            .map(row -> (Double) all.readings().get(row.get("cell")).get("damage"))
            .sorted()
            .toList();
    // between two of them: units differ from those of the other sweep, and rounding with them
    int middle = divergences.size() / 2;
    double most = (divergences.get(middle) + divergences.get(middle + 1)) / 2;
    String guards =
        "generate: {new_tokens: 6, cells: survivors, guards: {damage: {at_most: %s},"
                .formatted(most)
            + " log_odds: {at_least: -2.5}}}\n";

    RunRows some = sweep(folder, "survivors", CONCEPTS + GRID + CONTROLS + guards, 23);

    Map<String, Boolean> survives = new TreeMap<>();
    for (Map<String, Object> row : all.readings().values()) {
      if (row.get("kind").equals("steered")) {
        double odds = Math.signum((Double) row.get("setting")) * (Double) row.get("log_odds");
        survives.put(axes(row, OF_SITE), (Double) row.get("damage") <= most && odds >= -2.5);
      }
    }
    assertThat(some.readings().keySet()).isEqualTo(all.readings().keySet());
    int without = 0;
    for (Map<String, Object> row : some.readings().values()) {
      Object cell = row.get("cell");
      assertSame(row, all.readings().get(cell), "reading");
      boolean expected =
          switch ((String) row.get("kind")) {
            case "baseline", "prompted" -> true;
            case "random" -> {
              Map<String, Object> other = new TreeMap<>(row);
              other.put("setting", -(Double) row.get("setting"));
              yield survives.get(axes(row, OF_SITE))
                  || survives.getOrDefault(axes(other, OF_SITE), false);
            }
            default -> survives.get(axes(row, OF_SITE));
          };
      assertThat(some.completions().containsKey(cell)).as(axes(row, AXES)).isEqualTo(expected);
      if (expected) {
        assertSame(some.completions().get(cell), all.completions().get(cell), "completion");
        assertSame(some.scores().get(cell), all.scores().get(cell), "score");
      } else {
        without++;
        assertThat(some.scores()).doesNotContainKey((Long) cell);
      }
    }
    assertThat(without).isBetween(50, all.completions().size() - 50);
  }
}
