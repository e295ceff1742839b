package steersweep.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import steersweep.error.Faults;
import steersweep.error.Suggest;
import steersweep.error.UserError;
import steersweep.error.Visible;
import steersweep.gguf.GgufFile;

/**
 * The config.json that a GGUF file's metadata stand for: keys of llama.cpp (its llama-arch.cpp)
 * under transformers' names, so that whatever is true of a config.json is checked in one place. A
 * key of the architecture that is not known here may change what the model computes, and is
 * refused.
 */
final class GgufConfig {
  /** Architectures, which are called the same in transformers. Mistral's files say llama. */
  private static final List<String> ARCHITECTURES = List.of("llama", "qwen2", "qwen3");

  private static final String ARCHITECTURE = "general.architecture";
  private static final int SHOWN = 100;

  /** Keys that say nothing that is not said elsewhere. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of("vocab_size", "rope.scaling.finetuned", "tensor_data_layout");

  private final GgufFile file;
  private final String architecture;
  private final Faults faults;
  private final Set<String> read = new TreeSet<>();
  private final ObjectNode json = JsonNodeFactory.instance.objectNode();

  private GgufConfig(GgufFile file, String architecture, Faults faults) {
    this.file = file;
    this.architecture = architecture;
    this.faults = faults;
  }

  /**
   * @throws UserError with every key that is missing or not understood
   */
  static ObjectNode of(GgufFile file) {
    Faults faults = new Faults();
    String kind = file.get("general.type").asText("model");
    String architecture = Visible.text(file.get(ARCHITECTURE).asText(), SHOWN);
    if (!kind.equals("model")) {
      faults.add(
          file.where("general.type"),
          "got \"" + Visible.text(kind, SHOWN) + "\", expected \"model\"");
    }
    if (!ARCHITECTURES.contains(architecture)) {
      faults.add(
          file.where(ARCHITECTURE),
          (file.has(ARCHITECTURE) ? "not supported; got \"" + architecture + "\", " : "missing; ")
              + Suggest.among(architecture, ARCHITECTURES));
    }
    faults.throwIfAny();
    GgufConfig config = new GgufConfig(file, architecture, faults);
    config.read();
    faults.throwIfAny();
    return config.json;
  }

  private void read() {
    json.put("model_type", architecture);
    json.put("hidden_act", "silu");
    int dModel = size("embedding_length", "hidden_size");
    size("feed_forward_length", "intermediate_size");
    size("block_count", "num_hidden_layers");
    int nHeads = size("attention.head_count", "num_attention_heads");
    if (given("attention.head_count_kv")) {
      size("attention.head_count_kv", "num_key_value_heads");
    } else {
      json.put("num_key_value_heads", nHeads);
    }
    headSize(dModel, nHeads);
    size("context_length", "max_position_embeddings");
    number("attention.layer_norm_rms_epsilon", "rms_norm_eps");
    json.put("vocab_size", words());
    json.put("tie_word_embeddings", file.tensor("output.weight").isEmpty());
    rotary();
    if (!architecture.equals("qwen2")) {
      json.put("attention_bias", file.tensor("blk.0.attn_q.bias").isPresent());
    }
    if (architecture.equals("llama")) {
      json.put("mlp_bias", file.tensor("blk.0.ffn_down.bias").isPresent());
    }
    token("bos_token_id");
    token("eos_token_id");
    neutral("expert_count", "0");
    neutral("expert_used_count", "0");
    neutral("attention.causal", "true");
    neutral("use_parallel_residual", "false");
    refuseOthers();
  }

  // ---- single keys ----

  private JsonNode value(String key) {
    read.add(key);
    return file.get(architecture + "." + key);
  }

  private boolean given(String key) {
    return file.has(architecture + "." + key);
  }

  private void fault(String key, String what) {
    faults.add(file.where(architecture + "." + key), what);
  }

  private static String shown(JsonNode value) {
    return value.isArray() ? "a list of " + value.size() : Visible.text(value.toString(), SHOWN);
  }

  /** Reads a whole number under one name and writes it under the other. */
  private int size(String key, String name) {
    JsonNode value = value(key);
    if (!value.isInt() || value.intValue() < 1) {
      fault(
          key,
          (given(key) ? "got " + shown(value) + ", " : "missing; ")
              + "expected a whole number, at least 1");
      return 1;
    }
    json.set(name, value);
    return value.intValue();
  }

  private void number(String key, String name) {
    JsonNode value = value(key);
    if (!value.isNumber() || !(value.doubleValue() > 0)) {
      fault(
          key,
          (given(key) ? "got " + shown(value) + ", " : "missing; ") + "expected a number above 0");
    }
    json.set(name, value);
  }

  private void headSize(int dModel, int nHeads) {
    String key = "attention.key_length";
    int dHead = given(key) ? size(key, "head_dim") : dModel / nHeads;
    if (!given(key) && dModel % nHeads != 0) {
      fault(
          "embedding_length",
          "got " + dModel + ", expected a multiple of attention.head_count = " + nHeads);
    }
    json.put("head_dim", dHead);
    neutral("attention.value_length", Integer.toString(dHead));
    neutral("rope.dimension_count", Integer.toString(dHead));
  }

  private long words() {
    return file.tensor("token_embd.weight").map(tensor -> tensor.shape().get(0)).orElse(0L);
  }

  private void token(String name) {
    JsonNode token = file.get("tokenizer.ggml." + name);
    json.set(name, token.isInt() ? token : JsonNodeFactory.instance.nullNode());
  }

  /** A key that changes nothing under one value, and is refused under any other. */
  private void neutral(String key, String value) {
    JsonNode found = value(key);
    if (given(key) && !found.asText().equals(value)) {
      fault(key, "not supported; got " + shown(found) + ", expected " + value + " or no such key");
    }
  }

  private void refuseOthers() {
    String prefix = architecture + ".";
    for (String key : new TreeSet<>(file.metadata().keySet())) {
      if (key.startsWith(prefix)) {
        String own = key.substring(prefix.length());
        if (!read.contains(own) && !WITHOUT_EFFECT.contains(own)) {
          faults.add(
              file.where(Visible.text(key, SHOWN)),
              "not known, and may change what the model computes; got "
                  + shown(file.get(key))
                  + ", expected no such key");
        }
      }
    }
  }

  // ---- rotary embedding ----

  private void rotary() {
    if (given("rope.freq_base")) {
      number("rope.freq_base", "rope_theta");
    } else {
      json.put("rope_theta", 10000.0);
    }
    String type = value("rope.scaling.type").asText("none").toLowerCase(Locale.ROOT);
    JsonNode factor =
        value(given("rope.scale_linear") ? "rope.scale_linear" : "rope.scaling.factor");
    value("rope.scaling.original_context_length");
    boolean linear = type.equals("linear") || given("rope.scale_linear");
    boolean frequencies = file.tensor(GgufRope.TENSOR).isPresent();
    if (!Set.of("none", "linear").contains(type) || linear && frequencies) {
      fault(
          "rope.scaling.type",
          "not supported; got "
              + Visible.text(type, SHOWN)
              + (frequencies ? " beside " + GgufRope.TENSOR : "")
              + ", expected none or linear, or "
              + GgufRope.TENSOR
              + " as Llama 3 has it");
    } else if (frequencies) {
      scaling(
          GgufRope.scaling(
              file, json.path("rope_theta").asDouble(), json.path("head_dim").asInt(), faults));
    } else if (linear && factor.asDouble(1) != 1) {
      scaling(
          JsonNodeFactory.instance.objectNode().put("rope_type", "linear").set("factor", factor));
    }
  }

  private void scaling(ObjectNode scaling) {
    if (!scaling.isEmpty()) {
      json.set("rope_scaling", scaling);
    }
  }
}
