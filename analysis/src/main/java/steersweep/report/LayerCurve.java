package steersweep.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import steersweep.model.HookPoint;
import steersweep.plan.Site;
import steersweep.score.ConceptFindings;
import steersweep.score.EqualDamage;
import steersweep.score.EqualDamage.AtDamage;
import steersweep.score.Interval;

/** Pull by layer at equal damage, hook points beside each other; whole layers of a concept. */
final class LayerCurve {
  private static final double LINE = 18;

  private final String id;
  private final String title;
  private final List<AtDamage> points;
  private final List<HookPoint> hookPoints;
  private final List<Integer> layers;

  private LayerCurve(String id, String title, List<AtDamage> points) {
    this.id = id;
    this.title = title;
    this.points = points;
    hookPoints = points.stream().map(of -> of.site().hookPoint()).distinct().sorted().toList();
    layers = points.stream().map(of -> of.site().layer()).distinct().sorted().toList();
  }

  /** A drawing for each damage that some layer was run at, the one with most layers in front. */
  static List<Figure> figures(ConceptFindings of, int number) {
    List<Figure> figures = new ArrayList<>();
    int most = 0;
    for (double damage : EqualDamage.DAMAGES) {
      List<AtDamage> points =
          of.equalDamage().sites().stream()
              .filter(Site::allHeads)
              .map(site -> of.equalDamage().at(site, damage))
              .filter(at -> at.pull().n() > 0)
              .toList();
      if (points.isEmpty()) {
        continue;
      }
      String id =
          "equal-damage-"
              + (of.all() ? "all" : String.valueOf(number))
              + "-"
              + Math.round(100 * damage);
      String title = "Pull by layer: " + of.concept() + ", damage " + Numbers.fixed(damage, 1);
      Figure figure = new LayerCurve(id, title, points).figure(damage);
      if (points.size() >= most) {
        most = points.size();
        figures.add(0, figure);
      } else {
        figures.add(figure);
      }
    }
    return figures;
  }

  private Figure figure(double damage) {
    return new Figure(
        id,
        title,
        "Mean pull of steering whole layers with its 95 % interval, each where it does the same"
            + " damage, "
            + Numbers.fixed(damage, 1)
            + " nats per token, interpolated between the settings that were run. Layers that were not"
            + " run so strongly are left out.",
        drawing(),
        table(),
        false);
  }

  private Html drawing() {
    Html svg =
        Figure.drawing(
            id,
            title,
            "Pull by layer, hook points beside each other; the numbers are in the table.",
            ChartFrame.WIDTH,
            ChartFrame.HEIGHT + hookPoints.size() * LINE,
            ChartFrame.LEAST);
    Axis y =
        Axis.around(
            ends().reduce(0, Math::min),
            ends().reduce(0, Math::max),
            ChartFrame.BOTTOM,
            ChartFrame.TOP);
    Axis x = new Axis(-0.5, layers.size() - 0.5, ChartFrame.LEFT, ChartFrame.RIGHT);
    ChartFrame.rows(svg, y);
    svg.leaf("text", "pull, nats per token ↑", "class", "axis", "x", 4, "y", 16);
    svg.leaf("text", "layer", "class", "axis", "x", 4, "y", ChartFrame.BOTTOM + 20);
    int every = 1 + layers.size() / 17;
    for (int i = 0; i < layers.size(); i += every) {
      String layer = String.valueOf(layers.get(i));
      svg.leaf("text", layer, "class", "tick mid", "x", x.at(i), "y", ChartFrame.BOTTOM + 20);
    }
    double apart = Math.min(10, 0.7 * (x.at(1) - x.at(0)) / hookPoints.size());
    for (AtDamage of : points) {
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
        .map(AtDamage::pull)
        .flatMapToDouble(pull -> DoubleStream.of(pull.mean(), pull.low(), pull.high()))
        .filter(Double::isFinite);
  }

  private static void point(Html svg, int series, double x, Axis y, AtDamage of) {
    Interval pull = of.pull();
    svg.open("g").leaf("title", Labels.site(of.site()) + ": pull " + Labels.effect(pull));
    if (pull.known()) {
      String line = "M" + Math.round(x) + " " + down(y, pull.low()) + "V" + down(y, pull.high());
      svg.empty("path", "class", "whisker series-" + series, "d", line);
    }
    Marks.draw(svg, series, x, down(y, pull.mean()), true);
    svg.close();
  }

  private static long down(Axis y, double pull) {
    return Math.round(y.at(Math.max(y.low(), Math.min(y.high(), pull))));
  }

  private Html table() {
    Html table = new Html().open("table", "class", "numbers").open("thead").open("tr");
    Stream.of("site", "pull", "95 % interval", "n")
        .forEach(header -> table.leaf("th", header, "scope", "col"));
    table.close().close().open("tbody");
    for (AtDamage of : points) {
      table.open("tr").leaf("th", Labels.site(of.site()), "scope", "row");
      table.leaf("td", Numbers.signed(of.pull().mean()));
      table.leaf("td", Numbers.interval(of.pull()));
      table.leaf("td", String.valueOf(of.pull().n())).close();
    }
    return table.close().close();
  }
}
