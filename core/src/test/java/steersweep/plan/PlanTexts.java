package steersweep.plan;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import steersweep.error.UserError;

/** Plans for the tests of the reader: two halves that are valid together, and how to read them. */
final class PlanTexts {
  static final String CONCEPTS =
      """
      concepts:
        - name: vegan
          base_prompts: My favorite food is
          steering_prompts: I am vegan.
      """;
  static final String GRID =
      """
      grid:
        hook_points: value
        layers: all
        settings: [5]
      """;

  private PlanTexts() {}

  /** The smallest grid with one more line, which may replace one of its keys. */
  static String withGridLine(String line) {
    String key = line.substring(0, line.indexOf(':') + 1);
    StringBuilder grid = new StringBuilder();
    GRID.lines()
        .filter(old -> !old.strip().startsWith(key))
        .forEach(old -> grid.append(old).append('\n'));
    return CONCEPTS + grid + "  " + line + "\n";
  }

  static SweepPlan read(Path folder, String yaml) {
    try {
      return PlanReader.read(Files.writeString(folder.resolve("demo.yaml"), yaml));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Faults of a plan in a file called {@code demo.yaml}. */
  static List<String> faults(Path folder, String yaml) {
    UserError error = catchThrowableOfType(UserError.class, () -> read(folder, yaml));
    return error.faults().stream()
        .map(fault -> fault.replace(folder.resolve("demo.yaml").toString(), "demo.yaml"))
        .toList();
  }
}
