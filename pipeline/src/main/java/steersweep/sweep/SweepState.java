package steersweep.sweep;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import steersweep.plan.Phase;
import steersweep.plan.Stage;

/**
 * How far a sweep is at some moment.
 *
 * @param stage null in phases that are of no stage
 * @param done cells of the stage that are finished, in earlier attempts too; those of units under
 *     way count by the work that was done for them
 * @param total cells of the stage
 * @param rate cells a second in the last minute
 * @param seconds since this attempt began
 * @param left null where nothing is known
 */
public record SweepState(
    Phase phase,
    @Nullable Stage stage,
    long done,
    long total,
    double rate,
    double seconds,
    TimeLeft.@Nullable Left left) {

  /** Seconds that are worth a word. */
  private static final double LEAST_LEFT = 0.5;

  static SweepState of(Phase phase, double seconds, TimeLeft.@Nullable Left left) {
    return new SweepState(phase, null, 0, 0, 0, seconds, left);
  }

  /** {@code screen: 2560 of 11544 cells, 214 a second, 0:12, about 0:42 left}. */
  public String line() {
    return phase.word() + ": " + (stage == null ? "" : cells() + ", ") + details();
  }

  private String cells() {
    return String.format(
        Locale.ROOT, "%d of %d %s", done, total, stage == Stage.SOLVE ? "factors" : "cells");
  }

  /** {@code 214 a second, 0:12, about 0:42 left}. */
  public String details() {
    StringBuilder details = new StringBuilder();
    if (stage != null && rate > 0) {
      details.append(String.format(Locale.ROOT, rate < 10 ? "%.1f" : "%.0f", rate));
      details.append(" a second, ");
    }
    details.append(clock(seconds));
    if (left != null && left.seconds() >= LEAST_LEFT) {
      details.append(left.more() ? ", more than " : ", about ");
      details.append(clock(left.seconds())).append(" left");
    }
    return details.toString();
  }

  /** {@code 0:42}, {@code 1:02:03}. */
  static String clock(double seconds) {
    long all = Math.round(seconds);
    return all < 3600
        ? String.format("%d:%02d", all / 60, all % 60)
        : String.format("%d:%02d:%02d", all / 3600, all / 60 % 60, all % 60);
  }

  /** For programs. */
  public Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("phase", phase.word());
    if (stage != null) {
      facts.put("stage", stage.word());
      facts.put("cells_done", done);
      facts.put("cells", total);
      facts.put("cells_a_second", tenths(rate));
    }
    facts.put("seconds", tenths(seconds));
    if (left != null) {
      facts.put("seconds_left", tenths(left.seconds()));
    }
    return facts;
  }

  private static double tenths(double value) {
    return Math.round(value * 10) / 10.0;
  }
}
