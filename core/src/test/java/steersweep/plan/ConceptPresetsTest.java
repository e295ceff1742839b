package steersweep.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import steersweep.result.TargetWords;

/** The concepts that {@code conf/concepts} offers to plans, read as a plan's own. */
class ConceptPresetsTest {
  private static final Path PRESETS = Path.of("..", "conf", "concepts");

  @TempDir Path folder;

  @Test
  void thereAreADozenConceptsAndPairsForThree() throws IOException {
    assertThat(presets()).hasSizeGreaterThanOrEqualTo(12);
    assertThat(pairFiles()).hasSizeGreaterThanOrEqualTo(3);
  }

  @ParameterizedTest
  @MethodSource("presets")
  void aPresetIsAConceptOfAPlan(Path preset) throws IOException {
    Concept concept = concept(preset);
    assertThat(preset).hasFileName(concept.name() + ".yaml");
    assertThat(concept.basePrompts()).hasSize(16);
    assertThat(concept.steeringPrompts()).hasSizeGreaterThanOrEqualTo(2);
    assertThat(concept.targetWords()).hasSizeGreaterThanOrEqualTo(10);
  }

  @ParameterizedTest
  @MethodSource("presets")
  void contrastPromptsMirrorTheirSteeringPrompts(Path preset) throws IOException {
    Concept concept = concept(preset);
    assertThat(concept.contrastPrompts()).hasSameSizeAs(concept.steeringPrompts());
    for (int i = 0; i < concept.steeringPrompts().size(); i++) {
      assertMirrored(concept.steeringPrompts().get(i), concept.contrastPrompts().get(i));
    }
  }

  /** A word that already stands in the base prompt, or on the other side, shows nothing. */
  @ParameterizedTest
  @MethodSource("presets")
  void targetWordsStandInTheSteeringPromptsAlone(Path preset) throws IOException {
    Concept concept = concept(preset);
    assertThat(concept.steeringPrompts())
        .allSatisfy(p -> assertThat(hits(concept, p)).isPositive());
    assertThat(concept.contrastPrompts()).allSatisfy(p -> assertThat(hits(concept, p)).isZero());
    assertThat(concept.basePrompts()).allSatisfy(p -> assertThat(hits(concept, p)).isZero());
  }

  @ParameterizedTest
  @MethodSource("pairFiles")
  void pairsDifferInTheConceptOnly(Path file) throws IOException {
    List<JsonNode> pairs = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      pairs.add(new ObjectMapper().readTree(line));
    }
    assertThat(pairs).hasSizeGreaterThanOrEqualTo(64);
    Set<String> texts = new HashSet<>();
    for (JsonNode pair : pairs) {
      assertThat(pair.size()).isEqualTo(2);
      String positive = pair.required("positive").asText();
      String negative = pair.required("negative").asText();
      assertMirrored(positive, negative);
      assertThat(texts.add(positive) && texts.add(negative)).as(positive).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("pairFiles")
  void pairsStandBesideTheSameConceptsPrompts(Path file) throws IOException {
    String concept = file.getFileName().toString().replace(".jsonl", "");
    assertThat(presets()).anyMatch(preset -> preset.endsWith(concept + ".yaml"));
  }

  private static void assertMirrored(String positive, String negative) {
    assertThat(negative.split(" ").length)
        .as("%s | %s", positive, negative)
        .isBetween(positive.split(" ").length - 2, positive.split(" ").length + 2);
    assertThat(negative).isNotEqualTo(positive);
  }

  private static int hits(Concept concept, String text) {
    return TargetWords.hits(text, concept.targetWords());
  }

  private Concept concept(Path preset) throws IOException {
    String item =
        Files.readAllLines(preset).stream()
            .map(line -> "    " + line + "\n")
            .collect(Collectors.joining());
    return PlanTexts.read(folder, "concepts:\n  -\n" + item + PlanTexts.GRID).concepts().get(0);
  }

  private static List<Path> presets() throws IOException {
    return files(".yaml");
  }

  private static List<Path> pairFiles() throws IOException {
    return files(".jsonl");
  }

  private static List<Path> files(String ending) throws IOException {
    try (Stream<Path> files = Files.list(PRESETS)) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }
  }
}
