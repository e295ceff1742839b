package steersweep.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The rotary embedding's keys of config.json. transformers 4 writes {@code rope_theta} and {@code
 * rope_scaling} (with {@code type}, later {@code rope_type}), transformers 5 writes all of it into
 * {@code rope_parameters}.
 */
final class RopeReader {
  private static final String PARAMETERS = "rope_parameters";
  private static final String SCALING = "rope_scaling";
  private static final String PARTIAL = "partial_rotary_factor";
  private static final String THETA = "rope_theta";
  private static final String ORIGINAL_LENGTH = "original_max_position_embeddings";

  private final ConfigReader config;
  private final int maxPositions;
  private final String where;
  private final JsonNode rope;
  private final String theta;

  /**
   * @param maxPositions {@code max_position_embeddings}
   * @param theta the key that transformers 4 has for the base of the frequencies
   */
  RopeReader(ConfigReader config, int maxPositions, String theta) {
    this.config = config;
    this.theta = theta;
    this.maxPositions = maxPositions;
    JsonNode scaling = config.objectOrNull(SCALING);
    JsonNode parameters = config.objectOrNull(PARAMETERS);
    if (scaling != null && parameters != null && !scaling.equals(parameters)) {
      config.fault(SCALING, "says something else than " + PARAMETERS + "; expected one of them");
    }
    this.where = scaling != null ? SCALING : PARAMETERS;
    this.rope = scaling != null ? scaling : orMissing(parameters);
  }

  private static JsonNode orMissing(@Nullable JsonNode node) {
    return node == null ? MissingNode.getInstance() : node;
  }

  Rope read() {
    JsonNode own = rope.path(THETA);
    JsonNode top = config.key(theta);
    double theta = config.number(ConfigReader.given(own) ? own : top, this.theta, 10000);
    Rope.Type type = type();
    if (type == null || type == Rope.Type.DEFAULT) {
      return Rope.plain(theta);
    }
    double factor = number("factor");
    return type == Rope.Type.LINEAR
        ? new Rope(type, theta, factor, 0, 0, 0)
        : llama3(theta, factor);
  }

  /** Refuses models that turn a part of each head only. */
  void requireWhole() {
    JsonNode partial = rope.path(PARTIAL);
    if (ConfigReader.given(partial) && partial.asDouble() != 1) {
      config.fault(where + "." + PARTIAL, "not supported; got " + partial + ", expected 1.0");
    }
  }

  /**
   * Which share of each head is turned.
   *
   * @param key the key that transformers 4 has for it
   */
  double share(String key, double otherwise) {
    JsonNode own = rope.path(PARTIAL);
    JsonNode top = config.key(key);
    double share = config.number(ConfigReader.given(own) ? own : top, key, otherwise);
    if (share > 1) {
      config.fault(key, "got " + share + ", expected at most 1");
    }
    return share;
  }

  private Rope.@Nullable Type type() {
    JsonNode value =
        ConfigReader.given(rope.path("rope_type")) ? rope.path("rope_type") : rope.path("type");
    boolean untyped = !ConfigReader.given(value);
    if (untyped && !rope.has("factor") && !nested()) {
      return Rope.Type.DEFAULT;
    }
    for (Rope.Type type : Rope.Type.values()) {
      if (type.word().equals(value.asText())) {
        return type;
      }
    }
    config.fault(
        where + ".rope_type",
        "not supported; got "
            + (untyped ? nested() ? rope : "a factor without a type" : value)
            + ", expected one of "
            + Arrays.stream(Rope.Type.values())
                .map(Rope.Type::word)
                .collect(Collectors.joining(", ")));
    return null;
  }

  /** One embedding for each kind of layer, as some other architectures have. */
  private boolean nested() {
    for (JsonNode value : rope) {
      if (value.isObject()) {
        return true;
      }
    }
    return false;
  }

  private Rope llama3(double theta, double factor) {
    double low = number("low_freq_factor");
    double high = number("high_freq_factor");
    if (low > 0 && high > 0 && high <= low) {
      config.fault(
          where + ".high_freq_factor",
          "got " + high + ", expected more than low_freq_factor = " + low);
    }
    JsonNode outside = config.key(ORIGINAL_LENGTH);
    JsonNode original = ConfigReader.given(outside) ? outside : rope.path(ORIGINAL_LENGTH);
    if (!ConfigReader.given(original)) {
      config.assume(where + "." + ORIGINAL_LENGTH, maxPositions + " (max_position_embeddings)");
      return new Rope(Rope.Type.LLAMA3, theta, factor, low, high, maxPositions);
    }
    if (!original.isIntegralNumber() || !original.canConvertToInt() || original.asInt() < 1) {
      config.fault(
          where + "." + ORIGINAL_LENGTH,
          "got " + original + ", expected a whole number, at least 1");
    }
    return new Rope(Rope.Type.LLAMA3, theta, factor, low, high, original.asInt());
  }

  private double number(String key) {
    return config.requiredNumber(rope.path(key), where + "." + key);
  }
}
