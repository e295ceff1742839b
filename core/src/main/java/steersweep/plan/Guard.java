package steersweep.plan;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import steersweep.measure.Measure;

/**
 * What a cell must fulfil to be generated, by a measure that needs no generated text. Of a measure
 * that has a sign the bounds are meant in the direction of the setting: at a negative one the sign
 * is turned.
 *
 * @param measure which measure
 * @param atLeast lower bound, inclusive; null for none
 * @param atMost upper bound, inclusive; null for none
 */
public record Guard(Measure measure, @Nullable Double atLeast, @Nullable Double atMost) {
  /** The measures that a guard can be about. */
  public static List<Measure> measures() {
    return List.of(
        Measure.DAMAGE, Measure.DAMAGE_LAST, Measure.PULL, Measure.ALIGNMENT, Measure.LOG_ODDS);
  }

  /**
   * What is wrong with a cell: {@code damage 3.1 is above 2.0}; empty if nothing is.
   *
   * @param value what was measured of the cell
   * @param setting the cell's
   */
  public Optional<String> broken(double value, double setting) {
    double counted = measure.signed() ? Math.signum(setting) * value : value;
    if (atLeast != null && counted < atLeast) {
      return Optional.of(said(value, "below", atLeast, setting));
    }
    if (atMost != null && counted > atMost) {
      return Optional.of(said(value, "above", atMost, setting));
    }
    return Optional.empty();
  }

  private String said(double value, String where, double bound, double setting) {
    String turned =
        measure.signed() && setting < 0 ? ", sign turned for the negative setting," : "";
    return String.format(
        Locale.ROOT, "%s %.4g%s is %s %s", measure.column(), value, turned, where, bound);
  }
}
