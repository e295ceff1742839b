package steersweep.report;

/** The drawings with two axes: where their plotting area is, in units of their view box. */
final class ChartFrame {
  static final double WIDTH = 520;
  static final double HEIGHT = 360;
  static final double LEFT = 56;
  static final double RIGHT = 506;
  static final double TOP = 34;
  static final double BOTTOM = 300;

  /** See {@link Figure#drawing}: a phone shows it whole. */
  static final double LEAST = 0.65;

  private ChartFrame() {}

  /** A line across the plotting area at each tick, with its number. */
  static void rows(Html svg, Axis y) {
    for (double tick : y.ticks()) {
      double at = y.at(tick);
      String kind = Math.abs(tick) < 1e-9 ? "zero" : "grid";
      String line = "M" + LEFT + " " + Math.round(at) + "H" + RIGHT;
      svg.empty("path", "class", kind, "d", line);
      svg.leaf("text", Numbers.signed(tick), "class", "tick end", "x", LEFT - 8, "y", at + 4);
    }
  }
}
