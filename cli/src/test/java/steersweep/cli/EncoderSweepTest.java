package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.plan.CellKind;
import steersweep.result.CompletionRow;
import steersweep.result.RunFolder;

/** Whole sweeps of a tiny T5, both stacks and the cross-attention, and what comes after a sweep. */
class EncoderSweepTest {
  private static final String CONCEPTS =
      """
      name: tiny
      concepts:
        - name: vegan
          base_prompts: [I ate, We cook, Tonight]
          steering_prompts: [I am vegan., Beans and peas.]
          contrast_prompts: I eat meat.
      """;
  private static final String GRID =
      """
      grid:
        hook_points: [encoder_value, encoder_residual_post, cross_value, cross_attention_output, residual_post]
        layers: all
        heads: [all, each]
        settings: [-3, 3]
        positions: mean
      controls:
        random: 1
        shuffled: 1
        prompted: true
      generate:
        new_tokens: 6
        stop_at_eos: false
        cells: all
      """;
  private static final String BAKED =
      "no bias of a t5 checkpoint is known to carry it; got encoder_residual_post, expected a llama"
          + " checkpoint";
  private static final int SITES =
      TestT5Checkpoint.ENCODER_LAYERS * (1 + TestT5Checkpoint.HEADS + 1)
          + TestT5Checkpoint.DECODER_LAYERS * (1 + TestT5Checkpoint.HEADS + 1 + 1);

  @TempDir static Path shared;
  private static Path model;
  private static RunFolder whole;

  @TempDir Path folder;

  @BeforeAll
  static void sweepOnce() throws IOException {
    model = TestT5Checkpoint.write(shared.resolve("model"));
    whole = sweep(shared.resolve("whole"), CONCEPTS + GRID);
  }

  private static CommandRun run(Path folder, String plan, String... more) throws IOException {
    Files.createDirectories(folder);
    Path file = Files.writeString(folder.resolve("tiny.yaml"), plan);
    String[] command = {
      "sweep",
      "--model",
      model.toString(),
      "--conf",
      file.toString(),
      "--runs",
      folder.resolve("runs").toString(),
      "--batch-size",
      "16"
    };
    String[] all = Arrays.copyOf(command, command.length + more.length);
    System.arraycopy(more, 0, all, command.length, more.length);
    return CommandRun.of(all);
  }

  private static RunFolder sweep(Path folder, String plan, String... more) throws IOException {
    CommandRun swept = run(folder, plan, more);
    assertThat(swept.err()).isEmpty();
    assertThat(swept.code()).isZero();
    return RunRows.runs(folder.resolve("runs")).get(0);
  }

  @Test
  void everySiteOfBothStacksIsReadAndWritten() throws IOException {
    RunRows rows = RunRows.of(whole);

    int ofPair = 2 + SITES * (2 + 1 + 2); // steered twice, one size of random direction, shuffled
    assertThat(rows.readings()).hasSize(6 * ofPair);
    assertThat(rows.completions()).hasSameSizeAs(rows.readings());
    assertThat(rows.completions().values())
        .allSatisfy(row -> assertThat(row).containsEntry("status", CompletionRow.OK));
    assertThat(rows.readings().values())
        .filteredOn(row -> row.get("kind").equals(CellKind.STEERED.word()))
        .allSatisfy(
            row -> {
              assertThat((Double) row.get("damage")).as(row.toString()).isPositive();
              assertThat((Double) row.get("dose_residual")).as(row.toString()).isPositive();
              assertThat((Double) row.get("pull_prompting")).isFinite();
            });
    assertThat(whole.path().resolve("summary.md"))
        .content()
        .contains("## The claims of the 2023 work")
        .contains("Mixing works across much of the encoder.");
  }

  @Test
  void aRunThatLostFilesContinuesToTheSameRows() throws IOException {
    RunFolder run = sweep(folder, CONCEPTS + GRID, "--unit-cells", "100");
    RunRows before = RunRows.of(run);
    List<Path> files;
    try (var readings = Files.list(run.readings())) {
      files = readings.sorted().toList();
    }
    assertThat(files).hasSizeGreaterThan(3);
    Files.delete(files.get(1));

    run(folder, CONCEPTS + GRID, "--unit-cells", "100");

    assertThat(RunRows.of(run)).isEqualTo(before);
  }

  /** Rows do not depend on how a sweep is cut, nor on what shares a batch. */
  @Test
  void unitsAndBatchesMakeNoDifferenceToTexts() throws IOException {
    RunFolder run = sweep(folder, CONCEPTS + GRID, "--unit-cells", "37");

    assertThat(texts(run)).isEqualTo(texts(whole));
  }

  private static SortedMap<Long, Object> texts(RunFolder run) {
    SortedMap<Long, Object> texts = new TreeMap<>();
    RunRows.of(run).completions().forEach((cell, row) -> texts.put(cell, row.get("tokens")));
    return texts;
  }

  @Test
  void whatWasTakenFromTheEncoderSweepsToTheSameTexts() throws IOException {
    CommandRun taken =
        CommandRun.of(
            "take",
            whole.path().toString(),
            "--site",
            "encoder_residual_post:2",
            "--setting",
            "3",
            "--steering-prompt",
            "1",
            "--out",
            folder.resolve("taken").toString());
    assertThat(taken.code()).as(taken.err()).isZero();
    assertThat(taken.out())
        .contains("3 of its 3 texts")
        .contains("baked")
        .contains(BAKED)
        .contains("llama.cpp has no control vectors for models with an encoder");

    String one = CONCEPTS.replace("[I am vegan., Beans and peas.]", "I am vegan.");
    String grid =
        GRID.replaceFirst("hook_points: .*", "hook_points: encoder_residual_post")
            .replace("layers: all", "layers: [2]")
            .replace("[all, each]", "all")
            .replace("shuffled: 1", "shuffled: 0")
            .replace("[-3, 3]", "[3]");
    RunFolder given = sweep(folder, one + "    vector: taken/steering.safetensors\n" + grid);
    Map<Object, Object> again = steered(given);

    assertThat(again).hasSize(3);
    assertThat(steered(whole)).containsAllEntriesOf(again);
  }

  /** By base prompt; of the first steering prompt at the site that was taken. */
  private static Map<Object, Object> steered(RunFolder run) {
    Map<Object, Object> texts = new TreeMap<>();
    for (Map<String, Object> row : RunRows.of(run).completions().values()) {
      if (row.get("kind").equals(CellKind.STEERED.word())
          && row.get("hook_point").equals("encoder_residual_post")
          && row.get("layer").equals(2)
          && row.get("setting").equals(3.0)
          && row.get("steering_prompt").equals("I am vegan.")) {
        texts.put(row.get("base_prompt"), row.get("tokens"));
      }
    }
    return texts;
  }

  @Test
  void aBakedCheckpointIsRefusedByName() {
    CommandRun taken =
        CommandRun.of(
            "take",
            whole.path().toString(),
            "--site",
            "encoder_residual_post:2",
            "--setting",
            "3",
            "--formats",
            "baked",
            "--out",
            folder.resolve("taken").toString());

    assertThat(taken.code()).isEqualTo(2);
    assertThat(taken.err()).contains("--formats baked: " + BAKED);
  }

  @Test
  void damagesAreSolvedForInTheEncoderToo() throws IOException {
    String grid =
        GRID.replaceFirst("hook_points: .*", "hook_points: [encoder_residual_post, residual_post]")
            .replace("settings: [-3, 3]", "dose: kl\n  settings: [0.05]")
            .replace("layers: all", "layers: [1]")
            .replace("[all, each]", "all");
    RunFolder run = sweep(folder, CONCEPTS + grid);

    assertThat(run.factorsFile()).exists();
    assertThat(RunRows.of(run).readings().values())
        .filteredOn(row -> row.get("kind").equals(CellKind.STEERED.word()))
        .isNotEmpty()
        .allSatisfy(row -> assertThat((Double) row.get("factor")).isFinite().isNotZero());
  }

  @Test
  void meanDifferencesOfPairsSteerAnEncoder() throws IOException {
    Files.writeString(
        folder.resolve("pairs.jsonl"),
        """
        {"positive": "I am vegan.", "negative": "I eat meat."}
        {"positive": "Beans and peas.", "negative": "Bacon."}
        """);
    RunFolder run =
        sweep(folder, CONCEPTS + "    pairs: pairs.jsonl\n" + GRID.replace("  shuffled: 1\n", ""));

    assertThat(RunRows.of(run).completions().values())
        .allSatisfy(row -> assertThat(row).containsEntry("status", CompletionRow.OK));
  }

  @Test
  void hookPointsOfAnEncoderAreRefusedForAModelWithoutOne() throws IOException {
    Path llama = TestCheckpoint.write(folder.resolve("llama"));
    Path plan = Files.writeString(folder.resolve("tiny.yaml"), CONCEPTS + GRID);

    CommandRun refused =
        CommandRun.of("plan", "--model", llama.toString(), "--conf", plan.toString()).in(folder);

    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err())
        .contains("hook_points: the model has no encoder; got encoder_value, expected one without");
  }

  @Test
  void layersThatOneOfTheStacksLacksAreRefused() throws IOException {
    CommandRun refused = run(folder, CONCEPTS + GRID, "--layers", "0,2");

    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("no such layer; got 2, expected 0..1");
  }
}
