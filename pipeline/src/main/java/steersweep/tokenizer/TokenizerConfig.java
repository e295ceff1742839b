package steersweep.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeMap;
import steersweep.error.UserError;
import steersweep.result.Json;

/**
 * What stands beside a vocabulary: tokenizer_config.json, in older folders special_tokens_map.json
 * and added_tokens.json, and config.json's {@code model_type}.
 */
record TokenizerConfig(Path file, ObjectNode json, ObjectNode addedTokensFile, String modelType) {
  private static final String LLAMA = "LlamaTokenizer";
  private static final String TOKENS = "added_tokens_decoder";

  static TokenizerConfig read(Path folder) {
    Path file = folder.resolve("tokenizer_config.json");
    ObjectNode json = readOrEmpty(file);
    if (!json.has(TOKENS)) {
      json.setAll(readOrEmpty(folder.resolve("special_tokens_map.json")));
    }
    return new TokenizerConfig(
        file,
        json,
        readOrEmpty(folder.resolve("added_tokens.json")),
        readOrEmpty(folder.resolve("config.json")).path("model_type").asText());
  }

  /** Of a GGUF file, which holds everything. */
  static TokenizerConfig of(Path file, ObjectNode json) {
    return new TokenizerConfig(file, json, JsonNodeFactory.instance.objectNode(), "llama");
  }

  private static ObjectNode readOrEmpty(Path file) {
    return Files.exists(file)
        ? Json.read(file, ObjectNode.class)
        : JsonNodeFactory.instance.objectNode();
  }

  /** Whether transformers 4 makes a LlamaTokenizerFast of the folder. */
  boolean llamaInTransformers4() {
    return json.path("tokenizer_class").isTextual()
        ? namesLlama()
        : modelType.equals("llama") || modelType.equals("mistral");
  }

  /**
   * Whether transformers 5 makes a LlamaTokenizer of the folder, which takes only vocabulary,
   * merges and template from tokenizer.json.
   */
  boolean llamaInTransformers5() {
    return namesLlama() && !modelType.equals("mistral");
  }

  private boolean namesLlama() {
    String name = json.path("tokenizer_class").asText();
    return name.equals(LLAMA) || name.equals(LLAMA + "Fast");
  }

  /** What the class was chosen by, for messages. */
  String kind() {
    return "tokenizer_class "
        + json.path("tokenizer_class").asText("(none)")
        + " and model_type "
        + modelType;
  }

  boolean isSet(String flag) {
    return json.path(flag).isBoolean();
  }

  boolean flag(String name, boolean otherwise) {
    return json.path(name).asBoolean(otherwise);
  }

  /** A token such as {@code bos_token}, written as text or as an object. */
  String token(String name, String otherwise) {
    return content(json.path(name), otherwise);
  }

  private static String content(JsonNode token, String otherwise) {
    return (token.isObject() ? token.path("content") : token).asText(otherwise);
  }

  /** Tokens that the vocabulary itself does not mark or hold, lowest id first. */
  Collection<ObjectNode> addedTokens() {
    Set<String> special = new HashSet<>();
    json.properties().stream()
        .filter(entry -> entry.getKey().endsWith("_token"))
        .forEach(entry -> special.add(content(entry.getValue(), "")));
    json.path("additional_special_tokens").forEach(token -> special.add(content(token, "")));
    TreeMap<Integer, ObjectNode> tokens = new TreeMap<>();
    addedTokensFile
        .properties()
        .forEach(
            entry -> {
              int id = entry.getValue().asInt();
              boolean isSpecial = special.contains(entry.getKey());
              ObjectNode token = SentencePieceConversion.token(id, entry.getKey(), isSpecial);
              tokens.put(id, token.put("normalized", !isSpecial));
            });
    json.path(TOKENS)
        .properties()
        .forEach(
            entry -> {
              int id = id(entry.getKey());
              ObjectNode token = SentencePieceConversion.token(id, "", false);
              entry.getValue().properties().forEach(e -> token.set(e.getKey(), e.getValue()));
              tokens.put(id, token);
            });
    return tokens.values();
  }

  private int id(String key) {
    try {
      return Integer.parseInt(key);
    } catch (NumberFormatException e) {
      throw new UserError(
          file + ": " + TOKENS, "got the key '" + key + "', expected the id of a token", e);
    }
  }
}
