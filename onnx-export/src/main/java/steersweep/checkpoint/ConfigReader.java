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
import steersweep.error.Faults;
import steersweep.error.Suggest;

/** Reads one config.json key by key, so that every fault is reported and every default is noted. */
final class ConfigReader {
  /** Far beyond any model: larger sizes are damage, and would take memory before they are seen. */
  private static final int MOST = 1 << 24;

  static final int MOST_LAYERS = 10_000;
  static final int MOST_HEADS = 10_000;

  private final Path file;
  private final JsonNode json;
  private final JsonNode generation;
  private final Faults faults;
  private final List<String> defaulted = new ArrayList<>();
  private final Set<String> read = new HashSet<>();
  private final Set<String> withoutEffect = new HashSet<>(ConfigKeys.WITHOUT_EFFECT);

  ConfigReader(Path file, JsonNode json, JsonNode generation, Faults faults) {
    this.file = file;
    this.json = json;
    this.generation = generation;
    this.faults = faults;
  }

  ModelConfig read() {
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

  private ModelConfig read(Family family) {
    FamilyConfig own = family.read(this);
    Predicate<String> known = withoutEffect::contains;
    List<Integer> bos = bosTokens(family, own.shape().nVocab());
    List<Integer> eos = eosTokens(family, own.shape().nVocab());
    faults.throwIfAny();
    return new ModelConfig(
        family,
        own,
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

  /** The value of a key, not marked as read. */
  JsonNode peek(String key) {
    return json.path(key);
  }

  /** Whether the key is there, be it null. */
  boolean has(String key) {
    return json.has(key);
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

  /** Keys, beyond those of all families, that make no difference to the model's output. */
  void ignore(String... keys) {
    withoutEffect.addAll(List.of(keys));
  }

  /** Throws what was found wrong so far; behind it every size is one that a model can have. */
  void throwIfAny() {
    faults.throwIfAny();
  }

  /**
   * Refuses what other models compute and this family does not.
   *
   * @param own keys that the family reads itself
   */
  void requireNeutral(String... own) {
    Set<String> read = Set.of(own);
    ConfigKeys.NEUTRAL.forEach(
        (key, neutral) -> {
          if (!read.contains(key)) {
            requireNeutral(key, neutral);
          }
        });
  }

  void requireNeutral(String key, List<String> neutral) {
    JsonNode value = key(key);
    if (given(value)
        && !neutral.contains(value.isValueNode() ? value.asText() : value.toString())) {
      List<String> expected = new ArrayList<>(neutral);
      expected.add("no such key");
      fault(key, "not supported; got " + value + ", expected " + String.join(" or ", expected));
    }
  }

  int size(String key, int otherwise) {
    return size(key, otherwise, MOST);
  }

  int size(String key, int otherwise, int most) {
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

  /** False where it is missing. */
  boolean flag(String key) {
    return flag(key, false);
  }

  boolean flag(String key, boolean otherwise) {
    JsonNode value = key(key);
    if (given(value) && !value.isBoolean()) {
      fault(key, "got " + value + ", expected true or false");
    }
    return value.asBoolean(otherwise);
  }

  Activation activation(String key, Activation otherwise) {
    JsonNode value = key(key);
    if (!given(value)) {
      assume(key, otherwise.word());
      return otherwise;
    }
    Activation activation = Activation.of(value.asText()).orElse(null);
    if (activation == null) {
      fault(key, "not supported; got " + value + ", expected one of " + Activation.choices());
      return otherwise;
    }
    return activation;
  }

  /** A token's number. */
  int token(String key, int otherwise) {
    List<Integer> tokens = tokens(key, json, List.of(), 0);
    return tokens.isEmpty() ? otherwise : tokens.get(0);
  }

  /** Width of a head where the heads share the model's width; 0 with a fault. */
  int headWidth(String widthKey, int width, String headsKey, int heads) {
    if (heads == 0 || width % heads != 0) {
      if (heads > 0) {
        fault(widthKey, "got " + width + ", expected a multiple of " + headsKey + " = " + heads);
      }
      return 0;
    }
    return width / heads;
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
