package steersweep.report;

import java.util.Locale;
import steersweep.score.Interval;

/** Numbers as the report prints them: a real minus sign, two decimals, a dash for nothing. */
final class Numbers {
  static final String NOTHING = "–";

  private Numbers() {}

  /** With its sign, for effects and fluency: {@code +0.12}, {@code −0.12}, {@code 0.00}. */
  static String signed(double value) {
    String text = fixed(value, 2);
    boolean zero = text.equals("0.00");
    return value > 0 && !zero && !text.equals(NOTHING) ? "+" + text : text;
  }

  static String fixed(double value, int decimals) {
    if (Double.isNaN(value)) {
      return NOTHING;
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "∞" : "−∞";
    }
    String text = String.format(Locale.ROOT, "%." + decimals + "f", Math.abs(value));
    boolean zero = text.chars().allMatch(c -> c == '0' || c == '.');
    return value < 0 && !zero ? "−" + text : text;
  }

  /** As short as it goes, with its sign: {@code +4}, {@code −0.5}. */
  static String scale(double scale) {
    String text = String.format(Locale.ROOT, "%.4f", Math.abs(scale)).replaceAll("\\.?0+$", "");
    return scale == 0 ? "0" : (scale < 0 ? "−" : "+") + text;
  }

  static String percent(double share) {
    return Double.isNaN(share) ? NOTHING : Math.round(share * 100) + " %";
  }

  static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count).replace(',', '\u202F');
  }

  /** {@code [+0.10, +0.31]}; says so with fewer than two base prompts. */
  static String interval(Interval interval) {
    return interval.known()
        ? "[" + signed(interval.low()) + ", " + signed(interval.high()) + "]"
        : "[no interval]";
  }

  /** A p-value: {@code 0.012}, {@code <0.001}. */
  static String chance(double p) {
    return p < 0.0005 ? "<0.001" : fixed(p, 3);
  }
}
