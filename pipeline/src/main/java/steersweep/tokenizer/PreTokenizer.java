package steersweep.tokenizer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How a byte-level BPE tokenizer cuts a text before it merges, by the name in a GGUF file's {@code
 * tokenizer.ggml.pre}: as the tokenizer.json of the models of that name does it, which is what
 * llama.cpp implements (llama-vocab.cpp).
 */
enum PreTokenizer {
  GPT2(List.of("gpt-2"), false, false, false),

  /** Each digit for itself, so that a run of spaces before a number stays whole. */
  SMOLLM(List.of("smollm"), false, false, false),
  LLAMA3(List.of("llama-bpe", "llama3", "llama-v3"), false, true, true),
  QWEN2(List.of("qwen2", "deepseek-r1-qwen"), true, false, false),

  /** What llama.cpp falls back on. */
  DEFAULT(List.of("default"), false, false, false);

  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String WORDS_OF_GPT2 =
      "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)";
  private static final String WORDS =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}%s"
          + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  private final List<String> names;

  /** Whether composed characters are put for decomposed ones first. */
  final boolean normalizes;

  /** Whether a word that is a token is not merged from its letters. */
  final boolean ignoresMerges;

  /** Whether a BOS token goes before a text where the file does not say. */
  final boolean addsBos;

  PreTokenizer(List<String> names, boolean normalizes, boolean ignoresMerges, boolean addsBos) {
    this.names = names;
    this.normalizes = normalizes;
    this.ignoresMerges = ignoresMerges;
    this.addsBos = addsBos;
  }

  static Optional<PreTokenizer> of(String name) {
    return Arrays.stream(values()).filter(rule -> rule.names.contains(name)).findFirst();
  }

  static List<String> allNames() {
    return Arrays.stream(values()).flatMap(rule -> rule.names.stream()).toList();
  }

  /** As tokenizer.json has it. */
  ObjectNode json() {
    return switch (this) {
      case GPT2 -> byteLevel(true);
      case SMOLLM ->
          sequence(
              JSON.objectNode().put("type", "Digits").put("individual_digits", true),
              byteLevel(true));
      case LLAMA3 -> sequence(split(WORDS.formatted("{1,3}")), byteLevel(false));
      case QWEN2 -> sequence(split(WORDS.formatted("")), byteLevel(false));
      case DEFAULT ->
          sequence(
              split("[\\p{P}\\$\\+<=>\\^~\\|]+"),
              split(WORDS_OF_GPT2),
              split("\\p{N}+"),
              split("[0-9][0-9][0-9]"),
              byteLevel(false));
    };
  }

  static ObjectNode byteLevel(boolean splits) {
    return JSON.objectNode()
        .put("type", "ByteLevel")
        .put("add_prefix_space", false)
        .put("trim_offsets", true)
        .put("use_regex", splits);
  }

  private static ObjectNode split(String pattern) {
    ObjectNode split = JSON.objectNode().put("type", "Split");
    split.putObject("pattern").put("Regex", pattern);
    return split.put("behavior", "Isolated").put("invert", false);
  }

  private static ObjectNode sequence(ObjectNode... steps) {
    ObjectNode sequence = JSON.objectNode().put("type", "Sequence");
    ArrayNode list = sequence.putArray("pretokenizers");
    Arrays.stream(steps).forEach(list::add);
    return sequence;
  }
}
