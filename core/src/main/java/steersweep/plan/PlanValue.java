package steersweep.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import steersweep.error.Faults;
import steersweep.error.Suggest;

/**
 * A value of a plan file together with its place, so that every fault names the key path. A value
 * whose fault is already known is a missing node: reading it says nothing more.
 *
 * @param faults where faults of the whole plan are collected
 * @param file the plan file as the user named it
 * @param path key path such as {@code grid.settings[2]}; empty for the whole plan
 */
record PlanValue(Faults faults, String file, String path, JsonNode node) {
  private static final int SHOWN_CHARACTERS = 60;

  /** Whether a fault of this value was found before, which leaves nothing to read. */
  boolean faulty() {
    return node.isMissingNode();
  }

  boolean is(String word) {
    return node.isTextual() && node.asText().equals(word);
  }

  /** Reports {@code what; got <this value>, expected ...}. */
  void fault(String what, String expected) {
    fault(what, shown(node), expected);
  }

  void fault(String what, String got, String expected) {
    faults.add(where(path), what + "; got " + got + ", expected " + expected);
  }

  /** Reports this value as none of the known words, with the nearest of them. */
  void faultAmong(String what, List<String> words) {
    faultAmong(path, what, node, words);
  }

  /** Reports that a key which is not there should be. */
  void faultMissing(String key, String what) {
    faults.add(where(pathOf(key)), what);
  }

  private void faultAmong(String at, String what, JsonNode given, List<String> words) {
    String among = Suggest.among(given.asText(), words);
    String joint = among.startsWith("(") ? " " : ", ";
    faults.add(where(at), what + "; got " + shown(given) + joint + among);
  }

  /** This value as a block that knows these keys and no others. */
  PlanValue block(List<String> keys) {
    if (faulty()) {
      return this;
    }
    if (!node.isObject()) {
      fault("not a block of keys", "the keys " + String.join(", ", keys));
      return new PlanValue(faults, file, path, MissingNode.getInstance());
    }
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!keys.contains(name)) {
        JsonNode given = JsonNodeFactory.instance.textNode(name);
        faultAmong(pathOf(shortened(name)), "unknown key", given, keys);
      }
    }
    return this;
  }

  /** The block at a key. One that is left out is empty: what it must hold is reported there. */
  PlanValue block(String key, List<String> keys) {
    JsonNode empty = faulty() ? node : JsonNodeFactory.instance.objectNode();
    return get(key).orElse(new PlanValue(faults, file, pathOf(key), empty)).block(keys);
  }

  /** The value at a key of this block, if the key is there. */
  Optional<PlanValue> get(String key) {
    return Optional.ofNullable(node.get(key))
        .map(value -> new PlanValue(faults, file, pathOf(key), value));
  }

  /** The value at a key that must be there. */
  Optional<PlanValue> need(String key, String expected) {
    Optional<PlanValue> value = get(key);
    if (value.isEmpty() && !faulty()) {
      faultMissing(key, "missing; expected " + expected);
    }
    return value;
  }

  /** The elements at a key that must hold a list with something in it. */
  List<PlanValue> list(String key, String expected) {
    Optional<PlanValue> value = need(key, expected).filter(given -> !given.faulty());
    if (value.isPresent() && !value.get().node.isArray()) {
      value.get().fault("not a list", expected);
      return List.of();
    }
    return value.map(given -> given.items(expected)).orElse(List.of());
  }

  /** A list's elements; a value that is no list counts as a list of one. */
  List<PlanValue> items(String expected) {
    if (!node.isArray()) {
      return List.of(this);
    }
    if (node.isEmpty()) {
      fault("empty", expected);
    }
    List<PlanValue> items = new ArrayList<>();
    for (JsonNode item : node) {
      items.add(new PlanValue(faults, file, path + "[" + items.size() + "]", item));
    }
    return items;
  }

  /** This value as text that can be shown and tokenized; empty when it is not. */
  Optional<String> text() {
    if (faulty()) {
      return Optional.empty();
    }
    if (!node.isTextual()) {
      boolean unquoted = node.isNumber() || node.isBoolean();
      fault("not text", unquoted ? "text, here in quotes: \"" + node.asText() + "\"" : "text");
      return Optional.empty();
    }
    String text = node.asText();
    if (text.isBlank()) {
      fault("blank", "text");
      return Optional.empty();
    }
    Optional<Integer> unprintable =
        text.codePoints().boxed().filter(PlanValue::unprintable).findFirst();
    unprintable.ifPresent(
        point ->
            fault(
                "control character",
                String.format("U+%04X", point),
                "no control characters but line breaks (\\n) and tabs"));
    return unprintable.isPresent() ? Optional.empty() : Optional.of(text);
  }

  /** Half a surrogate pair counts too: it has no UTF-8 form, so result files could not hold it. */
  private static boolean unprintable(int point) {
    return (Character.isISOControl(point) && point != '\n' && point != '\t')
        || Character.getType(point) == Character.SURROGATE;
  }

  /**
   * Reports this value if an earlier one reads the same.
   *
   * @param seen readings so far and the key path of each; this one is added
   */
  <T> void once(T reading, Map<T, String> seen) {
    String first = seen.putIfAbsent(reading, path);
    if (first != null) {
      fault("already given at " + first, "no doubles");
    }
  }

  /** What the items read as, in order; two items that read the same are a fault. */
  static <T> List<T> distinct(List<PlanValue> items, Function<PlanValue, Optional<T>> readingOf) {
    Map<T, String> seen = new LinkedHashMap<>();
    for (PlanValue item : items) {
      readingOf.apply(item).ifPresent(reading -> item.once(reading, seen));
    }
    return List.copyOf(seen.keySet());
  }

  private String where(String at) {
    if (at.isEmpty()) {
      return file;
    }
    return at.startsWith("[") ? file + at : file + ": " + at;
  }

  private String pathOf(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static String shown(JsonNode node) {
    return switch (node.getNodeType()) {
      case STRING -> quoted(node.asText());
      case NUMBER, BOOLEAN -> node.asText();
      case ARRAY -> node.isEmpty() ? "an empty list" : "a list";
      case OBJECT -> "a block of keys";
      case NULL, MISSING -> "nothing";
      case BINARY, POJO -> "binary data";
    };
  }

  /** Text as messages show it: on one line, not endless; a key without a value reads as "". */
  static String quoted(String text) {
    return text.isEmpty() ? "nothing" : "'" + shortened(text) + "'";
  }

  static String shortened(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .limit(SHOWN_CHARACTERS)
        .forEach(
            point -> {
              if (point == '\n') {
                shown.append("\\n");
              } else if (point == '\t') {
                shown.append("\\t");
              } else if (unprintable(point)) {
                shown.append(String.format("\\u%04X", point));
              } else {
                shown.appendCodePoint(point);
              }
            });
    boolean cut = text.codePoints().limit(SHOWN_CHARACTERS + 1).count() > SHOWN_CHARACTERS;
    return cut ? shown + "…" : shown.toString();
  }
}
