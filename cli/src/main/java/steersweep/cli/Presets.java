package steersweep.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** The files of {@code conf/} that a plan is begun with; they travel in the jar. */
final class Presets {
  private static final String FOLDER = "/steersweep/conf/";

  /** Concepts by name: emotions, personas, conduct, languages, places, topics. */
  static final List<String> CONCEPTS =
      List.of(
          "joy",
          "anger",
          "fear",
          "pirate",
          "villain",
          "honesty",
          "refusal",
          "formality",
          "french",
          "spanish",
          "paris",
          "ocean",
          "food",
          "vegan",
          "music",
          "money",
          "war");

  /** For {@code --help}. */
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return CONCEPTS.iterator();
    }
  }

  private Presets() {}

  /** {@code conf/starter.yaml}. */
  static String starter() {
    return text("starter.yaml");
  }

  /** A concept as an entry of a plan's list. */
  static String entry(String concept) {
    return text("concepts/" + concept + ".yaml")
        .lines()
        .map(
            line ->
                line.startsWith("#")
                    ? "  " + line
                    : (line.startsWith("name:") ? "  - " : "    ") + line)
        .map(line -> line + "\n")
        .collect(Collectors.joining());
  }

  private static String text(String file) {
    try (InputStream in = Presets.class.getResourceAsStream(FOLDER + file)) {
      return new String(Objects.requireNonNull(in, file).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
  }
}
