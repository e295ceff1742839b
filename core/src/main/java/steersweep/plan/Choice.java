package steersweep.plan;

import java.util.Locale;

/**
 * A site and setting of which a concept's texts are wanted.
 *
 * @param setting a number of the plan's settings
 */
public record Choice(String concept, Site site, double setting, Why why) {
  /** Why it was chosen. */
  public enum Why {
    /** Among the largest pulls at its hook point. */
    BEST,
    /** At a negative setting the largest pull the other way. */
    OPPOSITE,
    /** Drawn from all others. */
    SAMPLE;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
