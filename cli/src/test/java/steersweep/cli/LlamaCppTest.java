package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.plan.CellKind;

/**
 * Control vectors of a sweep of SmolLM2-135M-Instruct, loaded by llama.cpp: it writes the sweep's
 * texts. Both compute with the same numbers in float32. Vectors that differ in the block alone give
 * the texts of the sweep at that block and no other, so blocks are counted alike.
 */
@Tag("real-model")
class LlamaCppTest {
  private static final Path MODEL = Path.of("../models/SmolLM2-135M-Instruct.Q4_1.gguf");
  private static final List<String> PROMPTS =
      List.of("Yesterday was", "I opened the letter and", "On the way back he was");
  private static final List<Integer> LAYERS = List.of(1, 14, 15, 29);
  private static final int NEW_TOKENS = 12;
  private static final String PLAN =
      """
      name: joy
      concepts:
        - name: joy
          base_prompts: [Yesterday was, I opened the letter and, On the way back he was]
          steering_prompts: I am so happy today. I laugh and sing, and everything is full of joy.
          contrast_prompts: I am so sad today. I cry and mourn, and everything is full of grief.
      grid:
        hook_points: residual_post
        layers: [1, 14, 15, 29]
        settings: [2]
        positions: mean
      generate:
        new_tokens: 12
        stop_at_eos: false
        cells: all
        stop_at_damage: never
      """;

  @TempDir Path folder;

  @BeforeAll
  static void isThere() {
    String message = "LlamaCppTest needs " + MODEL + ": make real-model brings it";
    if (!Files.exists(MODEL)
        && System.getProperty("steersweep.real-model", "").equals("required")) {
      throw new AssertionError(message);
    }
    assumeTrue(Files.exists(MODEL), message);
  }

  @Test
  void llamaCppWritesTheTextsOfTheSweepWithItsControlVectors() throws Exception {
    Path runs = sweep();
    Path model = folder.resolve("float32.gguf");
    Float32Gguf.write(MODEL, model, folder.resolve("cache"));

    assertThat(LlamaCpp.texts(model, null, PROMPTS, NEW_TOKENS, folder.resolve("unsteered")))
        .isEqualTo(texts(runs, null));
    Set<List<String>> different = new HashSet<>();
    for (int layer : LAYERS) {
      Path vector = take(runs, layer);
      List<String> texts =
          LlamaCpp.texts(model, vector, PROMPTS, NEW_TOKENS, folder.resolve("layer" + layer));
      assertThat(texts).as("layer %d", layer).isEqualTo(texts(runs, layer));
      different.add(texts);
    }
    assertThat(different).as("every block gives other texts").hasSize(LAYERS.size());
  }

  private Path sweep() throws IOException {
    Path plan = Files.writeString(folder.resolve("joy.yaml"), PLAN);
    Path runs = folder.resolve("runs");
    CommandRun swept =
        CommandRun.of(
            "sweep",
            "--model",
            MODEL.toString(),
            "--conf",
            plan.toString(),
            "--runs",
            runs.toString());
    assertThat(swept.code()).as(swept.err()).isZero();
    return runs;
  }

  private Path take(Path runs, int layer) {
    Path out = folder.resolve("taken" + layer);
    CommandRun taken =
        CommandRun.of(
            "take",
            runs.resolve("latest").toString(),
            "--site",
            "residual_post:" + layer,
            "--out",
            out.toString());
    assertThat(taken.code()).as(taken.err()).isZero();
    assertThat(taken.out()).contains("3 of its 3 texts are written again");
    return out.resolve("control_vector.gguf");
  }

  /** By the order of the prompts; of a layer, or of the unsteered model. */
  private static List<String> texts(Path runs, Integer layer) throws IOException {
    List<String> texts = new ArrayList<>();
    for (Map<String, Object> row : RunRows.of(RunRows.runs(runs).get(0)).completions().values()) {
      boolean wanted =
          layer == null
              ? row.get("kind").equals(CellKind.BASELINE.word())
              : layer.equals(row.get("layer"));
      if (wanted) {
        texts.add((String) row.get("text"));
      }
    }
    return texts;
  }
}
