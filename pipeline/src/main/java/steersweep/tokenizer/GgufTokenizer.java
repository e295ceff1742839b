package steersweep.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import steersweep.error.Faults;
import steersweep.error.Suggest;
import steersweep.error.UserError;
import steersweep.error.Visible;
import steersweep.gguf.GgufFile;
import steersweep.tokenizer.SentencePieceModel.Piece;
import steersweep.tokenizer.TokenizerFolder.SpecialToken;

/**
 * The tokenizer that a GGUF file's metadata describe, as the tokenizer.json of the model that the
 * file was made from. Two kinds are known: {@code gpt2}, byte-level BPE with merges, and {@code
 * llama}, SentencePiece BPE with scores. What does not determine the tokens is refused.
 */
final class GgufTokenizer {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String KEYS = "tokenizer.ggml.";
  private static final String KIND = KEYS + "model";
  private static final String PRE = KEYS + "pre";
  private static final String TOKENS = KEYS + "tokens";
  private static final String TYPES = KEYS + "token_type";
  private static final String SCORES = KEYS + "scores";
  private static final int UNUSED = 5;
  private static final int LONGEST_PIECE = 1000;

  private final GgufFile file;
  private final List<String> tokens;
  private final int[] types;

  private GgufTokenizer(GgufFile file) {
    this.file = file;
    this.tokens = file.texts(TOKENS);
    this.types = file.numbers(TYPES).stream().mapToInt(Double::intValue).toArray();
    requireSize(TYPES, types.length);
    Set<String> seen = new HashSet<>();
    for (int id = 0; id < tokens.size(); id++) {
      if (!seen.add(tokens.get(id))) {
        throw new UserError(file.where(TOKENS), "token " + id + " stands there twice");
      }
    }
  }

  /**
   * @throws UserError when it has none, or one that cannot be made again faithfully
   */
  static TokenizerFolder read(GgufFile file) {
    String kind = word(file, KIND);
    return switch (kind) {
      case "gpt2" -> new GgufTokenizer(file).byteLevel();
      case "llama" -> new GgufTokenizer(file).sentencePiece();
      default ->
          throw new UserError(
              file.where(KIND),
              (file.has(KIND) ? "not supported; got \"" + kind + "\", " : "missing; ")
                  + Suggest.among(kind, List.of("gpt2", "llama")));
    };
  }

  /** A short text, to be compared with known ones and shown. */
  private static String word(GgufFile file, String key) {
    return Visible.text(file.get(key).asText(), 100);
  }

  private void requireSize(String key, int size) {
    if (size != tokens.size()) {
      throw new UserError(
          file.where(key),
          "got " + size + " values, expected one for each of " + tokens.size() + " tokens");
    }
  }

  // ---- gpt2 ----

  private TokenizerFolder byteLevel() {
    String name = word(file, PRE);
    PreTokenizer rule = PreTokenizer.of(name).orElse(null);
    if (rule == null) {
      throw new UserError(
          file.where(PRE),
          (file.has(PRE)
                  ? "not supported; got \"" + name + "\", "
                  : "missing, so nothing says how texts are cut; make the file again with a newer"
                      + " llama.cpp; ")
              + Suggest.among(name, PreTokenizer.allNames()));
    }
    ObjectNode tokenizer = JSON.objectNode().put("version", "1.0");
    tokenizer.putNull("truncation").putNull("padding");
    tokenizer.set("added_tokens", addedTokens());
    if (rule.normalizes) {
      tokenizer.putObject("normalizer").put("type", "NFC");
    } else {
      tokenizer.putNull("normalizer");
    }
    tokenizer.set("pre_tokenizer", rule.json());
    tokenizer.set("post_processor", SentencePieceConversion.template(around(rule.addsBos)));
    tokenizer.set("decoder", PreTokenizer.byteLevel(true));
    ObjectNode model = tokenizer.putObject("model").put("type", "BPE");
    model.putNull("dropout").putNull("unk_token");
    model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    model.put("fuse_unk", false).put("byte_fallback", false);
    model.put("ignore_merges", rule.ignoresMerges);
    model.set("vocab", vocabulary());
    model.set("merges", merges());
    ObjectNode config = JSON.objectNode().put("tokenizer_class", "PreTrainedTokenizerFast");
    return TokenizerFolder.of(file.path(), tokenizer, config);
  }

  private ArrayNode addedTokens() {
    ArrayNode added = JSON.arrayNode();
    for (int id = 0; id < tokens.size(); id++) {
      if (types[id] == SentencePieceModel.CONTROL || types[id] == SentencePieceModel.USER_DEFINED) {
        boolean special = types[id] == SentencePieceModel.CONTROL;
        added.add(SentencePieceConversion.token(id, tokens.get(id), special));
      }
    }
    return added;
  }

  private ObjectNode vocabulary() {
    ObjectNode vocabulary = JSON.objectNode();
    for (int id = 0; id < tokens.size(); id++) {
      if (types[id] != UNUSED) {
        vocabulary.put(tokens.get(id), id);
      }
    }
    return vocabulary;
  }

  private ArrayNode merges() {
    ArrayNode merges = JSON.arrayNode();
    for (String merge : file.texts(KEYS + "merges")) {
      int space = merge.indexOf(' ', 1);
      if (space < 0) {
        throw new UserError(
            file.where(KEYS + "merges"), "got '" + merge + "', expected two parts and a space");
      }
      merges.addArray().add(merge.substring(0, space)).add(merge.substring(space + 1));
    }
    return merges;
  }

  // ---- llama ----

  private TokenizerFolder sentencePiece() {
    List<Double> scores = file.numbers(SCORES);
    requireSize(SCORES, scores.size());
    checkSentencePiece(scores);
    List<Piece> pieces = new ArrayList<>();
    for (int id = 0; id < tokens.size(); id++) {
      pieces.add(new Piece(tokens.get(id), scores.get(id).floatValue(), types[id]));
    }
    List<List<SpecialToken>> around = around(true);
    ObjectNode config =
        JSON.objectNode()
            .put("tokenizer_class", "LlamaTokenizer")
            .put("legacy", true)
            .put("add_bos_token", !around.get(0).isEmpty())
            .put("add_eos_token", !around.get(1).isEmpty());
    around.get(0).forEach(token -> config.put("bos_token", token.text()));
    around.get(1).forEach(token -> config.put("eos_token", token.text()));
    return TokenizerFolder.converted(
        file.path(), new SentencePieceModel(pieces), TokenizerConfig.of(file.path(), config));
  }

  private void checkSentencePiece(List<Double> scores) {
    Faults faults = new Faults();
    if (tokens.isEmpty()) {
      faults.add(file.where(TOKENS), "got none");
    }
    if (tokens.stream().anyMatch(token -> token.length() > LONGEST_PIECE)) {
      faults.add(
          file.where(TOKENS),
          "got one of more than " + LONGEST_PIECE + " characters; expected at most that");
    }
    if (scores.stream().distinct().count() < 3) {
      faults.add(
          file.where(SCORES),
          "all the same, so nothing says which tokens are merged first; expected those of the"
              + " SentencePiece model");
    }
    refuse("add_space_prefix", true, faults);
    refuse("remove_extra_whitespaces", false, faults);
    if (file.has(KEYS + "precompiled_charsmap")) {
      faults.add(file.where(KEYS + "precompiled_charsmap"), "not supported; expected no such key");
    }
    faults.throwIfAny();
  }

  private void refuse(String key, boolean expected, Faults faults) {
    if (file.get(KEYS + key).asBoolean(expected) != expected) {
      faults.add(
          file.where(KEYS + key),
          "not supported; got " + !expected + ", expected " + expected + " or no such key");
    }
  }

  // ---- both ----

  /** The tokens before a text, and those after it. */
  private List<List<SpecialToken>> around(boolean bosByDefault) {
    JsonNode bos = file.get(KEYS + "add_bos_token");
    JsonNode eos = file.get(KEYS + "add_eos_token");
    return List.of(
        bos.asBoolean(bosByDefault) ? List.of(special("bos_token_id", 1)) : List.of(),
        eos.asBoolean(false) ? List.of(special("eos_token_id", 2)) : List.of());
  }

  private SpecialToken special(String key, int otherwise) {
    int id = file.get(KEYS + key).asInt(otherwise);
    if (id < 0 || id >= tokens.size()) {
      throw new UserError(
          file.where(KEYS + key), "got " + id + ", expected one of " + tokens.size() + " tokens");
    }
    return new SpecialToken(tokens.get(id), id);
  }
}
