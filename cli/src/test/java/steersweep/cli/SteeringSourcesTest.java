package steersweep.cli;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.checkpoint.SafetensorsFile;
import steersweep.checkpoint.SafetensorsWriter;
import steersweep.checkpoint.StoredNumbers;
import steersweep.error.Faults;
import steersweep.plan.CellKind;
import steersweep.result.RunFolder;

/** Sweeps that steer with something else than a prompt. */
class SteeringSourcesTest {
  private static final String CONCEPT =
      """
      name: tiny
      concepts:
        - name: vegan
          base_prompts: [I ate, We cook, Tonight]
          steering_prompts: I am vegan.
          contrast_prompts: I eat meat.
      """;
  private static final String GRID =
      """
      grid:
        hook_points: %s
        layers: [1]
        heads: [%s]
        settings: [-3, 3]
        positions: mean
      controls:
        random: 1
      generate:
        new_tokens: 6
        stop_at_eos: false
        cells: all
        stop_at_damage: never
      """;

  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void write() throws IOException {
    model = TestCheckpoint.write(folder.resolve("model"));
  }

  private CommandRun run(String name, String concept, String hookPoint, String heads)
      throws IOException {
    Path file =
        Files.writeString(
            folder.resolve(name + ".yaml"), concept + GRID.formatted(hookPoint, heads));
    return CommandRun.of(
        "sweep",
        "--model",
        model.toString(),
        "--conf",
        file.toString(),
        "--runs",
        folder.resolve(name).toString(),
        "--batch-size",
        "64");
  }

  private RunFolder sweep(String name, String concept, String hookPoint, String heads)
      throws IOException {
    CommandRun swept = run(name, concept, hookPoint, heads);
    assertThat(swept.err()).isEmpty();
    return RunRows.runs(folder.resolve(name)).get(0);
  }

  private Path take(RunFolder run, String site, String out) {
    CommandRun taken =
        CommandRun.of(
            "take",
            run.path().toString(),
            "--site",
            site,
            "--setting",
            "3",
            "--out",
            folder.resolve(out).toString());
    assertThat(taken.code()).as(taken.err()).isZero();
    return folder.resolve(out);
  }

  @Test
  void whatWasTakenSweepsToTheSameRows() throws IOException {
    RunFolder first = sweep("first", CONCEPT, "residual_post", "all");
    take(first, "residual_post:1", "taken");

    RunFolder again =
        sweep(
            "again", CONCEPT + "    vector: taken/steering.safetensors\n", "residual_post", "all");

    assertThat(withoutRandom(RunRows.of(again).completions()))
        .isEqualTo(withoutRandom(RunRows.of(first).completions()))
        .hasSize(9);
    assertThat(scores(again)).isEqualTo(scores(first));
  }

  @Test
  void theSameHoldsOfASingleHeadAndOfTheVectorTakenAgain() throws IOException {
    RunFolder first = sweep("first", CONCEPT, "value", "1");
    Path taken = take(first, "value:1:1", "taken");

    RunFolder again =
        sweep("again", CONCEPT + "    vector: taken/steering.safetensors\n", "value", "1");
    Path twice = take(again, "value:1:1", "twice");

    assertThat(withoutRandom(RunRows.of(again).completions()))
        .isEqualTo(withoutRandom(RunRows.of(first).completions()));
    assertThat(twice.resolve("steering.safetensors"))
        .hasSameBinaryContentAs(taken.resolve("steering.safetensors"));
  }

  /** A control vector has the factor inside: settings count from there. */
  @Test
  void aControlVectorIsASourceToo() throws IOException {
    RunFolder first = sweep("first", CONCEPT, "residual_post", "all");
    take(first, "residual_post:1", "taken");
    String concept = CONCEPT + "    vector: taken/control_vector.gguf\n";

    Path file =
        Files.writeString(
            folder.resolve("gguf.yaml"),
            concept + GRID.formatted("residual_post", "all").replace("[-3, 3]", "[-1, 1]"));
    CommandRun swept =
        CommandRun.of(
            "sweep",
            "--model",
            model.toString(),
            "--conf",
            file.toString(),
            "--runs",
            folder.resolve("gguf").toString());

    assertThat(swept.err()).isEmpty();
    assertThat(tokens(RunRows.runs(folder.resolve("gguf")).get(0), 1))
        .hasSize(3)
        .isEqualTo(tokens(first, 3));
  }

  @Test
  void aVectorThatNothingIsSaidOfIsJudgedByContinuationsAlone() throws IOException {
    String continuations = "    target_continuations: beans\n    contrast_continuations: meat\n";
    RunFolder first = sweep("first", CONCEPT + continuations, "residual_post", "all");
    take(first, "residual_post:1", "taken");
    String wordless =
        CONCEPT
                .lines()
                .filter(line -> !line.contains("_prompts: I "))
                .collect(joining("\n", "", "\n"))
            + continuations
            + "    vector: taken/steering.safetensors\n";

    CommandRun swept = run("again", wordless, "residual_post", "all");
    RunFolder again = RunRows.runs(folder.resolve("again")).get(0);

    assertThat(swept.err()).isEmpty();
    assertThat(swept.out())
        .contains(
            "without   pull, alignment, evidence, recognised and uptake: no steering_prompts say what"
                + " the vector is for; judged by target_continuations alone (log_odds)")
        .contains("No verdict by texts: no prompts say what the vectors are for.")
        .containsPattern(
            "vegan: largest shift within the damage budget at residual_post layer 1 at setting"
                + " [-+]3: log-odds .* nats, damage ");
    assertThat(logOdds(again)).hasSize(6).isEqualTo(logOdds(first));
    for (Map<String, Object> row : RunRows.of(again).scores().values()) {
      assertThat(row.get("uptake")).isNull();
      assertThat(row.get("evidence")).isNull();
      assertThat(row.get("fluency")).isNotNull();
    }
    assertThat(Files.readString(again.reportFile())).contains("Judged by target continuations");
  }

  /** By base prompt and setting, of steered cells. */
  private static Map<String, Object> logOdds(RunFolder run) {
    Map<String, Object> found = new HashMap<>();
    for (Map<String, Object> row : RunRows.of(run).readings().values()) {
      if (row.get("kind").equals(CellKind.STEERED.word())) {
        found.put(row.get("base_prompt") + " " + row.get("setting"), row.get("log_odds"));
      }
    }
    assertThat(found.values()).doesNotContainNull();
    return found;
  }

  @Test
  void aMatrixOfAllLayersIsForBlockOutputs() throws IOException {
    float[] numbers = new float[TestCheckpoint.LAYERS * TestCheckpoint.HIDDEN];
    Arrays.fill(numbers, 0.5f);
    SafetensorsWriter.write(
        folder.resolve("matrix.safetensors"),
        Map.of(),
        List.of(
            new SafetensorsWriter.Numbers(
                "anything",
                List.of((long) TestCheckpoint.LAYERS, (long) TestCheckpoint.HIDDEN),
                numbers)));

    RunFolder run =
        sweep("matrix", CONCEPT + "    vector: matrix.safetensors\n", "residual_post", "all");
    assertThat(tokens(run, 3)).hasSize(3);
    CommandRun refused =
        run("values", CONCEPT + "    vector: matrix.safetensors\n", "value", "all");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.in(folder).err())
        .isEqualTo(
            "error: TMP/values.yaml: concepts 'vegan': matrix.safetensors: no vector for value, layer"
                + " 1\n");
  }

  @Test
  void aVectorWithNumbersThatAreNoneIsRefusedBeforeAnythingIsRun() throws IOException {
    float[] numbers = new float[TestCheckpoint.HIDDEN];
    numbers[3] = Float.NaN;
    SafetensorsWriter.write(
        folder.resolve("nan.safetensors"),
        Map.of(),
        List.of(
            new SafetensorsWriter.Numbers("blocks.1.hook_resid_post", numbers),
            new SafetensorsWriter.Numbers("layer.2", numbers)));

    CommandRun refused =
        run("nan", CONCEPT + "    vector: nan.safetensors\n", "residual_post", "all");

    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.in(folder).err())
        .isEqualTo(
            """
            error: TMP/nan.yaml: concepts[0].vector: nan.safetensors: blocks.1.hook_resid_post: not finite; got NaN, expected numbers
            error: TMP/nan.yaml: concepts[0].vector: nan.safetensors: layer.2: got [16], expected tensors named as in steering.safetensors (blocks.14.hook_resid_post), or one matrix [layers, width]
            """);
    assertThat(folder.resolve("nan")).doesNotExist();
  }

  @Test
  void onePairIsAPromptMinusItsContrast() throws IOException {
    Files.writeString(
        folder.resolve("one.jsonl"),
        "{\"positive\": \"I am vegan.\", \"negative\": \"I eat meat.\"}\n");
    RunFolder prompts = sweep("prompts", CONCEPT, "[value, residual_post]", "all, each");

    RunFolder pairs =
        sweep("pairs", CONCEPT + "    pairs: one.jsonl\n", "[value, residual_post]", "all, each");

    assertThat(tokens(pairs, 3)).isEqualTo(tokens(prompts, 3)).hasSize(3);
    assertThat(tokens(pairs, 3)).isNotEqualTo(tokens(pairs, -3));
  }

  @Test
  void manyPairsAddTheMeanOfTheirDifferences() throws IOException {
    Files.writeString(
        folder.resolve("two.jsonl"),
        """
        {"positive": "I am vegan.", "negative": "I eat meat."}
        {"positive": "Beans and peas", "negative": "Pigs or cows!"}
        """);
    RunFolder pairs = sweep("pairs", CONCEPT + "    pairs: two.jsonl\n", "residual_post", "all");
    float[] mean = vector(take(pairs, "residual_post:1", "mean"));
    float[] one = vector(takenFrom("one", "I am vegan.", "I eat meat."));
    float[] two = vector(takenFrom("two", "Beans and peas", "Pigs or cows!"));
    for (int i = 0; i < mean.length; i++) {
      assertThat(mean[i]).isCloseTo((one[i] + two[i]) / 2, within(1e-5f));
    }
  }

  private Path takenFrom(String name, String positive, String negative) throws IOException {
    RunFolder run =
        sweep(
            name,
            CONCEPT.replace("I am vegan.", positive).replace("I eat meat.", negative),
            "residual_post",
            "all");
    return take(run, "residual_post:1", "taken-" + name);
  }

  private static float[] vector(Path taken) {
    Faults faults = new Faults();
    return StoredNumbers.read(
        SafetensorsFile.read(taken.resolve("steering.safetensors"), faults).tensors().get(0));
  }

  @Test
  void aRunIsNotContinuedWithOtherPairs() throws IOException {
    Path file = folder.resolve("one.jsonl");
    Files.writeString(file, "{\"positive\": \"I am vegan.\", \"negative\": \"I eat meat.\"}\n");
    String concept = CONCEPT + "    pairs: one.jsonl\n";
    sweep("pairs", concept, "residual_post", "all");
    Files.writeString(file, "{\"positive\": \"I am a vegan.\", \"negative\": \"I eat meat.\"}\n");

    sweep("pairs", concept, "residual_post", "all");

    assertThat(RunRows.runs(folder.resolve("pairs"))).as("a run of its own").hasSize(2);
  }

  private static SortedMap<Long, Map<String, Object>> scores(RunFolder run) {
    SortedMap<Long, Map<String, Object>> rows = new TreeMap<>();
    RunRows of = RunRows.of(run);
    of.scores()
        .forEach(
            (cell, row) -> {
              if (!of.completions().get(cell).get("kind").equals(CellKind.RANDOM.word())) {
                rows.put(cell, row);
              }
            });
    return rows;
  }

  /** Random directions are named by the source, so that they are others. */
  private static SortedMap<Long, Map<String, Object>> withoutRandom(
      SortedMap<Long, Map<String, Object>> rows) {
    SortedMap<Long, Map<String, Object>> others = new TreeMap<>(rows);
    others.values().removeIf(row -> row.get("kind").equals(CellKind.RANDOM.word()));
    return others;
  }

  /** By base prompt, of whole layers. */
  private static Map<String, Object> tokens(RunFolder run, double setting) {
    Map<String, Object> texts = new HashMap<>();
    for (Map<String, Object> row : RunRows.of(run).completions().values()) {
      if (row.get("kind").equals(CellKind.STEERED.word())
          && row.get("hook_point").equals("residual_post")
          && row.get("setting").equals(setting)) {
        texts.put((String) row.get("base_prompt"), row.get("tokens"));
      }
    }
    return texts;
  }
}
