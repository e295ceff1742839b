package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.engine.PromptTokenizer;
import steersweep.result.Json;
import steersweep.result.LogitLens;
import steersweep.result.RunFolder;

/** The logit lens of a sweep over the demo model. */
class LogitLensTest {
  private static final Path MODEL = Path.of("..", "demo", "model");
  private static final String BASE = "My favorite food is";
  private static final String PLAN =
      """
      name: lens
      concepts:
        - name: vegan
          base_prompts: [%s]
          steering_prompts: I am vegan. I like animals.
          target_words: [beans, salad]
      grid:
        hook_points: [value]
        layers: all
        heads: all
        settings: [-5, 5]
      generate:
        new_tokens: 3
        cells: all
        stop_at_damage: never
      """
          .formatted(BASE);

  @TempDir static Path folder;
  private static LogitLens lens;
  private static Map<Long, Map<String, Object>> completions;

  @BeforeAll
  static void sweep() throws IOException {
    Path plan = Files.writeString(folder.resolve("lens.yaml"), PLAN);
    List<String> args = new ArrayList<>(List.of("sweep", "--model", MODEL.toString()));
    args.addAll(List.of("--conf", plan.toString(), "--runs", folder.resolve("runs").toString()));
    args.addAll(List.of("--device", "cpu"));
    assertThat(CommandRun.of(args.toArray(String[]::new)).code()).isZero();
    RunFolder run = new RunFolder(folder.resolve("runs/latest"));
    lens = Json.read(run.lensFile(), LogitLens.class);
    completions = RunRows.of(run).completions();
  }

  @Test
  void afterTheLastBlockItIsTheModelsOwnChoice() {
    assertThat(lens.cells()).isNotEmpty();
    for (LogitLens.OfCell cell : lens.cells()) {
      LogitLens.Block last = cell.blocks().get(cell.blocks().size() - 1);
      assertThat(last.steered().get(0).text()).isEqualTo(firstWord(cell.cell()));
      assertThat(last.unsteered().get(0).text()).isEqualTo(firstWord(0));
    }
  }

  @Test
  void belowTheSteeredLayerNothingChanges() {
    for (LogitLens.OfCell cell : lens.cells()) {
      int layer = (int) completions.get(cell.cell()).get("layer");
      for (int i = 0; i < layer; i++) {
        assertThat(cell.blocks().get(i).steered()).isEqualTo(cell.blocks().get(i).unsteered());
      }
      assertThat(cell.blocks().get(layer).steered())
          .isNotEqualTo(cell.blocks().get(layer).unsteered());
    }
  }

  @Test
  void wordsAreTheLikeliestAndInOrder() {
    for (LogitLens.OfCell cell : lens.cells()) {
      for (LogitLens.Block block : cell.blocks()) {
        List<Double> logprobs = block.steered().stream().map(LogitLens.Word::logprob).toList();
        assertThat(logprobs).isSortedAccordingTo((a, b) -> Double.compare(b, a));
        assertThat(logprobs.stream().mapToDouble(Math::exp).sum()).isBetween(1e-3, 1.0 + 1e-6);
      }
    }
  }

  /** The first token that a cell generated, as text. */
  private static String firstWord(long cell) {
    List<?> tokens = (List<?>) completions.get(cell).get("tokens");
    try (PromptTokenizer tokenizer = PromptTokenizer.open(MODEL)) {
      return tokenizer.decodeContinuation(tokenizer.encode(BASE), List.of((Integer) tokens.get(0)));
    }
  }
}
