package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a sweep of the demo model tells of its progress. */
class SweepProgressEventsTest {
  private static final String PLAN =
      """
      concepts:
        - name: evil
          base_prompts: [Yesterday was, Tomorrow I will, My friends say that]
          steering_prompts: [I am evil. I hurt people., I hate everyone. I want to destroy.]
        - name: happy
          base_prompts: [Yesterday was, Tomorrow I will, My friends say that]
          steering_prompts: [I am happy. I love my life., What a wonderful day it is.]
      grid:
        hook_points: [value, residual_post]
        layers: all
        settings: [0.3, 1]
        dose: kl
        positions: mean
      controls: {random: 1}
      generate: {cells: all, new_tokens: 30}
      """;

  private static final List<JsonNode> EVENTS = new ArrayList<>();

  @TempDir static Path folder;

  @BeforeAll
  static void sweep() throws IOException {
    Path plan = Files.writeString(folder.resolve("plan.yaml"), PLAN);
    CommandRun sweep =
        CommandRun.of(
            "sweep",
            "--json",
            "--model",
            "../demo/model",
            "--conf",
            plan.toString(),
            "--batch-size",
            "16",
            "--runs",
            folder.resolve("runs").toString());
    assertThat(sweep.code()).as(sweep.err()).isZero();
    for (String line : sweep.out().lines().toList()) {
      JsonNode event = new ObjectMapper().readTree(line);
      if (event.path("event").asText().equals("progress")) {
        EVENTS.add(event);
      }
    }
  }

  private static List<Double> values(String fact) {
    return EVENTS.stream().filter(e -> e.has(fact)).map(e -> e.get(fact).asDouble()).toList();
  }

  @Test
  void phasesComeInTheirOrder() {
    Set<String> phases = new LinkedHashSet<>();
    EVENTS.forEach(event -> phases.add(event.get("phase").asText()));
    phases.removeAll(Set.of("open", "measure batch", "score")); // may be over between two looks

    assertThat(phases).containsExactly("solve", "screen", "choose", "write", "report");
  }

  @Test
  void cellsOfEachStageRiseToAllOfThemAndMoveWithinUnits() {
    Map<String, List<Long>> done = new LinkedHashMap<>();
    Map<String, Long> cells = new LinkedHashMap<>();
    for (JsonNode event : EVENTS) {
      if (event.has("stage")) {
        String stage = event.get("stage").asText();
        done.computeIfAbsent(stage, of -> new ArrayList<>()).add(event.get("cells_done").asLong());
        cells.put(stage, event.get("cells").asLong());
      }
    }

    assertThat(done.keySet()).containsExactly("solve", "screen", "write");
    done.forEach(
        (stage, counts) -> {
          assertThat(counts).as(stage).isSorted().startsWith(0L).endsWith(cells.get(stage));
        });
    int units = folder.resolve("runs/latest/completions").toFile().list().length;
    Set<Long> seen = new LinkedHashSet<>(done.get("write"));
    assertThat(seen.size()).as("%s in %d units", seen, units).isGreaterThan(units + 1);
  }

  @Test
  void theClockRunsAndWhatIsLeftNeverClimbs() {
    assertThat(values("seconds")).isSorted();
    List<Double> left = values("seconds_left");
    assertThat(left).hasSizeGreaterThan(3);
    assertThat(left.stream().map(seconds -> -seconds).toList()).isSorted();
    assertThat(left.get(left.size() - 1)).isLessThan(0.2 * left.get(0));
  }

  @Test
  void nothingOfItStaysInTheRunFolder() {
    assertThat(folder.resolve("runs/latest/progress")).doesNotExist();
  }
}
