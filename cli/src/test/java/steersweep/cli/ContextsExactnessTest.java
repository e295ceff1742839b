package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.result.RunFolder;

/**
 * A sweep over the demo model against transformers in float64 ({@code make golden}): what is
 * measured of cells by the prompts that they were not steered with, through the whole program.
 */
class ContextsExactnessTest {
  private static final Path ORACLE = Path.of("src/test/resources/contexts");
  private static final double TOLERANCE = 1e-4;

  /** Of log-probabilities of whole texts, which add up the tokens' rounding. */
  private static final double OF_TEXTS = 1e-3;

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private static JsonNode read(String file) throws IOException {
    return JSON.readTree(ORACLE.resolve(file).toFile());
  }

  /** YAML is a superset of JSON. */
  private Path plan() throws IOException {
    JsonNode given = read("plan.json");
    JsonNode concepts = given.get("concepts").deepCopy();
    concepts.forEach(
        concept -> {
          if (concept.get("contrast_prompts").isEmpty()) {
            ((ObjectNode) concept).remove("contrast_prompts");
          }
        });
    return Files.writeString(
        folder.resolve("contexts.yaml"),
        """
        concepts: %s
        grid:
          hook_points: [value, residual_post]
          layers: [2, 3]
          settings: %s
          positions: mean
        generate: {cells: all, stop_at_damage: never, new_tokens: %d}
        """
            .formatted(concepts, given.get("settings"), given.get("new_tokens").asInt()));
  }

  @Test
  void cellsAreMeasuredAsTransformersMeasuresThem() throws IOException {
    CommandRun sweep =
        CommandRun.of(
            "sweep",
            "--model",
            "../demo/model",
            "--conf",
            plan().toString(),
            "--runs",
            folder.resolve("runs").toString());
    assertThat(sweep.err()).isEmpty();
    RunRows rows = RunRows.of(new RunFolder(folder.resolve("runs/latest")));

    List<String> judged = new ArrayList<>();
    for (JsonNode expected : read("expected.json").get("cells")) {
      Map<String, Object> completion = find(rows, expected);
      Object cell = completion.get("cell");
      String as = expected.toString();
      assertThat((List<?>) completion.get("tokens")).as(as).isEqualTo(integers(expected));
      Map<String, Object> reading = rows.readings().get(cell);
      Map<String, Object> score = rows.scores().get(cell);
      for (String column : List.of("damage", "pull_prompting")) {
        assertClose(reading.get(column), expected.get(column), TOLERANCE, as);
      }
      assertAllClose(reading.get("pulls"), expected.get("pulls"), TOLERANCE, as);
      assertAllClose(reading.get("alignments"), expected.get("alignments"), TOLERANCE, as);
      for (String column : List.of("logprob", "fluency", "uptake")) {
        assertClose(score.get(column), expected.get(column), TOLERANCE, as);
      }
      assertAllClose(score.get("evidences"), expected.get("evidences"), OF_TEXTS, as);
      assertClose(score.get("evidence"), expected.get("evidence"), OF_TEXTS, as);
      for (String column : List.of("coherent", "recognised")) {
        JsonNode value = expected.get(column);
        assertThat(score.get(column)).as(as).isEqualTo(value.isNull() ? null : value.asInt());
      }
      judged.add(expected.get("coherent") + " " + expected.get("recognised"));
    }
    assertThat(judged).as("all that a text can be").contains("0 null", "1 0", "1 1", "1 null");
  }

  private static Map<String, Object> find(RunRows rows, JsonNode expected) {
    return rows.completions().values().stream()
        .filter(row -> row.get("kind").equals("steered"))
        .filter(
            row ->
                List.of("concept", "base_prompt", "steering_prompt", "hook_point").stream()
                    .allMatch(column -> row.get(column).equals(expected.get(column).asText())))
        .filter(row -> row.get("layer").equals(expected.get("layer").asInt()))
        .filter(row -> row.get("setting").equals(expected.get("setting").asDouble()))
        .findFirst()
        .orElseThrow();
  }

  private static List<Integer> integers(JsonNode expected) {
    List<Integer> tokens = new ArrayList<>();
    expected.get("tokens").forEach(token -> tokens.add(token.asInt()));
    return tokens;
  }

  private static void assertAllClose(Object actual, JsonNode expected, double most, String as) {
    List<?> values = (List<?>) actual;
    assertThat(values).as(as).hasSize(expected.size());
    for (int i = 0; i < values.size(); i++) {
      assertClose(values.get(i), expected.get(i), most, as);
    }
  }

  private static void assertClose(Object actual, JsonNode expected, double most, String as) {
    if (expected.isNull()) {
      assertThat(actual).as(as).isNull();
    } else {
      assertThat((Double) actual).as(as).isCloseTo(expected.asDouble(), within(most));
    }
  }
}
