package steersweep.plan;

import java.util.Locale;

/** The two kinds of work that a sweep is cut into units for. */
public enum Stage {
  /** Every cell of the grid reads the baseline's text; no text of its own. */
  SCREEN,
  /** The chosen cells write texts, which are scored. */
  WRITE;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
