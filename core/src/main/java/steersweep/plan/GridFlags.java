package steersweep.plan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import steersweep.error.Faults;

/**
 * What the command line says instead of the plan: a part of a grid without another file.
 *
 * @param given text by the plan's key, such as {@code layers: 8-24+2}; lists between commas
 */
public record GridFlags(Map<String, String> given) {
  public static final GridFlags NONE = new GridFlags(Map.of());

  public GridFlags {
    given = Collections.unmodifiableMap(new TreeMap<>(given));
  }

  /** The flag that stands for a key: {@code --hook-points}. */
  public static String flag(String key) {
    return "--" + key.replace('_', '-');
  }

  /** Flags and what was given, as a run remembers them. */
  public Map<String, String> byFlag() {
    Map<String, String> flags = new TreeMap<>();
    given.forEach((key, text) -> flags.put(flag(key), text));
    return flags;
  }

  /** Where a fault of a key of the grid is to be looked for. */
  String where(String planFile, String key) {
    return given.containsKey(key) ? flag(key) : planFile + ": grid." + key;
  }

  /** What a flag gives in place of a key. */
  Optional<PlanValue> value(String key, Faults faults) {
    return Optional.ofNullable(given.get(key))
        .map(text -> new PlanValue(faults, flag(key), "", terms(text)));
  }

  private static JsonNode terms(String text) {
    String[] terms = text.split(",", -1);
    if (terms.length == 1) {
      return JsonNodeFactory.instance.textNode(text.strip());
    }
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    for (String term : terms) {
      list.add(term.strip());
    }
    return list;
  }
}
