package steersweep.report;

import java.util.List;
import java.util.stream.DoubleStream;
import steersweep.model.HookPoint;
import steersweep.plan.Site;

/** The drawing of a number that whole layers have: by layer, hook points beside each other. */
final class LayerChart {
  private static final double LINE = 18;

  private final List<At> points;
  private final List<HookPoint> hookPoints;
  private final List<Integer> layers;

  /**
   * A layer of a hook point.
   *
   * @param low where its interval begins; NaN for none
   * @param high where it ends
   * @param words all there is to say of it
   */
  record At(Site site, double value, double low, double high, String words) {}

  private LayerChart(List<At> points) {
    this.points = points;
    hookPoints = points.stream().map(of -> of.site().hookPoint()).distinct().sorted().toList();
    layers = points.stream().map(of -> of.site().layer()).distinct().sorted().toList();
  }

  /**
   * The drawing.
   *
   * @param description for those who do not see it
   * @param axis what the number is, with its unit
   */
  static Html drawing(String id, String title, String description, String axis, List<At> points) {
    return new LayerChart(points).svg(id, title, description, axis);
  }

  private Html svg(String id, String title, String description, String axis) {
    double height = ChartFrame.HEIGHT + hookPoints.size() * LINE;
    Html svg = Figure.drawing(id, title, description, ChartFrame.WIDTH, height, ChartFrame.LEAST);
    Axis y =
        Axis.around(
            ends().reduce(0, Math::min),
            ends().reduce(0, Math::max),
            ChartFrame.BOTTOM,
            ChartFrame.TOP);
    Axis x = new Axis(-0.5, layers.size() - 0.5, ChartFrame.LEFT, ChartFrame.RIGHT);
    ChartFrame.rows(svg, y);
    svg.leaf("text", axis + " ↑", "class", "axis", "x", 4, "y", 16);
    svg.leaf("text", "layer", "class", "axis", "x", 4, "y", ChartFrame.BOTTOM + 20);
    int every = 1 + layers.size() / 17;
    for (int i = 0; i < layers.size(); i += every) {
      String layer = String.valueOf(layers.get(i));
      svg.leaf("text", layer, "class", "tick mid", "x", x.at(i), "y", ChartFrame.BOTTOM + 20);
    }
    double apart = Math.min(10, 0.7 * (x.at(1) - x.at(0)) / hookPoints.size());
    for (At of : points) {
      int series = hookPoints.indexOf(of.site().hookPoint());
      double shift = (series - (hookPoints.size() - 1) / 2.0) * apart;
      point(svg, series, x.at(layers.indexOf(of.site().layer())) + shift, y, of);
    }
    for (int series = 0; series < hookPoints.size(); series++) {
      double legend = ChartFrame.HEIGHT - 10 + series * LINE;
      Marks.draw(svg, series, ChartFrame.LEFT + 10, legend - 4, true);
      String word = hookPoints.get(series).word();
      svg.leaf("text", word, "class", "tick", "x", ChartFrame.LEFT + 24, "y", legend);
    }
    return svg.close();
  }

  private DoubleStream ends() {
    return points.stream()
        .flatMapToDouble(of -> DoubleStream.of(of.value(), of.low(), of.high()))
        .filter(Double::isFinite);
  }

  private static void point(Html svg, int series, double x, Axis y, At of) {
    svg.open("g").leaf("title", of.words());
    if (!Double.isNaN(of.low())) {
      String line = "M" + Math.round(x) + " " + down(y, of.low()) + "V" + down(y, of.high());
      svg.empty("path", "class", "whisker series-" + series, "d", line);
    }
    Marks.draw(svg, series, x, down(y, of.value()), true);
    svg.close();
  }

  private static long down(Axis y, double value) {
    return Math.round(y.at(Math.max(y.low(), Math.min(y.high(), value))));
  }
}
