package steersweep.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import steersweep.error.UserError;
import steersweep.result.Json;

class TokenizerFolderTest {
  private static final Path FOLDERS = Path.of("src/test/resources/tokenizers");

  @TempDir Path temporary;

  /** The folder on the right was converted by transformers from the same tokenizer.model. */
  @ParameterizedTest
  @CsvSource({"sentencepiece, true, llama", "sentencepiece-not-legacy, false, llama-metaspace"})
  void aSentencePieceModelBecomesTheTokenizerJsonOfTransformers(
      String folder, boolean legacy, String converted) {
    SentencePieceModel model =
        SentencePieceModel.read(FOLDERS.resolve(folder).resolve("tokenizer.model"));
    ObjectNode expected =
        Json.read(FOLDERS.resolve(converted).resolve("tokenizer.json"), ObjectNode.class);
    ObjectNode actual = SentencePieceConversion.convert(model, legacy);
    // Written as null.
    ((ObjectNode) expected.path("model"))
        .remove(List.of("dropout", "continuing_subword_prefix", "end_of_word_suffix"));
    for (ObjectNode tokenizer : List.of(actual, expected)) {
      tokenizer.remove(List.of("post_processor", "truncation", "padding"));
    }

    assertThat(actual).isEqualTo(expected);
  }

  @Test
  void aSentencePieceModelGivesTheTokensOfSentencePiece() {
    JsonNode texts = read("sentencepiece/cases.json").path("texts");
    JsonNode expected = read("sentencepiece/transformers-4.json").path("sentencepiece_ids");
    SentencePieceModel model =
        SentencePieceModel.read(FOLDERS.resolve("sentencepiece/tokenizer.model"));
    String json = SentencePieceConversion.convert(model, true).toString();
    int compared = 0;
    SoftAssertions softly = new SoftAssertions();
    try (NativeTokenizer tokenizer = NativeTokenizer.open(json, "converted")) {
      for (int i = 0; i < texts.size(); i++) {
        String text = texts.get(i).asText();
        // The library itself does not look for special tokens in a text.
        if (!text.matches("(?s).*<(s|/s|unk)>.*")) {
          softly.assertThat(tokenizer.encode(text)).as(text).isEqualTo(ints(expected.get(i)));
          compared++;
        }
      }
    }
    softly.assertThat(compared).isEqualTo(32);
    softly.assertAll();
  }

  @Test
  void aFolderWithoutTokenizerNamesTheWayOut() {
    assertRefused(
        temporary
            + ": no tokenizer; expected tokenizer.json, or Llama's tokenizer.model; copy it from the"
            + " model that this one was made from, or where there is a vocab.json, "
            + wayOut());
  }

  @Test
  void aUnigramModelNamesTheWayOut() throws IOException {
    writeModel(1, false);

    assertRefused(
        temporary
            + "/tokenizer.model: not a Llama SentencePiece model: algorithm; got Unigram, expected"
            + " BPE; "
            + wayOut());
  }

  @Test
  void aModelThatChangesWhitespaceNamesTheWayOut() throws IOException {
    writeModel(2, true);

    assertRefused(
        temporary
            + "/tokenizer.model: not a Llama SentencePiece model: it changes texts in a way of its"
            + " own (precompiled_charsmap empty, remove_extra_whitespaces true,"
            + " treat_whitespace_as_suffix false, add_dummy_prefix true); expected empty, false,"
            + " false, true as in Llama's; "
            + wayOut());
  }

  /** Their transformers 5 class makes other tokens of every text. */
  @ParameterizedTest
  @CsvSource({"LlamaTokenizer, mistral", "PreTrainedTokenizerFast, llama"})
  void tokenizerModelAloneNeedsTheLlamaClass(String kind, String modelType) throws IOException {
    writeModel(2, false);
    write(
        "tokenizer_config.json",
        "{\"tokenizer_class\": \"" + kind + "\", \"add_bos_token\": true}");
    write("config.json", "{\"model_type\": \"" + modelType + "\"}");

    assertRefused(
        temporary
            + "/tokenizer.model: transformers 5 does not read it as a Llama tokenizer, and then puts"
            + " no space before a text where transformers 4 does; got tokenizer_class "
            + kind
            + " and model_type "
            + modelType
            + ", expected tokenizer_class LlamaTokenizer and another model_type than mistral; or "
            + wayOut());
  }

  @Test
  void bosMustBeSaidWhereThereIsOnlyTokenizerModel() throws IOException {
    writeModel(2, false);
    write("tokenizer_config.json", "{\"tokenizer_class\": \"LlamaTokenizer\"}");

    assertRefused(
        temporary
            + "/tokenizer_config.json: add_bos_token is not set; with tokenizer.model alone"
            + " transformers 4 then puts a BOS token before a text and transformers 5 does not;"
            + " expected \"add_bos_token\": true (what Llama and Mistral models are trained with) or"
            + " false");
  }

  @Test
  void bosMustBeInTheVocabulary() throws IOException {
    writeModel(2, false);
    write(
        "tokenizer_config.json",
        "{\"tokenizer_class\": \"LlamaTokenizer\", \"add_bos_token\": true, \"bos_token\": \"<start>\"}");

    assertRefused(
        temporary
            + "/tokenizer_config.json: bos_token is not in the vocabulary; got '<start>', expected"
            + " one of its tokens");
  }

  @Test
  void addedTokensFollowTheVocabulary() throws IOException {
    writeModel(2, false);
    write(
        "tokenizer_config.json",
        "{\"tokenizer_class\": \"LlamaTokenizer\", \"add_bos_token\": true}");
    write("added_tokens.json", "{\"[PAD]\": 7}");

    assertRefused(
        temporary + "/tokenizer.model: added token '[PAD]' leaves a gap; got id 7, expected 3");
  }

  @Test
  void aFileThatIsNoModelIsNamed() throws IOException {
    write("tokenizer.model", "version https://git-lfs.github.com/spec/v1\noid sha256:1\n");

    assertThatThrownBy(() -> TokenizerFolder.read(temporary))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(temporary + "/tokenizer.model: not a readable SentencePiece model");
  }

  /** Whoever opens the library otherwise would let it onto the network. */
  @Test
  void onlyNativeTokenizerNamesTheLibrary() throws IOException {
    try (var files = Files.walk(Path.of(".."))) {
      assertThat(
              files
                  .filter(file -> file.toString().matches(".*/src/main/java/.*\\.java"))
                  .filter(file -> contains(file, "ai.djl"))
                  .map(file -> file.getFileName().toString()))
          .containsExactly("NativeTokenizer.java");
    }
  }

  private static boolean contains(Path file, String text) {
    try {
      return Files.readString(file).contains(text);
    } catch (IOException e) {
      throw new AssertionError(file.toString(), e);
    }
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> TokenizerFolder.read(temporary))
        .isInstanceOf(UserError.class)
        .hasMessage(message);
  }

  private String wayOut() {
    return "write tokenizer.json with: pip install 'transformers<5' sentencepiece protobuf &&"
        + " python3 -c \"from transformers import AutoTokenizer as T; T.from_pretrained('"
        + temporary
        + "').save_pretrained('"
        + temporary
        + "')\"";
  }

  /** Three pieces, and nothing else but what is tested. */
  private void writeModel(int algorithm, boolean removeExtraWhitespace) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    List<String> pieces = List.of("<unk>", "<s>", "</s>");
    for (String text : pieces) {
      ByteArrayOutputStream piece = new ByteArrayOutputStream();
      CodedOutputStream pieceOut = CodedOutputStream.newInstance(piece);
      pieceOut.writeString(1, text);
      pieceOut.writeEnum(3, text.equals("<unk>") ? 2 : 3);
      pieceOut.flush();
      out.writeByteArray(1, piece.toByteArray());
    }
    out.writeByteArray(2, new byte[] {3 << 3, (byte) algorithm});
    out.writeByteArray(3, new byte[] {4 << 3, (byte) (removeExtraWhitespace ? 1 : 0)});
    out.flush();
    Files.write(temporary.resolve("tokenizer.model"), bytes.toByteArray());
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(temporary.resolve(name), text);
  }

  private static JsonNode read(String file) {
    return Json.read(FOLDERS.resolve(file), JsonNode.class);
  }

  private static int[] ints(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::asInt).toArray();
  }
}
