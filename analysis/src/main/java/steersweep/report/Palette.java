package steersweep.report;

import java.util.List;
import java.util.Locale;

/** Colour scales that colour-blind readers can tell apart. */
enum Palette {
  /** ColorBrewer's RdBu: red below 0, near-white at 0, blue above. For signed values. */
  DIVERGING(
      0x67001F, 0xB2182B, 0xD6604D, 0xF4A582, 0xFDDBC7, 0xF7F7F7, 0xD1E5F0, 0x92C5DE, 0x4393C3,
      0x2166AC, 0x053061),
  /** ColorBrewer's YlOrBr from its dark end: dark brown at the low end, near-white at the high. */
  SEQUENTIAL(
      0x662506, 0x993404, 0xCC4C02, 0xEC7014, 0xFE9929, 0xFEC44F, 0xFEE391, 0xFBF3C7, 0xF7F7F7);

  @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable.
  private final List<Integer> anchors;

  Palette(Integer... anchors) {
    this.anchors = List.of(anchors);
  }

  /**
   * @param low value of the first colour; smaller values get it too
   * @param high value of the last colour; larger values get it too
   */
  Colour at(double value, double low, double high) {
    double share = high > low ? (value - low) / (high - low) : 0.5;
    double position = Math.max(0, Math.min(1, share)) * (anchors.size() - 1);
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
