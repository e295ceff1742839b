package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.engine.PromptTokenizer;
import steersweep.result.RunFolder;

/**
 * A model that was trained on real text, as people have it: SmolLM2-135M-Instruct, a GGUF file of
 * Q4_1, which {@code make real-model} brings. Expected tokens come from llama.cpp, what cells give
 * from transformers in float64 ({@code src/test/oracle/real_model.py}). Without the file the class
 * is skipped, and says so; with {@code -Dsteersweep.real-model=required} that is a failure.
 */
@Tag("real-model")
class RealModelTest {
  private static final Path MODEL = Path.of("../models/SmolLM2-135M-Instruct.Q4_1.gguf");
  private static final Path EXPECTED = Path.of("src/test/resources/real-model");
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  @BeforeAll
  static void isThere() {
    if (Files.exists(MODEL)) {
      return;
    }
    String message = "RealModelTest needs " + MODEL + ": make real-model brings it";
    if (System.getProperty("steersweep.real-model", "").equals("required")) {
      throw new AssertionError(message);
    }
    System.out.println("skipped: " + message);
    assumeTrue(false, message);
  }

  @Test
  void theTokensAreThoseOfLlamaCpp() throws IOException {
    List<String> different = new ArrayList<>();
    List<String> lines = Files.readAllLines(EXPECTED.resolve("tokens.jsonl"));
    try (PromptTokenizer tokenizer = PromptTokenizer.open(MODEL)) {
      for (String line : lines) {
        JsonNode pair = JSON.readTree(line);
        String text = pair.get(0).asText();
        int[] expected = JSON.convertValue(pair.get(1), int[].class);
        if (!Arrays.equals(tokenizer.encode(text), expected)) {
          different.add(text);
        }
      }
    }
    assertThat(different).isEmpty();
    assertThat(lines).hasSizeGreaterThanOrEqualTo(2000);
  }

  /**
   * Where steering takes away what the model itself has put there, rounding grows: along the same
   * tokens transformers in float32 differs from float64 by up to 2.7e-4 in such a cell.
   */
  @Test
  void threeHundredRandomCellsHaveTheTokensOfTransformers() throws IOException {
    JsonNode expected = JSON.readTree(EXPECTED.resolve("expected.json").toFile()).get("cells");

    CommandRun run =
        CommandRun.of("cells", MODEL.toString(), EXPECTED.resolve("cells.json").toString());

    assertThat(run.code()).as(run.err()).isZero();
    JsonNode actual = JSON.readTree(run.out()).get("cells");
    assertThat(actual).hasSameSizeAs(expected).hasSize(300);
    int near = 0;
    for (int i = 0; i < expected.size(); i++) {
      JsonNode wanted = expected.get(i);
      JsonNode got = actual.get(i);
      assertThat(got.get("tokens")).as("tokens of cell %d", i).isEqualTo(wanted.get("tokens"));
      double difference = 0;
      for (int t = 0; t < wanted.get("logprobs").size(); t++) {
        double rounding =
            got.get("logprobs").get(t).asDouble() - wanted.get("logprobs").get(t).asDouble();
        difference = Math.max(difference, Math.abs(rounding));
      }
      assertThat(difference).as("log-probabilities of cell %d", i).isLessThan(2e-3);
      near += difference < 1e-4 ? 1 : 0;
    }
    assertThat(near).as("cells within 1e-4").isGreaterThanOrEqualTo(290);
  }

  @Test
  void aSweepOfItEndsWithAReport() throws IOException {
    Path plan = folder.resolve("plan.yaml");
    Files.writeString(
        plan,
        """
        name: real
        concepts:
          - name: sad
            base_prompts: ["Yesterday I went to the park and"]
            steering_prompts: "I am so sad. I cry every day."
        grid:
          hook_points: [residual_post]
          layers: [12]
          heads: all
          scales: [4]
          positions: mean
        generate:
          new_tokens: 8
          cells: all
          stop_at_damage: never
        """);

    CommandRun run =
        CommandRun.of(
            "sweep",
            "--model",
            MODEL.toString(),
            "--conf",
            plan.toString(),
            "--runs",
            folder.resolve("runs").toString());

    assertThat(run.code()).as(run.err()).isZero();
    RunFolder result = new RunFolder(folder.resolve("runs/latest").toRealPath());
    assertThat(result.path().resolve("report.html")).isNotEmptyFile();
    RunRows rows = RunRows.of(result);
    assertThat(rows.completions()).hasSize(2);
    assertThat(rows.completions().values())
        .allSatisfy(row -> assertThat((String) row.get("text")).isNotBlank());
    assertThat(rows.completions().get(0L).get("text"))
        .as("another text where it is steered")
        .isNotEqualTo(rows.completions().get(1L).get("text"));
  }
}
