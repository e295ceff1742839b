package steersweep.report;

import java.util.Locale;

/** Marks of a chart's series, told apart by shape as well as by colour. */
final class Marks {
  private static final String[] SHAPES = {
    "M%1$s %2$sm-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0Z",
    "M%1$s %2$sm-4 -4h8v8h-8Z",
    "M%1$s %2$sm0 -5.5l5 9h-10Z",
    "M%1$s %2$sm0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5Z",
    "M%1$s %2$sm-5 -4h10l-5 9Z",
  };

  private Marks() {}

  /**
   * @param series 0..4
   */
  static void draw(Html svg, int series, double x, double y, boolean filled) {
    String shape =
        String.format(Locale.ROOT, SHAPES[series % SHAPES.length], Math.round(x), Math.round(y));
    svg.empty("path", "class", (filled ? "mark" : "mark hollow") + " series-" + series, "d", shape);
  }
}
