package steersweep.plan;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a cell is in the experiment: steered, or something to compare steering with. */
public enum CellKind {
  /** The unsteered model; one for each prompt pair. */
  BASELINE,
  /** The steering prompt's activations, added at a site with a setting. */
  STEERED,
  /**
   * A random direction with the steering activations' norms, position by position and head by head,
   * added at the same site. It has no sign: it is the control of the settings 2 and -2 alike.
   */
  RANDOM,
  /** The steering prompt with its tokens (all but BOS) in a random order. */
  SHUFFLED,
  /** A steering prompt of another concept. */
  UNRELATED,
  /** Not steered: the steering prompt stands before the base prompt as plain text. */
  PROMPTED;

  /** The word used in result files and reports. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<CellKind> of(String word) {
    return Arrays.stream(values()).filter(kind -> kind.word().equals(word)).findFirst();
  }
}
