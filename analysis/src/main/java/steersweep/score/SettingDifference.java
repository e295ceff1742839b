package steersweep.score;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import steersweep.result.Json;
import steersweep.result.RunManifest;

/**
 * A setting that two runs do not share.
 *
 * @param name its path in the manifest, such as {@code plan.positions}
 * @param before its value in the first run; empty where it has none
 * @param after its value in the second run; empty where it has none
 */
public record SettingDifference(String name, String before, String after) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** What says when and where a run was made, or follows from the rest. */
  private static final Set<String> LEFT_OUT =
      Set.of(
          "created",
          "key",
          "planFile",
          "flags", // the plan has them
          "cells",
          "units",
          "model.checkpoint",
          "model.weightsFolder",
          "model.files", // the fingerprint is their hash
          "model.config");

  /** In the order of their names. */
  public static List<SettingDifference> between(RunManifest before, RunManifest after) {
    Map<String, String> first = settings(before);
    Map<String, String> second = settings(after);
    Set<String> names = new TreeSet<>(first.keySet());
    names.addAll(second.keySet());
    List<SettingDifference> differences = new ArrayList<>();
    for (String name : names) {
      String a = first.getOrDefault(name, "");
      String b = second.getOrDefault(name, "");
      if (!a.equals(b)) {
        differences.add(new SettingDifference(name, a, b));
      }
    }
    return differences;
  }

  private static Map<String, String> settings(RunManifest manifest) {
    Map<String, String> settings = new TreeMap<>();
    try {
      collect("", MAPPER.readTree(Json.text(manifest)), settings);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("what was just written is JSON", e);
    }
    return settings;
  }

  private static void collect(String path, JsonNode node, Map<String, String> settings) {
    if (LEFT_OUT.contains(path) || node.isNull()) {
      return;
    }
    if (node.isObject()) {
      node.fields()
          .forEachRemaining(
              field ->
                  collect(
                      path.isEmpty() ? field.getKey() : path + "." + field.getKey(),
                      field.getValue(),
                      settings));
    } else if (node.isArray() && node.size() > 0 && node.get(0).isObject()) {
      for (int i = 0; i < node.size(); i++) {
        collect(path + "[" + i + "]", node.get(i), settings);
      }
    } else {
      settings.put(path, node.isValueNode() ? node.asText() : node.toString());
    }
  }
}
