package steersweep.report;

import java.util.List;
import java.util.Locale;

/**
 * Colour scales that colour-blind readers can tell apart, in {@link #STEPS} + 1 steps, so that a
 * style sheet can give each step other colours on light and on dark ground. The quiet end is always
 * near the ground, the loud ends far from it.
 */
enum Palette {
  /** ColorBrewer's RdBu on light ground: red below 0, quiet at 0, blue above. For signed values. */
  DIVERGING(
      "d",
      List.of(
          0x67001F, 0xB2182B, 0xD6604D, 0xF4A582, 0xFDDBC7, 0xF7F7F7, 0xD1E5F0, 0x92C5DE, 0x4393C3,
          0x2166AC, 0x053061),
      List.of(
          0xFFC3AE, 0xFA8F6F, 0xD9603F, 0xA03F2A, 0x5E2F28, 0x2A3036, 0x213F58, 0x245F8F, 0x3A86C2,
          0x70B4E6, 0xBFE0FA)),
  /** ColorBrewer's YlOrBr on light ground: loud at the low end, quiet at the high one. */
  SEQUENTIAL(
      "s",
      List.of(
          0x662506, 0x993404, 0xCC4C02, 0xEC7014, 0xFE9929, 0xFEC44F, 0xFEE391, 0xFBF3C7, 0xF7F7F7),
      List.of(
          0xFFE9B0, 0xFED070, 0xFDA73A, 0xE67B1E, 0xB0581A, 0x7F441E, 0x5A3820, 0x3E3229,
          0x2A3036));

  /** Steps from the low end to the high one; even, so that the middle is a step. */
  static final int STEPS = 40;

  private final String prefix;

  @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable.
  private final List<Integer> light;

  @SuppressWarnings("ImmutableEnumChecker")
  private final List<Integer> dark;

  Palette(String prefix, List<Integer> light, List<Integer> dark) {
    this.prefix = prefix;
    this.light = light;
    this.dark = dark;
  }

  /**
   * The class of elements in the colour of a value; {@link #css} has its colours.
   *
   * @param low value of the first step; values beyond get it too
   * @param high value of the last step; values beyond get it too; may be the smaller of the two
   */
  String step(double value, double low, double high) {
    double share = high == low ? 0.5 : (value - low) / (high - low);
    return prefix + Math.round(Math.max(0, Math.min(1, share)) * STEPS);
  }

  /** Style rules of all palettes: of a step's ground, and of ink that is readable on it. */
  static String css(boolean onDark) {
    StringBuilder css = new StringBuilder();
    for (Palette palette : values()) {
      for (int step = 0; step <= STEPS; step++) {
        Colour ground = palette.colour(step, onDark);
        String of = "svg ." + palette.prefix + step;
        css.append(of).append(" .ground{fill:").append(ground).append('}');
        css.append(of).append(" .ink{fill:").append(ground.readable()).append('}');
        css.append(of).append(" .outline{stroke:").append(ground.readable()).append("}\n");
      }
    }
    return css.toString();
  }

  /**
   * @param step 0..{@link #STEPS}
   */
  Colour colour(int step, boolean onDark) {
    List<Integer> anchors = onDark ? dark : light;
    double position = (double) step / STEPS * (anchors.size() - 1);
    int left = Math.min((int) position, anchors.size() - 2);
    return Colour.between(anchors.get(left), anchors.get(left + 1), position - left);
  }

  /** An opaque sRGB colour. */
  record Colour(int red, int green, int blue) {
    private static final Colour DARK = new Colour(0, 0, 0);
    private static final Colour LIGHT = new Colour(0xFF, 0xFF, 0xFF);

    static Colour between(int from, int to, double share) {
      return new Colour(
          mix(from >> 16, to >> 16, share), mix(from >> 8, to >> 8, share), mix(from, to, share));
    }

    private static int mix(int from, int to, double share) {
      return (int) Math.round((from & 0xFF) * (1 - share) + (to & 0xFF) * share);
    }

    /** Black or white, whichever is easier to read on this colour. */
    Colour readable() {
      return contrast(DARK) >= contrast(LIGHT) ? DARK : LIGHT;
    }

    /** Contrast ratio of WCAG 2, 1..21. */
    double contrast(Colour other) {
      double a = luminance() + 0.05;
      double b = other.luminance() + 0.05;
      return Math.max(a, b) / Math.min(a, b);
    }

    private double luminance() {
      return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    }

    private static double linear(int channel) {
      double c = channel / 255.0;
      return c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
    }

    @Override
    public String toString() {
      return String.format(Locale.ROOT, "#%02x%02x%02x", red, green, blue);
    }
  }
}
