package steersweep.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import steersweep.error.Faults;
import steersweep.model.ModelShape;

/** Reads one config.json key by key, so that every fault is reported and every default is noted. */
final class ConfigReader {
  private static final String ONLY_PLAIN = "expected a plain Llama";

  /** Keys that change the computation, and the values under which it is still a plain Llama. */
  private static final SortedMap<String, List<String>> PLAIN =
      new TreeMap<>(
          Map.of(
              "hidden_act", List.of("silu"),
              "attention_bias", List.of("false"),
              "mlp_bias", List.of("false"),
              "quantization_config", List.of("null"),
              "sliding_window", List.of("null"),
              "pretraining_tp", List.of("1", "0")));

  private final Path file;
  private final JsonNode json;
  private final Faults faults;
  private final List<String> defaulted = new ArrayList<>();

  ConfigReader(Path file, JsonNode json, Faults faults) {
    this.file = file;
    this.json = json;
    this.faults = faults;
  }

  LlamaConfig read() {
    String modelType = json.path("model_type").asText();
    if (!modelType.equals("llama")) {
      fault(
          "model_type",
          "unknown architecture; got " + json.path("model_type") + ", expected \"llama\"");
      faults.throwIfAny();
    }
    PLAIN.forEach(this::requirePlain);
    int nHeads = required("num_attention_heads");
    int dModel = required("hidden_size");
    int nKvHeads = optional("num_key_value_heads", nHeads, "num_attention_heads");
    int dHead =
        optional("head_dim", nHeads < 1 ? 0 : dModel / nHeads, "hidden_size / num_attention_heads");
    int[] sizes = {
      required("num_hidden_layers"), required("intermediate_size"), required("vocab_size")
    };
    int maxPositions = maxPositions();
    double eps = number(json.path("rms_norm_eps"), "rms_norm_eps", 1e-6);
    double theta = ropeTheta();
    boolean tied = json.path("tie_word_embeddings").asBoolean(false);
    if (!json.hasNonNull("head_dim") && nHeads > 0 && dModel % nHeads != 0) {
      fault(
          "hidden_size",
          "got "
              + dModel
              + ", expected a multiple of num_attention_heads = "
              + nHeads
              + ", since head_dim is missing");
    } else {
      checkHeads(nHeads, nKvHeads, dHead);
    }
    faults.throwIfAny();
    ModelShape shape =
        new ModelShape(sizes[0], nHeads, nKvHeads, dModel, dHead, sizes[1], sizes[2], maxPositions);
    return new LlamaConfig(
        modelType, shape, eps, theta, tied, bosToken(), eosTokens(), defaulted, json);
  }

  private void fault(String key, String what) {
    faults.add(file + ": " + key, what);
  }

  private void requirePlain(String key, List<String> plain) {
    JsonNode value = json.path(key);
    if (!value.isMissingNode() && !plain.contains(value.asText(value.toString()))) {
      fault(
          key,
          "not supported; got " + value + ", " + ONLY_PLAIN + ": " + String.join(" or ", plain));
    }
  }

  private int required(String key) {
    JsonNode value = json.path(key);
    if (!value.canConvertToInt() || !value.isIntegralNumber() || value.asInt() < 1) {
      fault(
          key,
          (value.isMissingNode() ? "missing" : "got " + value)
              + "; expected a whole number, at least 1");
      return 0;
    }
    return value.asInt();
  }

  private int optional(String key, int otherwise, String reason) {
    if (json.path(key).isMissingNode() || json.path(key).isNull()) {
      defaulted.add(key + " = " + otherwise + " (" + reason + ")");
      return otherwise;
    }
    return required(key);
  }

  private int maxPositions() {
    for (String key : List.of("max_position_embeddings", "max_sequence_length")) {
      if (json.has(key)) {
        return required(key);
      }
    }
    defaulted.add("max_position_embeddings = 2048");
    return 2048;
  }

  private double number(JsonNode value, String key, double otherwise) {
    if (value.isMissingNode() || value.isNull()) {
      defaulted.add(key + " = " + otherwise);
      return otherwise;
    }
    if (!value.isNumber() || value.asDouble() <= 0) {
      fault(key, "got " + value + ", expected a number above 0");
    }
    return value.asDouble();
  }

  /**
   * transformers 4 writes rope_theta and rope_scaling, transformers 5 writes both into
   * rope_parameters.
   */
  private double ropeTheta() {
    for (String key : List.of("rope_parameters", "rope_scaling")) {
      JsonNode rope = json.path(key);
      JsonNode type = rope.hasNonNull("rope_type") ? rope.path("rope_type") : rope.path("type");
      boolean untyped = type.isMissingNode() || type.isNull();
      if (untyped ? rope.has("factor") : !type.asText().equals("default")) {
        String got = untyped ? "a factor without a type" : type.toString();
        fault(key + ".rope_type", "not supported; got " + got + ", expected \"default\"");
      }
    }
    JsonNode parameters = json.path("rope_parameters");
    JsonNode theta =
        parameters.has("rope_theta") ? parameters.path("rope_theta") : json.path("rope_theta");
    return number(theta, "rope_theta", 10000);
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

  private int bosToken() {
    return tokens(json.path("bos_token_id")).stream().findFirst().orElse(-1);
  }

  private List<Integer> eosTokens() {
    return tokens(json.path("eos_token_id"));
  }

  private static List<Integer> tokens(JsonNode value) {
    List<Integer> tokens = new ArrayList<>();
    for (JsonNode token : value.isArray() ? value : List.of(value)) {
      if (token.isIntegralNumber() && token.asInt() >= 0) {
        tokens.add(token.asInt());
      }
    }
    return tokens;
  }
}
