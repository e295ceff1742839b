package steersweep.plan;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a cell must fulfil to be generated, by a score that needs no generated text.
 *
 * @param score which score
 * @param atLeast lower bound, inclusive; null for none
 * @param atMost upper bound, inclusive; null for none
 */
public record Guard(Score score, @Nullable Double atLeast, @Nullable Double atMost) {
  /** Scores that are known before a cell is generated. */
  public enum Score {
    KL_LAST,
    KL_CONTINUATION,
    /** Counted in the direction of the scale: at a negative scale with the sign turned. */
    UPTAKE_REFERENCE,
    /** Counted in the direction of the scale: at a negative scale with the sign turned. */
    LOG_ODDS;

    /** The word used in plans, and the column of {@code scores/}. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Whether the score has a direction, which a negative scale turns. */
    public boolean signed() {
      return switch (this) {
        case KL_LAST, KL_CONTINUATION -> false;
        case UPTAKE_REFERENCE, LOG_ODDS -> true;
      };
    }

    public static List<String> words() {
      return Arrays.stream(values()).map(Score::word).toList();
    }
  }

  /**
   * What is wrong with a cell: {@code kl_continuation 3.1 is above 2.0}; empty if nothing is.
   *
   * @param value the cell's score
   * @param scale the cell's
   */
  public Optional<String> broken(double value, double scale) {
    double counted = score.signed() ? Math.signum(scale) * value : value;
    if (atLeast != null && counted < atLeast) {
      return Optional.of(said(value, "below", atLeast, scale));
    }
    if (atMost != null && counted > atMost) {
      return Optional.of(said(value, "above", atMost, scale));
    }
    return Optional.empty();
  }

  private String said(double value, String where, double bound, double scale) {
    String turned = score.signed() && scale < 0 ? ", sign turned for the negative scale," : "";
    return String.format(
        Locale.ROOT, "%s %.4g%s is %s %s", score.word(), value, turned, where, bound);
  }
}
