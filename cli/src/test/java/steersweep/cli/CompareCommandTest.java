package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.model.HookPoint;
import steersweep.plan.Choice;
import steersweep.plan.ChoiceRule;
import steersweep.plan.Site;
import steersweep.result.Chosen;
import steersweep.result.Json;
import steersweep.result.ParquetFiles;
import steersweep.result.RunFolder;

/** Compares two real sweeps; in one of them an effect is planted, since a random model has none. */
class CompareCommandTest {
  private static final String PLAN =
      """
      name: tiny
      concepts:
        - name: vegan
          base_prompts: [%s]
          steering_prompts: I am vegan.
      grid:
        hook_points: value
        layers: 0
        settings: [3]
        positions: %s
      generate:
        new_tokens: 4
        cells: all
        stop_at_damage: never
      """;

  @TempDir static Path folder;
  private static Path lw2023;
  private static Path mean;
  private static Path planted;

  @BeforeAll
  static void sweep() throws IOException {
    Path model = TestCheckpoint.write(folder.resolve("model"));
    lw2023 = sweep(model, "lw2023", "lw2023");
    mean = sweep(model, "mean", "mean");
    planted = sweep(model, "mean", "planted");
    plant(new RunFolder(planted));
  }

  private static Path sweep(Path model, String positions, String name) throws IOException {
    String prompts =
        IntStream.range(0, 12)
            .mapToObj(i -> "I ate " + "peas ".repeat(i))
            .map(String::strip)
            .collect(Collectors.joining(", "));
    Path plan = folder.resolve(name + ".yaml");
    Files.writeString(plan, String.format(PLAN, prompts, positions));
    Path runs = folder.resolve(name);
    CommandRun run =
        CommandRun.of(
            "sweep",
            "--model",
            model.toString(),
            "--conf",
            plan.toString(),
            "--runs",
            runs.toString(),
            "--device",
            "cpu");
    assertThat(run.err()).isEmpty();
    return RunRows.runs(runs).get(0).path();
  }

  /** Makes the steered cells pull, and their texts coherent ones with much evidence. */
  private static void plant(RunFolder run) throws IOException {
    Set<Object> steered = new HashSet<>();
    for (Path file : files(run.readings())) {
      rewrite(
          file,
          row -> {
            if (row.get("kind").toString().equals("steered")) {
              steered.add(row.get("cell"));
              row.put("pull", 2 + (Long) row.get("cell") / 100.0);
              row.put("damage", 0.2);
            }
          });
    }
    for (Path file : files(run.scores())) {
      rewrite(
          file,
          row -> {
            double evidence = steered.contains(row.get("cell")) ? 20.0 : 0.0;
            row.put("evidence", evidence + (Long) row.get("cell") / 100.0);
            row.put("coherent", 1);
          });
    }
    Site site = new Site(HookPoint.VALUE, 0, Site.ALL_HEADS);
    Json.write(
        run.chosenFile(),
        new Chosen(
            ChoiceRule.ALL,
            List.of(new Choice("vegan", site, 3, Choice.Why.BEST)),
            List.of(new Chosen.Range(0, run.manifest().cells()))));
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".parquet")).toList();
    }
  }

  private interface Change {
    void apply(GenericRecord row);
  }

  private static void rewrite(Path file, Change change) {
    List<GenericRecord> rows = new ArrayList<>();
    ParquetFiles.read(
        file,
        row -> {
          GenericRecord copy = GenericData.get().deepCopy(row.getSchema(), row);
          change.apply(copy);
          rows.add(copy);
        });
    ParquetFiles.write(file, rows.get(0).getSchema(), rows, Map.of());
  }

  private static CommandRun compare(Path before, Path after, String... more) {
    List<String> args = new ArrayList<>(List.of("compare", before.toString(), after.toString()));
    args.addAll(List.of(more));
    return CommandRun.of(args.toArray(String[]::new)).in(folder);
  }

  @Test
  void settingsAndPullsAreCompared() {
    CommandRun run = compare(lw2023, mean);
    assertThat(run.code()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .startsWith("# steersweep: two runs compared\n")
        .contains("| plan.positions | LW2023 | MEAN |")
        .contains("1 sites x settings are in both runs, 0 in the first only, 0 in the second only.")
        .contains("Changes are over the 12 prompt pairs that both runs have");
  }

  @Test
  void aRecommendedSiteThatGotWorseFailsOnRequest() {
    CommandRun asked = compare(planted, mean, "--fail-if-worse");
    assertThat(asked.code()).isEqualTo(4);
    assertThat(asked.err())
        .startsWith("error: vegan: the recommended value layer 0 all heads at setting +3 ")
        .contains("in the second run");
    CommandRun notAsked = compare(planted, mean);
    assertThat(notAsked.code()).isZero();
    assertThat(notAsked.out()).isEqualTo(asked.out());
  }

  @Test
  void itDoesNotFailWhenTheSiteIsAsGood() {
    assertThat(compare(planted, planted, "--fail-if-worse").code()).isZero();
    assertThat(compare(mean, planted, "--fail-if-worse").code()).isZero();
  }

  @Test
  void theComparisonCanGoToAFile() throws IOException {
    Path file = folder.resolve("comparison.md");
    CommandRun run = compare(lw2023, mean, "--out", file.toString());
    assertThat(run.out()).isEqualTo("comparison  TMP/comparison.md\n");
    assertThat(Files.readString(file)).isEqualTo(compare(lw2023, mean).out());
  }

  @Test
  void theComparisonCanBeAPage() throws IOException {
    Path file = folder.resolve("comparison.html");
    compare(planted, mean, "--out", file.toString());
    assertThat(Files.readString(file))
        .startsWith("<!doctype html>")
        .contains("<td class=\"words\">I ate</td>")
        .doesNotContain("<script");
  }

  @Test
  void foldersThatAreNoRunsAreNamedTogether() {
    CommandRun run = compare(folder.resolve("none"), folder.resolve("model"));
    assertThat(run.code()).isEqualTo(Main.USER_ERROR);
    assertThat(run.err())
        .isEqualTo(
            """
            error: TMP/none: not a run folder; expected a manifest.json in it
            error: TMP/model: not a run folder; expected a manifest.json in it
            """);
  }

  @Test
  void publishedResultsHaveNoEffectsToCompare() {
    Path published = folder.resolve("published");
    CommandRun.of(
        "import-csv",
        "../analysis/src/test/resources/published/lunch.csv",
        "--base",
        "For lunch I had",
        "--steering",
        "I only eat plants",
        "--out",
        published.toString());
    CommandRun run = compare(published, mean);
    assertThat(run.code()).isEqualTo(Main.USER_ERROR);
    assertThat(run.err())
        .isEqualTo(
            "error: TMP/published: published results; expected a sweep, whose effects are known\n");
  }
}
