package steersweep.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import steersweep.checkpoint.LlamaConfig.Extras;
import steersweep.error.Faults;
import steersweep.error.Suggest;
import steersweep.model.ModelShape;

/** Reads one config.json key by key, so that every fault is reported and every default is noted. */
final class ConfigReader {
  private static final String LENGTH = "max_position_embeddings";
  private static final String WINDOW = "sliding_window";
  private static final String LAYER_TYPES = "layer_types";
  private static final String FULL = "full_attention";
  private static final String SLIDING = "sliding_attention";

  /** Far beyond any model: larger sizes are damage, and would take memory before they are seen. */
  private static final int MOST = 1 << 24;

  private static final int MOST_LAYERS = 10_000;
  private static final int MOST_HEADS = 10_000;

  private final Path file;
  private final JsonNode json;
  private final JsonNode generation;
  private final Faults faults;
  private final List<String> defaulted = new ArrayList<>();
  private final Set<String> read = new HashSet<>();

  ConfigReader(Path file, JsonNode json, JsonNode generation, Faults faults) {
    this.file = file;
    this.json = json;
    this.generation = generation;
    this.faults = faults;
  }

  LlamaConfig read() {
    Family family = Family.of(key("model_type").asText()).orElse(null);
    if (family == null) {
      String got = json.path("model_type").asText();
      fault(
          "model_type",
          (json.has("model_type") ? "not supported; got \"" + got + "\", " : "missing; ")
              + Suggest.among(got, Family.modelTypes()));
      faults.throwIfAny();
    }
    return read(Objects.requireNonNull(family));
  }

  private LlamaConfig read(Family family) {
    ConfigKeys.NEUTRAL.forEach(this::requireNeutral);
    if (family == Family.LLAMA) {
      requireNeutral(WINDOW, ConfigKeys.ABSENT);
    }
    JsonNode activation = key("hidden_act");
    if (given(activation) && !Set.of("silu", "swish").contains(activation.asText())) {
      fault("hidden_act", "not supported; got " + activation + ", expected \"silu\"");
    }
    int dModel = size("hidden_size", 4096);
    int nHeads = size("num_attention_heads", 32, MOST_HEADS);
    int nKvHeads = keyValueHeads(family, nHeads);
    int dHead = headDim(family, dModel, nHeads);
    int nLayers = size("num_hidden_layers", 32, MOST_LAYERS);
    int dMlp = size("intermediate_size", family.intermediateSize);
    int nVocab = size("vocab_size", family.vocabSize);
    int longest = maxPositions(family);
    int window = window(family, nLayers);
    double eps = number(key("rms_norm_eps"), "rms_norm_eps", 1e-6);
    Rope rope = new RopeReader(this, longest).read();
    boolean tied = flag("tie_word_embeddings");
    Extras extras = extras(family);
    checkHeads(nHeads, nKvHeads, dHead);
    List<Integer> bos = bosTokens(family, nVocab);
    List<Integer> eos = eosTokens(family, nVocab);
    faults.throwIfAny();
    ModelShape shape =
        new ModelShape(
            nLayers, nHeads, nKvHeads, dModel, dHead, dMlp, nVocab, Math.min(longest, window));
    Predicate<String> known = ConfigKeys.WITHOUT_EFFECT::contains;
    return new LlamaConfig(
        family,
        shape,
        eps,
        rope,
        extras,
        tied,
        window < longest ? WINDOW : LENGTH,
        bos.isEmpty() ? -1 : bos.get(0),
        eos,
        defaulted,
        unread().stream().filter(known).toList(),
        unread().stream().filter(known.negate()).toList(),
        json);
  }

  // ---- single keys ----

  /** The value of a key, marked as read. */
  JsonNode key(String key) {
    read.add(key);
    return json.path(key);
  }

  static boolean given(JsonNode value) {
    return !value.isMissingNode() && !value.isNull();
  }

  void fault(String key, String what) {
    faults.add(file + ": " + key, what);
  }

  void assume(String key, Object value) {
    defaulted.add(key + " = " + value);
  }

  private Set<String> unread() {
    Set<String> unread = new TreeSet<>();
    json.fieldNames().forEachRemaining(unread::add);
    unread.removeAll(read);
    return unread;
  }

  private void requireNeutral(String key, List<String> neutral) {
    JsonNode value = key(key);
    if (given(value)
        && !neutral.contains(value.isValueNode() ? value.asText() : value.toString())) {
      List<String> expected = new ArrayList<>(neutral);
      expected.add("no such key");
      fault(key, "not supported; got " + value + ", expected " + String.join(" or ", expected));
    }
  }

  private int size(String key, int otherwise) {
    return size(key, otherwise, MOST);
  }

  private int size(String key, int otherwise, int most) {
    JsonNode value = key(key);
    if (!given(value)) {
      assume(key, otherwise);
      return otherwise;
    }
    if (!value.canConvertToInt() || !value.isIntegralNumber() || value.asInt() < 1) {
      fault(key, "got " + value + ", expected a whole number, at least 1");
      return 0;
    }
    if (value.asInt() > most) {
      fault(key, "not supported; got " + value + ", expected at most " + most);
      return 0;
    }
    return value.asInt();
  }

  double number(JsonNode value, String key, double otherwise) {
    if (!given(value)) {
      assume(key, otherwise);
      return otherwise;
    }
    return requiredNumber(value, key);
  }

  double requiredNumber(JsonNode value, String key) {
    if (!value.isNumber() || value.asDouble() <= 0 || !Double.isFinite(value.asDouble())) {
      fault(
          key,
          (given(value) ? "got " + value + ", " : "missing; ")
              + "expected a finite number above 0");
    }
    return value.asDouble();
  }

  private boolean flag(String key) {
    JsonNode value = key(key);
    if (given(value) && !value.isBoolean()) {
      fault(key, "got " + value + ", expected true or false");
    }
    return value.asBoolean(false);
  }

  // ---- heads ----

  /** A missing key takes the family's default, null means no grouping. */
  private int keyValueHeads(Family family, int nHeads) {
    String key = "num_key_value_heads";
    Integer otherwise = json.has(key) ? null : family.keyValueHeads;
    if (otherwise == null && !given(key(key))) {
      assume(key, nHeads + " (num_attention_heads)");
      return nHeads;
    }
    return size(key, otherwise == null ? nHeads : otherwise);
  }

  private int headDim(Family family, int dModel, int nHeads) {
    String key = "head_dim";
    Integer otherwise = json.has(key) ? null : family.headDim;
    if (otherwise != null || given(key(key))) {
      return size(key, otherwise == null ? 0 : otherwise);
    }
    if (nHeads > 0 && dModel % nHeads != 0) {
      fault(
          "hidden_size",
          "got "
              + dModel
              + ", expected a multiple of num_attention_heads = "
              + nHeads
              + ", since head_dim is missing");
      return 0;
    }
    int dHead = nHeads == 0 ? 0 : dModel / nHeads;
    assume(key, dHead + " (hidden_size / num_attention_heads)");
    return dHead;
  }

  private void checkHeads(int nHeads, int nKvHeads, int dHead) {
    if (nKvHeads > 0 && nHeads % nKvHeads != 0) {
      fault(
          "num_key_value_heads",
          "got " + nKvHeads + ", expected a divisor of num_attention_heads = " + nHeads);
    }
    if (dHead % 2 != 0) {
      fault("head_dim", "got " + dHead + ", expected an even number");
    }
  }

  private Extras extras(Family family) {
    return switch (family) {
      case LLAMA -> {
        boolean attention = flag("attention_bias");
        yield new Extras(attention, attention, flag("mlp_bias"), false);
      }
      case MISTRAL -> Extras.NONE;
      case QWEN2 -> new Extras(true, false, false, false);
      case QWEN3 -> {
        boolean attention = flag("attention_bias");
        yield new Extras(attention, attention, false, true);
      }
    };
  }

  // ---- lengths ----

  private int maxPositions(Family family) {
    String old = "max_sequence_length";
    return given(json.path(LENGTH)) || !given(json.path(old))
        ? size(LENGTH, family.maxPositions)
        : size(old, family.maxPositions);
  }

  /** The longest sequence that no sliding window cuts. */
  private int window(Family family, int nLayers) {
    int none = Integer.MAX_VALUE;
    int window =
        switch (family) {
          case LLAMA -> none;
          case MISTRAL -> json.has(WINDOW) && !given(key(WINDOW)) ? none : size(WINDOW, 4096);
          case QWEN2, QWEN3 ->
              flag("use_sliding_window") && (given(key(WINDOW)) || !json.has(WINDOW))
                  ? size(WINDOW, 4096)
                  : none;
        };
    if (family == Family.QWEN2 || family == Family.QWEN3) {
      key(WINDOW); // without use_sliding_window it has no meaning
      return slides(nLayers, window < none) ? window : none;
    }
    requireFullAttention(Set.of(FULL));
    return window;
  }

  /** Whether any layer of a Qwen model has a window. */
  private boolean slides(int nLayers, boolean hasWindow) {
    if (given(key(LAYER_TYPES))) {
      key("max_window_layers");
      requireFullAttention(hasWindow ? Set.of(FULL, SLIDING) : Set.of(FULL));
      return hasWindow;
    }
    return hasWindow && nLayers > size("max_window_layers", 28);
  }

  private void requireFullAttention(Set<String> supported) {
    JsonNode types = key(LAYER_TYPES);
    if (!given(types)) {
      return;
    }
    Set<String> other = new TreeSet<>();
    types.forEach(type -> other.add(type.asText()));
    other.removeAll(supported);
    if (!types.isArray() || !other.isEmpty()) {
      fault(
          LAYER_TYPES,
          "not supported; got "
              + (types.isArray() ? String.join(", ", other) : types)
              + ", expected a list of "
              + String.join(" and ", new TreeSet<>(supported)));
    }
  }

  // ---- tokens ----

  private List<Integer> bosTokens(Family family, int nVocab) {
    String key = "bos_token_id";
    // of old checkpoints, where -1 is none
    return json.path(key).asInt() == -1
        ? tokens(key, MissingNode.getInstance(), List.of(), nVocab)
        : tokens(key, json, family.bosTokens, nVocab);
  }

  private List<Integer> eosTokens(Family family, int nVocab) {
    String key = "eos_token_id";
    return given(generation.path(key))
        ? tokens(key, generation, List.of(), nVocab)
        : tokens(key, json, family.eosTokens, nVocab);
  }

  private List<Integer> tokens(String key, JsonNode from, List<Integer> otherwise, int nVocab) {
    key(key);
    JsonNode value = from.path(key);
    if (value.isMissingNode()) {
      if (!otherwise.isEmpty()) {
        assume(key, otherwise.get(0));
      }
      return otherwise;
    }
    List<JsonNode> given = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(given::add);
    } else if (given(value)) {
      given.add(value);
    }
    List<Integer> tokens = new ArrayList<>();
    for (JsonNode token : given) {
      if (!token.isInt() || token.asInt() < 0 || token.asInt() >= nVocab && nVocab > 0) {
        Path where = from == generation ? file.resolveSibling("generation_config.json") : file;
        faults.add(
            where + ": " + key,
            "got "
                + token
                + ", expected a token of the model, 0.."
                + (nVocab - 1)
                + ", a list of them, or null");
      }
      tokens.add(token.asInt());
    }
    return tokens;
  }

  @Nullable JsonNode objectOrNull(String key) {
    JsonNode value = key(key);
    if (given(value) && !value.isObject()) {
      fault(key, "got " + value + ", expected an object");
      return null;
    }
    return given(value) && !value.isEmpty() ? value : null;
  }
}
