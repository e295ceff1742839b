package steersweep.cli;

import java.util.Locale;

/** Numbers for people: three digits and a decimal prefix. */
final class Quantity {
  private static final String[] PREFIXES = {"", "k", "M", "G", "T", "P", "E"};

  private Quantity() {}

  /** {@code 6.74 G}; no space where there is no prefix. */
  static String of(double value) {
    return withSpace(value).strip();
  }

  /** The same for a unit to follow: {@code 13.5 G} + {@code B}, {@code 200 } + {@code B}. */
  static String withSpace(double value) {
    int prefix = 0;
    double scaled = value;
    while (scaled >= 999.5 && prefix < PREFIXES.length - 1) {
      scaled /= 1000;
      prefix++;
    }
    return String.format(Locale.ROOT, "%.3g %s", scaled, PREFIXES[prefix]);
  }
}
