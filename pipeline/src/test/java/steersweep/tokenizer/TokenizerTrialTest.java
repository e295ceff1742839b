package steersweep.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import steersweep.error.UserError;

class TokenizerTrialTest {
  private static final Path LLAMA = Path.of("src/test/resources/tokenizers/llama/tokenizer.json");

  /** Its template has a token that nobody describes: the library ends the process on that. */
  @Test
  void aTokenizerThatEndsTheProcessEndsAnother() throws IOException {
    String json = Files.readString(LLAMA);
    String hostile =
        json.replace("\"SpecialToken\":{\"id\":\"<s>\"", "\"SpecialToken\":{\"id\":\"<gone>\"");
    assertThat(hostile).isNotEqualTo(json);

    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> NativeTokenizer.open(hostile, "hostile"))
          .isInstanceOf(UserError.class)
          .hasMessageMatching(
              "hostile: not a usable tokenizer; the tokenizer library ends its process with code"
                  + " 1\\d\\d on it, expected one that it can read");
    }
  }

  @Test
  void whatTheLibraryRefusesHasTheLibrarysMessage() {
    assertThatThrownBy(() -> NativeTokenizer.open("{\"model\": 5}", "broken"))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith("broken: not a usable tokenizer; ")
        .hasMessageNotContaining("ends its process");
  }

  @Test
  void aGoodOneIsUsed() throws IOException {
    try (NativeTokenizer tokenizer = NativeTokenizer.open(Files.readString(LLAMA), "llama")) {
      assertThat(tokenizer.decode(tokenizer.encode("I am vegan."))).isEqualTo("I am vegan.");
    }
  }
}
