package steersweep.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.gguf.GgufFile;
import steersweep.result.Json;

/**
 * The tokenizer of a checkpoint folder, which gives the tokens that both transformers 4 and 5 give,
 * or refuses. tokenizer.json is followed as it stands. The versions differ where the class is
 * LlamaTokenizer: transformers 4 then takes the tokens around a text from tokenizer_config.json,
 * and transformers 5 has its own idea of where spaces go. What the folder does not settle, a text
 * may: most texts come out the same.
 */
public final class TokenizerFolder {
  private static final String FOLLOW_FILE =
      "\"tokenizer_class\": \"PreTrainedTokenizerFast\" in tokenizer_config.json, with which both"
          + " follow tokenizer.json";

  private final Path file;
  private final ObjectNode tokenizer;

  /** What transformers 5 starts from: differs in the order of merges after a conversion. */
  private final ObjectNode tokenizer5;

  private final TokenizerConfig config;

  private TokenizerFolder(
      Path file, ObjectNode tokenizer, ObjectNode tokenizer5, TokenizerConfig config) {
    this.file = file;
    this.tokenizer = tokenizer;
    this.tokenizer5 = tokenizer5;
    this.config = config;
  }

  /**
   * @param folder a checkpoint folder, or a GGUF file
   */
  public static TokenizerFolder read(Path folder) {
    if (GgufFile.isOne(folder)) {
      return GgufTokenizer.read(GgufFile.read(folder));
    }
    TokenizerConfig config = TokenizerConfig.read(folder);
    Path json = folder.resolve("tokenizer.json");
    Path model = folder.resolve("tokenizer.model");
    if (Files.exists(json)) {
      ObjectNode tokenizer = Json.read(json, ObjectNode.class);
      checkTemplates(json, tokenizer.path("post_processor"));
      checkNothingRandom(json, tokenizer.path("model"));
      return new TokenizerFolder(json, tokenizer, tokenizer, config);
    }
    if (Files.exists(model)) {
      SentencePieceModel pieces = SentencePieceModel.read(model);
      requireSettled(model, config);
      return converted(model, pieces, config);
    }
    throw new UserError(
        folder.toString(),
        "no tokenizer; expected tokenizer.json, or Llama's tokenizer.model; copy it from the model"
            + " that this one was made from, or where there is a vocab.json, "
            + wayOut(json));
  }

  /** A template with a token that it does not describe ends the process within the library. */
  private static void checkTemplates(Path file, JsonNode processor) {
    processor.path("processors").forEach(inner -> checkTemplates(file, inner));
    for (String template : List.of("single", "pair")) {
      for (JsonNode piece : processor.path(template)) {
        JsonNode token = piece.path("SpecialToken").path("id");
        if (token.isTextual() && !processor.path("special_tokens").has(token.asText())) {
          throw new UserError(
              file + ": post_processor",
              "got the token '" + token.asText() + "', expected one of its special_tokens");
        }
      }
    }
  }

  /** With these the same text has other tokens each time. */
  private static void checkNothingRandom(Path file, JsonNode model) {
    Faults faults = new Faults();
    for (String key : List.of("dropout", "alpha", "nbest_size")) {
      JsonNode value = model.path(key);
      if (!value.isMissingNode() && !value.isNull() && value.asDouble(1) != 0) {
        faults.add(
            file + ": model." + key,
            "tokens would be drawn at random; got " + value + ", expected null");
      }
    }
    faults.throwIfAny();
  }

  /** The command that makes a tokenizer.json beside a file. */
  static String wayOut(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    return "write tokenizer.json with: pip install 'transformers<5' sentencepiece protobuf &&"
        + " python3 -c \"from transformers import AutoTokenizer as T; T.from_pretrained('"
        + folder
        + "').save_pretrained('"
        + folder
        + "')\"";
  }

  private static void requireSettled(Path file, TokenizerConfig config) {
    if (!config.llamaInTransformers5()) {
      throw new UserError(
          file.toString(),
          "transformers 5 does not read it as a Llama tokenizer, and then puts no space before a"
              + " text where transformers 4 does; got "
              + config.kind()
              + ", expected tokenizer_class LlamaTokenizer and another model_type than mistral; or "
              + wayOut(file));
    }
    if (!config.isSet("add_bos_token")) {
      throw new UserError(
          config.file().toString(),
          "add_bos_token is not set; with tokenizer.model alone transformers 4 then puts a BOS token"
              + " before a text and transformers 5 does not; expected \"add_bos_token\": true (what"
              + " Llama and Mistral models are trained with) or false");
    }
  }

  /** A tokenizer that both versions follow as it stands. */
  static TokenizerFolder of(Path file, ObjectNode tokenizer, ObjectNode config) {
    return new TokenizerFolder(file, tokenizer, tokenizer, TokenizerConfig.of(file, config));
  }

  /** A SentencePiece vocabulary, and what is said beside it. */
  static TokenizerFolder converted(Path file, SentencePieceModel model, TokenizerConfig config) {
    ObjectNode tokenizer = SentencePieceConversion.convert(model, config.flag("legacy", true));
    ArrayNode added = tokenizer.withArray("added_tokens");
    int next = model.pieces().size();
    for (ObjectNode token : config.addedTokens()) {
      int id = token.path("id").asInt();
      if (id > next) {
        throw new UserError(
            file.toString(),
            "added token '"
                + token.path("content").asText()
                + "' leaves a gap; got id "
                + id
                + ", expected "
                + next);
      }
      next = Math.max(next, id + 1);
      added.add(token);
    }
    tokenizer.set("post_processor", SentencePieceConversion.template(around(tokenizer, config)));
    ObjectNode tokenizer5 = tokenizer.deepCopy();
    tokenizer5
        .withObject("/model")
        .set("merges", SentencePieceConversion.merges(model.pieces(), true));
    return new TokenizerFolder(file, tokenizer, tokenizer5, config);
  }

  /** The tokens that tokenizer_config.json puts before (first) and after (second) a text. */
  private static List<List<SpecialToken>> around(ObjectNode tokenizer, TokenizerConfig config) {
    List<SpecialToken> before = new ArrayList<>();
    List<SpecialToken> after = new ArrayList<>();
    if (config.flag("add_bos_token", true)) {
      before.add(specialToken(tokenizer, config, "bos_token", "<s>"));
    }
    if (config.flag("add_eos_token", false)) {
      after.add(specialToken(tokenizer, config, "eos_token", "</s>"));
    }
    return List.of(before, after);
  }

  record SpecialToken(String text, int id) {}

  private static SpecialToken specialToken(
      ObjectNode tokenizer, TokenizerConfig config, String name, String otherwise) {
    String text = config.token(name, otherwise);
    for (JsonNode token : tokenizer.path("added_tokens")) {
      if (token.path("content").asText().equals(text)) {
        return new SpecialToken(text, token.path("id").asInt());
      }
    }
    JsonNode id = tokenizer.path("model").path("vocab").path(text);
    if (!id.isInt()) {
      throw new UserError(
          config.file().toString(),
          name + " is not in the vocabulary; got '" + text + "', expected one of its tokens");
    }
    return new SpecialToken(text, id.asInt());
  }

  /** Names the vocabulary's file in messages. */
  public String where() {
    return file.toString();
  }

  /** Content of tokenizer.json. */
  public String json() {
    return tokenizer.toString();
  }

  /**
   * Refuses a folder of which transformers 4 and 5 make different tokens around every text.
   *
   * @param around the ids that tokenizer.json puts around a text, which is what transformers 5 does
   */
  public void checkAround(int[] around) {
    if (!config.llamaInTransformers4()) {
      return;
    }
    List<List<SpecialToken>> expected = around(tokenizer, config);
    int[] ids = expected.stream().flatMap(List::stream).mapToInt(SpecialToken::id).toArray();
    if (!Arrays.equals(ids, around)) {
      throw new UserError(
          where(),
          "transformers 4 puts tokens "
              + Arrays.toString(ids)
              + " around a text, as tokenizer_config.json says (add_bos_token "
              + config.flag("add_bos_token", true)
              + ", add_eos_token "
              + config.flag("add_eos_token", false)
              + "), and transformers 5 puts "
              + Arrays.toString(around)
              + ", as the post_processor in tokenizer.json says; expected both the same, or "
              + FOLLOW_FILE);
    }
  }

  /**
   * Content of the tokenizer.json that transformers 5 works with, where it is not the folder's: its
   * LlamaTokenizer puts spaces its own way.
   */
  public Optional<String> jsonInTransformers5() {
    if (!config.llamaInTransformers5() || tokenizer.toString().contains("\"ByteLevel\"")) {
      return Optional.empty();
    }
    String scheme = config.flag("legacy", false) ? "always" : "first";
    ObjectNode other = tokenizer5.deepCopy();
    other.putNull("normalizer");
    other.set(
        "pre_tokenizer",
        SentencePieceConversion.metaspace(
            config.flag("add_prefix_space", true) ? scheme : "never"));
    return other.equals(tokenizer) ? Optional.empty() : Optional.of(other.toString());
  }

  /** The message about a text of which transformers 4 and 5 make different tokens. */
  public UserError differs(String text, int[] here, int[] transformers5) {
    return new UserError(
        where(),
        "transformers 4 and 5 make different tokens of the text \""
            + text
            + "\", because of a leading or repeated space or a special token in it; got "
            + Arrays.toString(here)
            + " and "
            + Arrays.toString(transformers5)
            + ", expected a text without it"
            + (config.file().equals(file)
                ? ""
                : ", or "
                    + (file.endsWith("tokenizer.json") ? "" : wayOut(file) + " and ")
                    + FOLLOW_FILE));
  }
}
