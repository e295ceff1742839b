package steersweep.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import steersweep.result.Json;

/**
 * Tokenizers made again from GGUF files, against those of the folders that the files were made
 * from, which have tokenizer.json of transformers.
 */
class GgufTokenizerTest {
  private static final Path FOLDERS = Path.of("src/test/resources/tokenizers");
  private static final Path FILES = Path.of("src/test/resources/gguf");

  /** Characters among which tokenizers decide, and a few that none knows. */
  private static final String[] PARTS =
      "a e t he the and old I 'm 're 'S 1 22 2024 . , ! - _ ( ) { \" ü ß é 日 本語 한 😀 \n \t \r \u00a0 ≠ ½"
          .split(" ");

  private static final List<String> SPACES = List.of("", "", " ", " ", "  ", "   ", "\n\n", " \n");

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama3", "qwen2"})
  void theTokensAreThoseOfTheFolder(String name) {
    TokenizerFolder folder = TokenizerFolder.read(FOLDERS.resolve(name));
    TokenizerFolder gguf = TokenizerFolder.read(FILES.resolve(name + ".gguf"));
    try (NativeTokenizer expected = NativeTokenizer.open(folder.json(), "folder");
        NativeTokenizer actual = NativeTokenizer.open(gguf.json(), "gguf")) {
      for (String text : texts(name)) {
        int[] ids = expected.encode(text);
        assertThat(actual.encode(text)).as(text).isEqualTo(ids);
        assertThat(actual.decode(ids)).as(text).isEqualTo(expected.decode(ids));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama3", "qwen2"})
  void theTokenizerIsThatOfTheFolder(String name) {
    ObjectNode expected =
        Json.read(FOLDERS.resolve(name).resolve("tokenizer.json"), ObjectNode.class);
    ObjectNode actual = parsed(TokenizerFolder.read(FILES.resolve(name + ".gguf")).json());

    for (String part : List.of("added_tokens", "normalizer")) {
      assertThat(actual.path(part)).as(part).isEqualTo(expected.path(part));
    }
    assertThat(actual.path("model").path("merges"))
        .isEqualTo(expected.path("model").path("merges"));
    assertThat(actual.path("pre_tokenizer").findValue("Regex"))
        .isEqualTo(expected.path("pre_tokenizer").findValue("Regex"));
  }

  private static ObjectNode parsed(String json) {
    try {
      return (ObjectNode) new com.fasterxml.jackson.databind.ObjectMapper().readTree(json);
    } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    Json.read(FOLDERS.resolve(name).resolve("cases.json"), ObjectNode.class)
        .path("texts")
        .forEach(text -> texts.add(text.asText()));
    assertThat(texts).hasSizeGreaterThan(30);
    Random random = new Random(3);
    for (int i = 0; i < 2000; i++) {
      StringBuilder text = new StringBuilder();
      for (int part = random.nextInt(12); part >= 0; part--) {
        text.append(PARTS[random.nextInt(PARTS.length)]);
        text.append(SPACES.get(random.nextInt(SPACES.size())));
      }
      texts.add(text.toString());
    }
    return texts;
  }
}
