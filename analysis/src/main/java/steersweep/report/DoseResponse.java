package steersweep.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import steersweep.measure.Measure;
import steersweep.score.ConceptFindings;
import steersweep.score.Interval;
import steersweep.score.Outcome;
import steersweep.score.SiteScore;

/** Pull against setting at a concept's site, with the random control beside it. */
final class DoseResponse {
  private static final double DODGE = 5;

  private final String concept;
  private final List<SiteScore> scores;
  private final List<Double> settings;
  private final double smallest;
  private final Axis x;
  private final Axis y;

  private DoseResponse(String concept, List<SiteScore> scores) {
    this.concept = concept;
    this.scores = scores;
    settings = scores.stream().map(SiteScore::setting).distinct().sorted().toList();
    smallest = settings.stream().mapToDouble(Math::abs).min().orElse(1);
    double[] places =
        Stream.concat(settings.stream(), Stream.of(0.0)).mapToDouble(this::bent).toArray();
    x =
        new Axis(
            DoubleStream.of(places).min().orElse(-1),
            DoubleStream.of(places).max().orElse(1),
            ChartFrame.LEFT + 20,
            ChartFrame.RIGHT - 20);
    y =
        Axis.around(
            ends().reduce(0, Math::min),
            ends().reduce(0, Math::max),
            ChartFrame.BOTTOM,
            ChartFrame.TOP);
  }

  /** Of the recommended site, or that of the largest pull; empty where nothing was read. */
  static Optional<Figure> figure(ConceptFindings of, int number) {
    SiteScore best = of.recommendation().score();
    if (best == null) {
      return Optional.empty();
    }
    List<SiteScore> here =
        of.scores().stream()
            .filter(score -> score.site().equals(best.site()) && score.pull().n() > 0)
            .toList();
    String id = "dose-response-" + (of.all() ? "all" : String.valueOf(number));
    String title = "Pull against setting at " + Labels.site(best.site()) + ": " + of.concept();
    DoseResponse chart = new DoseResponse(of.concept(), here);
    return Optional.of(
        new Figure(
            id,
            title,
            chart.caption(),
            chart.svg(id, title),
            ScoreTable.of(of.concept(), here),
            false));
  }

  private String caption() {
    boolean controlled = scores.stream().anyMatch(DoseResponse::controlled);
    return "Mean pull towards "
        + concept
        + " with its 95 % interval."
        + (controlled
            ? " Beside it, dashed: random directions of the same size; what counts is the distance"
                + " between the two."
            : " This sweep has no random control to draw beside it.")
        + " Hollow marks are above the damage budget, at the edge if they are beyond it. The setting"
        + " axis is bent like a logarithm that goes through 0.";
  }

  private static boolean controlled(SiteScore score) {
    return score.of(Measure.PULL).control().n() > 0;
  }

  private double bent(double setting) {
    double t = setting / smallest;
    return Math.signum(t) * Math.log(Math.abs(t) + Math.sqrt(t * t + 1));
  }

  /**
   * Ends of the intervals within the damage budget; broken models have any pull and would set the
   * axis.
   */
  private DoubleStream ends() {
    return scores.stream()
        .filter(score -> !score.is(Outcome.DAMAGING))
        .flatMap(
            score -> Stream.of(score.of(Measure.PULL).steered(), score.of(Measure.PULL).control()))
        .flatMapToDouble(effect -> DoubleStream.of(effect.mean(), effect.low(), effect.high()))
        .filter(Double::isFinite);
  }

  private long down(double effect) {
    return Math.round(y.at(Math.max(y.low(), Math.min(y.high(), effect))));
  }

  private Html svg(String id, String title) {
    List<SiteScore> points = scores;
    List<SiteScore> controlled = points.stream().filter(DoseResponse::controlled).toList();
    Html svg =
        Figure.drawing(
            id,
            title,
            "Mean pull over the setting with intervals: "
                + String.join("; ", points.stream().map(Labels::details).toList())
                + ".",
            ChartFrame.WIDTH,
            ChartFrame.HEIGHT + 34,
            ChartFrame.LEAST);
    grid(svg, points);
    line(svg, "line control", controlled, DODGE, point -> point.of(Measure.PULL).control().mean());
    controlled.forEach(
        point ->
            whisker(svg, "control", at(point.setting()) + DODGE, point.of(Measure.PULL).control()));
    line(svg, "line series-0", points, 0, point -> point.of(Measure.PULL).steered().mean());
    for (SiteScore point : points) {
      svg.open("g", "data-cell", Labels.key(point.point())).leaf("title", Labels.details(point));
      whisker(svg, "series-0", at(point.setting()), point.of(Measure.PULL).steered());
      double effect = down(point.of(Measure.PULL).steered().mean());
      Marks.draw(svg, 0, at(point.setting()), effect, !point.is(Outcome.DAMAGING));
      svg.close();
    }
    double legend = ChartFrame.HEIGHT + 24;
    Marks.draw(svg, 0, ChartFrame.LEFT + 10, legend - 4, true);
    svg.leaf("text", "steered", "class", "tick", "x", ChartFrame.LEFT + 24, "y", legend);
    if (!controlled.isEmpty()) {
      double start = ChartFrame.LEFT + 90;
      svg.empty("path", "class", "line control", "d", "M" + start + " " + (legend - 4) + "h24");
      svg.leaf("text", "random control", "class", "tick", "x", start + 32, "y", legend);
    }
    return svg.close();
  }

  private void grid(Html svg, List<SiteScore> points) {
    ChartFrame.rows(svg, y);
    svg.leaf("text", "pull, nats per token ↑", "class", "axis", "x", 4, "y", 16);
    double under = ChartFrame.BOTTOM + 40;
    svg.leaf("text", "setting", "class", "axis", "x", 4, "y", ChartFrame.BOTTOM + 20);
    svg.leaf("text", "n", "class", "axis", "x", 4, "y", under);
    double last = Double.NEGATIVE_INFINITY;
    for (double setting : Stream.concat(settings.stream(), Stream.of(0.0)).sorted().toList()) {
      double at = at(setting);
      if (at - last < 28) {
        continue;
      }
      last = at;
      String name = Numbers.scale(setting);
      svg.leaf("text", name, "class", "tick mid", "x", at, "y", ChartFrame.BOTTOM + 20);
      points.stream()
          .filter(point -> point.setting() == setting)
          .findFirst()
          .ifPresent(
              point ->
                  svg.leaf(
                      "text",
                      String.valueOf(point.pull().n()),
                      "class",
                      "quiet mid",
                      "x",
                      at,
                      "y",
                      under));
    }
  }

  private double at(double setting) {
    return x.at(bent(setting));
  }

  private void line(
      Html svg,
      String kind,
      List<SiteScore> points,
      double shift,
      Function<SiteScore, Double> effect) {
    List<double[]> corners = new ArrayList<>();
    points.forEach(point -> corners.add(new double[] {point.setting(), effect.apply(point)}));
    corners.add(new double[] {0, 0});
    corners.sort(Comparator.comparing(corner -> corner[0]));
    StringBuilder path = new StringBuilder();
    for (double[] corner : corners) {
      path.append(path.isEmpty() ? "M" : "L").append(Math.round(at(corner[0]) + shift));
      path.append(' ').append(down(corner[1]));
    }
    if (corners.size() > 1) {
      svg.empty("path", "class", kind, "d", path);
    }
  }

  private void whisker(Html svg, String kind, double at, Interval effect) {
    if (effect.known()) {
      String path = "M" + Math.round(at) + " " + down(effect.low()) + "V" + down(effect.high());
      svg.empty("path", "class", "whisker " + kind, "d", path);
    }
  }
}
