package steersweep.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import steersweep.error.UserError;
import steersweep.result.Json;

/**
 * Against transformers 4 and 5, on tiny tokenizers with the structure of the real ones
 * (oracle/make_tokenizers.py).
 */
class PromptTokenizerTest {
  private static final Path FOLDERS = Path.of("src/test/resources/tokenizers");

  @TempDir Path temporary;

  /** Texts of which the two versions make different tokens are refused; their number is known. */
  @ParameterizedTest
  @CsvSource({
    "llama, 8",
    "llama-metaspace, 0",
    "llama3, 0",
    "mistral, 0",
    "qwen2, 0",
    "sentencepiece, 9",
    "sentencepiece-not-legacy, 0"
  })
  void tokensAreThoseOfTransformers(String folder, int differing) {
    JsonNode texts = read(folder, "cases.json").path("texts");
    JsonNode version4 = read(folder, "transformers-4.json").path("ids");
    JsonNode version5 = read(folder, "transformers-5.json").path("ids");
    int refused = 0;
    SoftAssertions softly = new SoftAssertions();
    try (PromptTokenizer tokenizer = PromptTokenizer.open(FOLDERS.resolve(folder))) {
      for (int i = 0; i < texts.size(); i++) {
        String text = texts.get(i).asText();
        if (version4.get(i).equals(version5.get(i))) {
          softly.assertThat(tokenizer.encode(text)).as(text).isEqualTo(ints(version4.get(i)));
        } else {
          refused++;
          softly
              .assertThatThrownBy(() -> tokenizer.encode(text))
              .as(text)
              .isInstanceOf(UserError.class)
              .hasMessageContaining(Arrays.toString(ints(version4.get(i))))
              .hasMessageContaining(Arrays.toString(ints(version5.get(i))));
        }
      }
    }
    softly.assertThat(refused).isEqualTo(differing);
    softly.assertThat(texts.size()).isEqualTo(36);
    softly.assertAll();
  }

  /** With clean_up_tokenization_spaces, version 4 also took spaces before punctuation away. */
  @ParameterizedTest
  @CsvSource({
    "llama, 0",
    "llama-metaspace, 0",
    "llama3, 2",
    "mistral, 0",
    "qwen2, 0",
    "sentencepiece, 0",
    "sentencepiece-not-legacy, 0"
  })
  void generatedTextIsThatOfTransformers5(String folder, int otherInVersion4) {
    JsonNode cases = read(folder, "cases.json").path("continuations");
    JsonNode version4 = read(folder, "transformers-4.json").path("continuations");
    JsonNode version5 = read(folder, "transformers-5.json").path("continuations");
    SoftAssertions softly = new SoftAssertions();
    try (PromptTokenizer tokenizer = PromptTokenizer.open(FOLDERS.resolve(folder))) {
      for (int i = 0; i < cases.size(); i++) {
        int[] prompt = ints(cases.get(i).path("prompt"));
        List<Integer> tokens = Arrays.stream(ints(cases.get(i).path("tokens"))).boxed().toList();
        softly
            .assertThat(tokenizer.decodeContinuation(prompt, tokens))
            .as("%s", cases.get(i))
            .isEqualTo(version5.get(i).asText());
      }
    }
    long different =
        IntStream.range(0, cases.size())
            .filter(i -> !version4.get(i).equals(version5.get(i)))
            .count();
    softly.assertThat(different).isEqualTo(otherInVersion4);
    softly.assertThat(cases.size()).isEqualTo(22);
    softly.assertAll();
  }

  record SpecialTokens(JsonNode made, int[] version4, int[] version5) {
    @Override
    public String toString() {
      return made.toString();
    }
  }

  static List<SpecialTokens> specialTokens() {
    JsonNode cases = Json.read(FOLDERS.resolve("special-token-cases.json"), JsonNode.class);
    JsonNode version4 = specialTokenIds(4);
    JsonNode version5 = specialTokenIds(5);
    return IntStream.range(0, cases.size())
        .mapToObj(
            i -> new SpecialTokens(cases.get(i), ints(version4.get(i)), ints(version5.get(i))))
        .toList();
  }

  private static JsonNode specialTokenIds(int version) {
    Path file = FOLDERS.resolve("special-tokens-transformers-" + version + ".json");
    return Json.read(file, JsonNode.class).path("ids");
  }

  @ParameterizedTest
  @MethodSource
  void specialTokens(SpecialTokens expected) throws IOException {
    Path folder = changed(expected.made());
    if (Arrays.equals(expected.version4(), expected.version5())) {
      try (PromptTokenizer tokenizer = PromptTokenizer.open(folder)) {
        assertThat(tokenizer.encode("Hello")).isEqualTo(expected.version4());
      }
    } else {
      assertThatThrownBy(() -> PromptTokenizer.open(folder))
          .isInstanceOf(UserError.class)
          .hasMessageContaining("/tokenizer.json: transformers 4 puts tokens");
    }
  }

  @Test
  void disagreementAboutBosNamesBothAndTheWayOut() throws IOException {
    ObjectNode made = JsonNodeFactory.instance.objectNode().put("folder", "llama");
    made.putObject("config");
    made.putNull("template");
    Path folder = changed(made);

    assertThatThrownBy(() -> PromptTokenizer.open(folder))
        .hasMessage(
            folder
                + "/tokenizer.json: transformers 4 puts tokens [1] around a text, as"
                + " tokenizer_config.json says (add_bos_token true, add_eos_token false), and"
                + " transformers 5 puts [], as the post_processor in tokenizer.json says; expected"
                + " both the same, or \"tokenizer_class\": \"PreTrainedTokenizerFast\" in"
                + " tokenizer_config.json, with which both follow tokenizer.json");
  }

  @Test
  void aTextThatBeginsWithASpaceNamesTheWayOut() {
    try (PromptTokenizer tokenizer = PromptTokenizer.open(FOLDERS.resolve("llama"))) {
      assertThatThrownBy(() -> tokenizer.encode(" the"))
          .hasMessage(
              FOLDERS
                  + "/llama/tokenizer.json: transformers 4 and 5 make different tokens of the text"
                  + " \" the\", because of a leading or repeated space or a special token in it;"
                  + " got [1, 259, 260, 317] and [1, 267], expected a text without it, or \"tokenizer_class\":"
                  + " \"PreTrainedTokenizerFast\" in tokenizer_config.json, with which both follow"
                  + " tokenizer.json");
    }
  }

  /** The way out that the messages name. */
  @Test
  void theFileIsFollowedWhereTheClassSaysSo() throws IOException {
    ObjectNode made = JsonNodeFactory.instance.objectNode().put("folder", "llama");
    made.putObject("config").put("tokenizer_class", "PreTrainedTokenizerFast");
    made.putNull("template");

    try (PromptTokenizer tokenizer = PromptTokenizer.open(changed(made))) {
      assertThat(tokenizer.encode(" the")).containsExactly(259, 260, 317);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "sentencepiece"})
  void aWrongJsonFileIsNamed(String name) throws IOException {
    ObjectNode made = JsonNodeFactory.instance.objectNode().put("folder", name);
    made.putObject("config");
    Path folder = changed(made);
    Files.writeString(folder.resolve("tokenizer_config.json"), "{\"a\":");

    assertThatThrownBy(() -> PromptTokenizer.open(folder))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(folder + "/tokenizer_config.json: damaged; ");
  }

  /** As make_tokenizers.py's special_token_answer does it. */
  private Path changed(JsonNode made) throws IOException {
    Path source = FOLDERS.resolve(made.path("folder").asText());
    try (var files = Files.list(source)) {
      for (Path file : files.toList()) {
        Files.copy(file, temporary.resolve(file.getFileName()));
      }
    }
    ObjectNode config = Json.read(source.resolve("tokenizer_config.json"), ObjectNode.class);
    for (Map.Entry<String, JsonNode> entry : made.path("config").properties()) {
      config.remove(entry.getKey());
      if (!entry.getValue().isNull()) {
        config.set(entry.getKey(), entry.getValue());
      }
    }
    Json.write(temporary.resolve("tokenizer_config.json"), config);
    Path file = temporary.resolve("tokenizer.json");
    if (Files.exists(file)) {
      ObjectNode tokenizer = Json.read(file, ObjectNode.class);
      tokenizer.set("post_processor", template(made.path("template"), config, tokenizer));
      Json.write(file, tokenizer);
    }
    return temporary;
  }

  private static JsonNode template(JsonNode names, JsonNode config, JsonNode tokenizer) {
    if (!names.isArray()) {
      return JsonNodeFactory.instance.nullNode();
    }
    ObjectNode template = JsonNodeFactory.instance.objectNode().put("type", "TemplateProcessing");
    List<String> single = new ArrayList<>();
    ObjectNode special = JsonNodeFactory.instance.objectNode();
    for (JsonNode name : names) {
      String token =
          config.path(name.asText() + "_token").asText(config.path("eos_token").asText());
      JsonNode added =
          StreamSupport.stream(tokenizer.path("added_tokens").spliterator(), false)
              .filter(known -> known.path("content").asText().equals(token))
              .findFirst()
              .orElseThrow();
      special.putObject(token).put("id", token).putArray("ids").add(added.path("id"));
      special.withObject(pointer(token)).putArray("tokens").add(token);
      single.add(token);
    }
    var parts = template.putArray("single");
    for (int i = 0; i < single.size(); i++) {
      parts.addObject().putObject("SpecialToken").put("id", single.get(i)).put("type_id", 0);
      if (i == 0) {
        parts.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
      }
    }
    if (single.isEmpty()) {
      parts.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
    }
    template.set("pair", parts);
    template.set("special_tokens", special);
    return template;
  }

  private static String pointer(String token) {
    return "/" + token.replace("~", "~0").replace("/", "~1");
  }

  private static JsonNode read(String folder, String file) {
    return Json.read(FOLDERS.resolve(folder).resolve(file), JsonNode.class);
  }

  private static int[] ints(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
