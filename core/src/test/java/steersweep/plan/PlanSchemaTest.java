package steersweep.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static steersweep.plan.PlanTexts.CONCEPTS;
import static steersweep.plan.PlanTexts.GRID;
import static steersweep.plan.PlanTexts.withGridLine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import steersweep.error.UserError;
import steersweep.model.HookPoint;

/** {@code conf/plan.schema.json} says what the reader does: editors and runs agree on a plan. */
class PlanSchemaTest {
  private static final Pattern CHOICES = Pattern.compile("\\(choices: (.*)\\)");
  private static final String CONCEPT = "/properties/concepts/items";
  private static final String NUMBER = "/$defs/numbers/anyOf/0";
  private static final String RANGES = "/$defs/numbers/anyOf/1";

  @TempDir Path folder;
  private JsonNode schema;

  @BeforeEach
  void readSchema() throws IOException {
    schema = new ObjectMapper().readTree(Path.of("..", "conf", "plan.schema.json").toFile());
  }

  @Test
  void everyBlockOfTheSchemaHasTheReadersKeysAndNoOthers() {
    assertThat(keys("")).isEqualTo(keysKnownToTheReader("unknown: 1\n" + CONCEPTS + GRID));
    assertThat(keys(CONCEPT)).isEqualTo(keysKnownToTheReader(CONCEPTS + "    unknown: 1\n" + GRID));
    assertThat(keys("/properties/grid"))
        .isEqualTo(keysKnownToTheReader(withGridLine("unknown: 1")));
    assertThat(keys("/properties/generate"))
        .isEqualTo(keysKnownToTheReader(CONCEPTS + GRID + "generate: {unknown: 1}\n"));

    assertThat(keys("/properties/controls"))
        .isEqualTo(keysKnownToTheReader(CONCEPTS + GRID + "controls: {unknown: 1}\n"));
    String survivors = CONCEPTS + GRID + "generate: {cells: survivors, guards: {damage_last: ";
    assertThat(keys("/properties/generate/properties/guards"))
        .isEqualTo(
            keysKnownToTheReader(
                survivors.replace("damage_last: ", "damage_last: {at_most: 1}, unknown: 1}}\n")));
    assertThat(keys("/$defs/bounds"))
        .isEqualTo(keysKnownToTheReader(survivors + "{at_most: 1, unknown: 1}}}\n"));

    assertThat(blocks(schema)).as("no block but these").hasSize(7);
    assertThat(blocks(schema))
        .allSatisfy(
            block -> assertThat(block.get("additionalProperties").asText()).isEqualTo("false"));
  }

  @Test
  void whatTheSchemaRequiresTheReaderMisses() {
    assertThat(texts("/required"))
        .isEqualTo(missing("name: a\n", "([a-z]+).*").stream().distinct().toList());
    List<String> ofConcept = new ArrayList<>(texts(CONCEPT + "/required"));
    ofConcept.addAll(texts(CONCEPT + "/anyOf/0/required"));
    assertThat(ofConcept).isEqualTo(missing("concepts: [{}]\n" + GRID, "concepts\\[0\\]\\.(.*)"));
    List<String> ofGrid = new ArrayList<>(texts("/properties/grid/required"));
    ofGrid.addAll(texts("/properties/grid/oneOf/0/required"));
    assertThat(ofGrid).isEqualTo(missing(CONCEPTS + "grid: {}\n", "grid\\.(.*)"));
    assertThat(accepted(withGridLine("settings: [5]"))).isTrue();
    assertThat(accepted(withGridLine("settings: [5]").replace("settings:", "scales:"))).isTrue();
    assertThat(accepted(withGridLine("settings: [5]") + "  scales: [5]\n")).isFalse();
    assertThat(schema.at("/properties/generate").has("required")).isFalse();
    PlanTexts.read(folder, CONCEPTS + GRID + "generate: {}\n");
  }

  @Test
  void wordsAreTheReadersWords() {
    assertThat(texts("/$defs/hook_point/enum")).isEqualTo(HookPoint.words());
    assertThat(texts("/properties/grid/properties/positions/enum")).isEqualTo(PositionRule.words());
    assertThat(texts("/properties/grid/properties/dose/enum")).isEqualTo(DoseUnit.words());
    for (String word : texts("/properties/generate/properties/cells/enum")) {
      String generate = "generate: {cells: " + word;
      assertThat(
              accepted(
                  CONCEPTS
                      + GRID
                      + generate
                      + (!word.equals("survivors")
                          ? "}"
                          : ", guards: {damage_last: {at_most: 1}}}")))
          .as(word)
          .isTrue();
    }
    for (String word : texts("/$defs/heads/enum")) {
      assertThat(accepted(withGridLine("heads: [" + word + "]"))).as(word).isTrue();
    }
    assertThat(texts("/$defs/heads/enum")).containsExactly("all", "each");
    assertThat(schema.at("/properties/grid/properties/layers/anyOf/0/const").asText())
        .isEqualTo("all");
  }

  @Test
  void defaultsAreTheReadersDefaults() {
    String grid =
        withGridLine("heads: " + schema.at("/properties/grid/properties/heads/default").asText())
            + "  positions: "
            + schema.at("/properties/grid/properties/positions/default").asText()
            + "\n  dose: "
            + schema.at("/properties/grid/properties/dose/default").asText();
    JsonNode controls = schema.at("/properties/controls/properties");
    StringBuilder ofControls = new StringBuilder("\ncontrols:");
    controls
        .fields()
        .forEachRemaining(
            key ->
                ofControls
                    .append("\n  ")
                    .append(key.getKey())
                    .append(": ")
                    .append(key.getValue().get("default").asText()));
    JsonNode generate = schema.at("/properties/generate/properties");
    String written =
        "\ngenerate:\n  new_tokens: "
            + generate.at("/new_tokens/default").asText()
            + "\n  stop_at_eos: "
            + generate.at("/stop_at_eos/default").asText()
            + "\n  cells: "
            + generate.at("/cells/default").asText()
            + "\n  damage: "
            + generate.at("/damage/default").asText()
            + "\n  sites: "
            + generate.at("/sites/default").asText()
            + "\n  sample: "
            + generate.at("/sample/default").asText()
            + "\n  stop_at_damage: "
            + generate.at("/stop_at_damage/default").asText();

    assertThat(PlanTexts.read(folder, grid + ofControls + written))
        .isEqualTo(PlanTexts.read(folder, CONCEPTS + GRID));
  }

  @Test
  void limitsAreTheReadersLimits() {
    JsonNode tokens = schema.at("/properties/generate/properties/new_tokens");
    String generate = CONCEPTS + GRID + "generate:\n  new_tokens: ";
    assertThat(accepted(generate + tokens.get("minimum").asInt())).isTrue();
    assertThat(accepted(generate + (tokens.get("minimum").asInt() - 1))).isFalse();
    assertThat(accepted(generate + tokens.get("maximum").asInt())).isTrue();
    assertThat(accepted(generate + (tokens.get("maximum").asInt() + 1))).isFalse();

    for (String key : List.of("sites", "sample")) {
      JsonNode count = schema.at("/properties/generate/properties/" + key);
      String counted = CONCEPTS + GRID + "generate:\n  " + key + ": ";
      assertThat(accepted(counted + count.get("minimum").asInt())).isTrue();
      assertThat(accepted(counted + (count.get("minimum").asInt() - 1))).isFalse();
      assertThat(accepted(counted + count.get("maximum").asInt())).isTrue();
      assertThat(accepted(counted + (count.get("maximum").asInt() + 1))).isFalse();
    }

    JsonNode number = schema.at(NUMBER);
    assertThat(accepted(withGridLine("layers: " + number.get("minimum").asInt()))).isTrue();
    assertThat(accepted(withGridLine("layers: " + (number.get("minimum").asInt() - 1)))).isFalse();
    assertThat(accepted(withGridLine("layers: " + number.get("maximum").asInt()))).isTrue();
    assertThat(accepted(withGridLine("layers: " + (number.get("maximum").asInt() + 1)))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "3",
        "0-2",
        "0-2, 8-24+2",
        " 0 - 2 , 8 - 24 + 2 ",
        "99999",
        "100000",
        "1+2",
        "0-4+0",
        "0-4+10",
        "0-4-8",
        "1,",
        ",1",
        "1 2",
        "all",
        "",
        "-1",
        "1.5",
        "x"
      })
  void rangesAreTheReadersRanges(String ranges) {
    assertThat(matches(RANGES, ranges))
        .isEqualTo(
            accepted(withGridLine("heads: [\"" + ranges + "\", 0]")) && !ranges.equals("all"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.5",
        "-1",
        "1-5",
        "0.25-1+0.25",
        "-1 - -0.5 + .1, 2",
        "1e-2",
        "1e1",
        "",
        "a",
        "1-",
        "1+1",
        "010",
        "1-2-3",
        "1,"
      })
  void settingsAreTheReadersSettings(String settings) {
    assertThat(matches("/$defs/setting/anyOf/1", settings))
        .isEqualTo(accepted(withGridLine("settings: \"" + settings + "\"")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "llama-7b", "0", "-a", "A", "a_b", "a b", "a.b", "ä", ""})
  void namesAreTheReadersNames(String name) {
    assertThat(matches("/properties/name", name))
        .isEqualTo(accepted("name: \"" + name + "\"\n" + CONCEPTS + GRID));
  }

  @Test
  void aNameIsPartOfAFoldersName() throws IOException {
    String longest = "a".repeat(100);

    for (String name : List.of(longest, longest + "a")) {
      assertThat(matches("/properties/name", name))
          .isEqualTo(name.equals(longest))
          .isEqualTo(accepted("name: " + name + "\n" + CONCEPTS + GRID));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a", "beans", "green peas", "Beans", "bEans", " beans", "beans ", " ", "5"})
  void targetWordsAreTheReadersTargetWords(String word) {
    assertThat(matches("/$defs/target_word", word))
        .isEqualTo(accepted(CONCEPTS + "    target_words: \"" + word + "\"\n" + GRID));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", " a", "", "  ", "\\n"})
  void textsAreTheReadersTexts(String text) {
    assertThat(matches("/$defs/text", text.replace("\\n", "\n")))
        .isEqualTo(accepted(CONCEPTS.replace("I am vegan.", "\"" + text + "\"") + GRID));
  }

  @Test
  void theOriginalWorksPlanPointsEditorsToTheSchema() throws IOException {
    assertThat(Path.of("..", "conf", "llama-7b.yaml"))
        .content()
        .startsWith("# yaml-language-server: $schema=plan.schema.json\n");
  }

  private boolean matches(String at, String text) {
    return Pattern.compile(schema.at(at).get("pattern").asText()).matcher(text).find();
  }

  private boolean accepted(String yaml) {
    try {
      PlanTexts.read(folder, yaml);
      return true;
    } catch (UserError e) {
      return false;
    }
  }

  private List<String> keys(String at) {
    List<String> keys = new ArrayList<>();
    schema.at(at).get("properties").fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  private List<String> texts(String at) {
    List<String> texts = new ArrayList<>();
    schema.at(at).forEach(text -> texts.add(text.asText()));
    return texts;
  }

  /** The choices that the reader offers for the one unknown key of a plan. */
  private List<String> keysKnownToTheReader(String yaml) {
    List<String> faults = PlanTexts.faults(folder, yaml);
    assertThat(faults).hasSize(1);
    Matcher choices = CHOICES.matcher(faults.get(0));
    assertThat(choices.find()).as(faults.get(0)).isTrue();
    return List.of(choices.group(1).split(", "));
  }

  /** The keys that the reader misses in a plan, as one group of a pattern of their key paths. */
  private List<String> missing(String yaml, String path) {
    Pattern pattern = Pattern.compile("demo\\.yaml: " + path + ": missing; .*");
    return PlanTexts.faults(folder, yaml).stream()
        .map(
            fault -> {
              Matcher matcher = pattern.matcher(fault);
              assertThat(matcher.matches()).as(fault).isTrue();
              return matcher.group(1);
            })
        .toList();
  }

  /** Every schema of a block of keys, at any depth. */
  private static List<JsonNode> blocks(JsonNode node) {
    List<JsonNode> blocks = new ArrayList<>();
    if (node.has("properties")) {
      blocks.add(node);
    }
    node.forEach(child -> blocks.addAll(blocks(child)));
    return blocks;
  }
}
