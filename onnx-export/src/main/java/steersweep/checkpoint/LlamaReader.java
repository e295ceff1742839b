package steersweep.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import steersweep.checkpoint.LlamaConfig.Extras;
import steersweep.model.ModelShape;

/** Reads the config.json of a Llama or of one of its relatives. */
final class LlamaReader {
  private static final String LENGTH = "max_position_embeddings";
  private static final String WINDOW = "sliding_window";
  private static final String LAYER_TYPES = "layer_types";
  private static final String FULL = "full_attention";
  private static final String SLIDING = "sliding_attention";

  /**
   * The relatives, with the values that transformers assumes where a key is missing (its {@code
   * configuration_llama}, {@code _mistral}, {@code _qwen2}, {@code _qwen3}).
   */
  enum Kind {
    LLAMA(32000, 11008, null, null, 2048),
    MISTRAL(32000, 14336, 8, null, 131072),
    QWEN2(151936, 22016, 32, null, 32768),
    QWEN3(151936, 22016, 32, 128, 32768);

    private final int vocabSize;
    private final int intermediateSize;

    /** null: as many as there are query heads. */
    private final @Nullable Integer keyValueHeads;

    /** null: hidden_size / num_attention_heads. */
    private final @Nullable Integer headDim;

    private final int maxPositions;

    Kind(
        int vocabSize,
        int intermediateSize,
        @Nullable Integer keyValueHeads,
        @Nullable Integer headDim,
        int maxPositions) {
      this.vocabSize = vocabSize;
      this.intermediateSize = intermediateSize;
      this.keyValueHeads = keyValueHeads;
      this.headDim = headDim;
      this.maxPositions = maxPositions;
    }
  }

  private final ConfigReader config;
  private final Kind kind;

  LlamaReader(ConfigReader config, Kind kind) {
    this.config = config;
    this.kind = kind;
  }

  LlamaConfig read() {
    config.requireNeutral();
    if (kind == Kind.LLAMA) {
      config.requireNeutral(WINDOW, ConfigKeys.ABSENT);
    }
    config.ignore("max_window_layers", "pretraining_tp", "use_sliding_window");
    JsonNode activation = config.key("hidden_act");
    if (ConfigReader.given(activation) && !Set.of("silu", "swish").contains(activation.asText())) {
      config.fault("hidden_act", "not supported; got " + activation + ", expected \"silu\"");
    }
    int dModel = config.size("hidden_size", 4096);
    int nHeads = config.size("num_attention_heads", 32, ConfigReader.MOST_HEADS);
    int nKvHeads = keyValueHeads(nHeads);
    int dHead = headDim(dModel, nHeads);
    int nLayers = config.size("num_hidden_layers", 32, ConfigReader.MOST_LAYERS);
    int dMlp = config.size("intermediate_size", kind.intermediateSize);
    int nVocab = config.size("vocab_size", kind.vocabSize);
    int longest = maxPositions();
    int window = window(nLayers);
    double eps = config.number(config.key("rms_norm_eps"), "rms_norm_eps", 1e-6);
    RopeReader reader = new RopeReader(config, longest, "rope_theta");
    reader.requireWhole();
    Rope rope = reader.read();
    boolean tied = config.flag("tie_word_embeddings");
    Extras extras = extras();
    checkHeads(nHeads, nKvHeads, dHead);
    config.throwIfAny();
    ModelShape shape =
        new ModelShape(
            nLayers, nHeads, nKvHeads, dModel, dHead, dMlp, nVocab, Math.min(longest, window));
    return new LlamaConfig(shape, window < longest ? WINDOW : LENGTH, eps, rope, extras, tied);
  }

  // ---- heads ----

  /** A missing key takes the family's default, null means no grouping. */
  private int keyValueHeads(int nHeads) {
    String key = "num_key_value_heads";
    Integer otherwise = config.has(key) ? null : kind.keyValueHeads;
    if (otherwise == null && !ConfigReader.given(config.key(key))) {
      config.assume(key, nHeads + " (num_attention_heads)");
      return nHeads;
    }
    return config.size(key, otherwise == null ? nHeads : otherwise);
  }

  private int headDim(int dModel, int nHeads) {
    String key = "head_dim";
    Integer otherwise = config.has(key) ? null : kind.headDim;
    if (otherwise != null || ConfigReader.given(config.key(key))) {
      return config.size(key, otherwise == null ? 0 : otherwise);
    }
    if (nHeads > 0 && dModel % nHeads != 0) {
      config.fault(
          "hidden_size",
          "got "
              + dModel
              + ", expected a multiple of num_attention_heads = "
              + nHeads
              + ", since head_dim is missing");
      return 0;
    }
    int dHead = nHeads == 0 ? 0 : dModel / nHeads;
    config.assume(key, dHead + " (hidden_size / num_attention_heads)");
    return dHead;
  }

  private void checkHeads(int nHeads, int nKvHeads, int dHead) {
    if (nKvHeads > 0 && nHeads % nKvHeads != 0) {
      config.fault(
          "num_key_value_heads",
          "got " + nKvHeads + ", expected a divisor of num_attention_heads = " + nHeads);
    }
    if (dHead % 2 != 0) {
      config.fault("head_dim", "got " + dHead + ", expected an even number");
    }
  }

  private Extras extras() {
    return switch (kind) {
      case LLAMA -> {
        boolean attention = config.flag("attention_bias");
        yield new Extras(attention, attention, config.flag("mlp_bias"), false);
      }
      case MISTRAL -> Extras.NONE;
      case QWEN2 -> new Extras(true, false, false, false);
      case QWEN3 -> {
        boolean attention = config.flag("attention_bias");
        yield new Extras(attention, attention, false, true);
      }
    };
  }

  // ---- lengths ----

  private int maxPositions() {
    String old = "max_sequence_length";
    return ConfigReader.given(config.peek(LENGTH)) || !ConfigReader.given(config.peek(old))
        ? config.size(LENGTH, kind.maxPositions)
        : config.size(old, kind.maxPositions);
  }

  /** The longest sequence that no sliding window cuts. */
  private int window(int nLayers) {
    int none = Integer.MAX_VALUE;
    int window =
        switch (kind) {
          case LLAMA -> none;
          case MISTRAL ->
              config.has(WINDOW) && !ConfigReader.given(config.key(WINDOW))
                  ? none
                  : config.size(WINDOW, 4096);
          case QWEN2, QWEN3 ->
              config.flag("use_sliding_window")
                      && (ConfigReader.given(config.key(WINDOW)) || !config.has(WINDOW))
                  ? config.size(WINDOW, 4096)
                  : none;
        };
    if (kind == Kind.QWEN2 || kind == Kind.QWEN3) {
      config.key(WINDOW); // without use_sliding_window it has no meaning
      return slides(nLayers, window < none) ? window : none;
    }
    requireFullAttention(Set.of(FULL));
    return window;
  }

  /** Whether any layer of a Qwen model has a window. */
  private boolean slides(int nLayers, boolean hasWindow) {
    if (ConfigReader.given(config.key(LAYER_TYPES))) {
      config.key("max_window_layers");
      requireFullAttention(hasWindow ? Set.of(FULL, SLIDING) : Set.of(FULL));
      return hasWindow;
    }
    return hasWindow && nLayers > config.size("max_window_layers", 28);
  }

  private void requireFullAttention(Set<String> supported) {
    JsonNode types = config.key(LAYER_TYPES);
    if (!ConfigReader.given(types)) {
      return;
    }
    Set<String> other = new TreeSet<>();
    types.forEach(type -> other.add(type.asText()));
    other.removeAll(supported);
    if (!types.isArray() || !other.isEmpty()) {
      config.fault(
          LAYER_TYPES,
          "not supported; got "
              + (types.isArray() ? String.join(", ", other) : types)
              + ", expected a list of "
              + String.join(" and ", new TreeSet<>(supported)));
    }
  }
}
