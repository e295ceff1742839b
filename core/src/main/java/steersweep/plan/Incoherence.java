package steersweep.plan;

import java.math.BigDecimal;
import java.util.Locale;

/**
 * Where the texts of a concept's site are incoherent beyond doubt, so that larger settings of the
 * same sign are not run.
 *
 * @param setting the smallest one, in size, at which they are
 * @param damage mean damage there, nats per token
 */
public record Incoherence(String concept, Site site, double setting, double damage) {
  /** Whether a setting of this site is past the one at which texts are incoherent. */
  public boolean before(double other) {
    return Math.signum(other) == Math.signum(setting) && Math.abs(other) > Math.abs(setting);
  }

  /** For the rows of what is not run. */
  public String why() {
    String shown = BigDecimal.valueOf(setting).stripTrailingZeros().toPlainString();
    return String.format(
        Locale.ROOT,
        "not run: texts are incoherent at setting %s already, with a damage of %.1f nats per token",
        shown,
        damage);
  }
}
