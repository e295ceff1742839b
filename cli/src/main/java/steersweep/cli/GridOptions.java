package steersweep.cli;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import steersweep.plan.GridFlags;

/** Parts of the grid, given in place of the plan's. */
final class GridOptions {
  @Option(
      names = "--hook-points",
      paramLabel = "LIST",
      description = "Hook points instead of the plan's: value,residual_post.")
  private @Nullable String hookPoints;

  @Option(
      names = "--layers",
      paramLabel = "LIST",
      description = "Layers instead of the plan's: all, 3, 8-24+2, lists of these.")
  private @Nullable String layers;

  @Option(
      names = "--heads",
      paramLabel = "LIST",
      description = "Heads instead of the plan's: all, each, numbers and ranges.")
  private @Nullable String heads;

  @Option(
      names = "--settings",
      paramLabel = "LIST",
      description = "Settings instead of the plan's: -1,0.5, ranges such as 0.25-1+0.25.")
  private @Nullable String settings;

  @Option(
      names = "--concepts",
      paramLabel = "LIST",
      description = "Only these concepts of the plan, by name.")
  private @Nullable String concepts;

  GridFlags flags() {
    Map<String, String> given = new HashMap<>();
    put(given, "hook_points", hookPoints);
    put(given, "layers", layers);
    put(given, "heads", heads);
    put(given, "settings", settings);
    put(given, "concepts", concepts);
    return new GridFlags(given);
  }

  private static void put(Map<String, String> given, String key, @Nullable String text) {
    if (text != null) {
      given.put(key, text);
    }
  }
}
