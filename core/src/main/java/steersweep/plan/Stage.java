package steersweep.plan;

import java.util.Locale;

/** The kinds of work that a sweep is cut into units for, in the order they are done. */
public enum Stage {
  /** Factors that do the damage which settings ask for; only where settings are damages. */
  SOLVE,
  /** Every cell of the grid reads the baseline's text; no text of its own. */
  SCREEN,
  /** The chosen cells write texts, which are scored. */
  WRITE;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
