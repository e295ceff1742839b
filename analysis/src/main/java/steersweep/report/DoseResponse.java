package steersweep.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import steersweep.plan.Site;
import steersweep.score.Findings;
import steersweep.score.Interval;
import steersweep.score.Outcome;
import steersweep.score.SiteScore;
import steersweep.score.Slope;

/** Effect against scale for a few sites, a drawing for each, with the random control beside it. */
final class DoseResponse {
  private static final int MOST_SITES = 3;
  private static final double DODGE = 5;

  private final List<SiteScore> scores;
  private final List<Site> sites;
  private final List<Slope> slopes;
  private final List<Double> scales;
  private final double smallestScale;
  private final Axis x;
  private final Axis y;

  private DoseResponse(List<SiteScore> scores, List<Site> sites, List<Slope> slopes) {
    this.scores = scores.stream().filter(score -> sites.contains(score.site())).toList();
    this.sites = sites;
    this.slopes = slopes;
    scales = this.scores.stream().map(SiteScore::scale).distinct().sorted().toList();
    smallestScale = scales.stream().mapToDouble(Math::abs).min().orElse(1);
    double[] places =
        Stream.concat(scales.stream(), Stream.of(0.0)).mapToDouble(this::bent).toArray();
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

  static List<Figure> figures(List<SiteScore> scores, Findings findings) {
    List<Site> sites = sites(scores, findings);
    DoseResponse chart = new DoseResponse(scores, sites, findings.slopes());
    return IntStream.range(0, sites.size()).mapToObj(chart::figure).toList();
  }

  private Figure figure(int index) {
    Site site = sites.get(index);
    String id = "dose-response-" + (index + 1);
    String title = "Effect against scale at " + Labels.site(site);
    return new Figure(
        id, title, caption(site), svg(id, title, site), ScoreTable.of(of(site)), false);
  }

  private String caption(Site site) {
    boolean controlled = of(site).stream().anyMatch(score -> score.control().known());
    String beside =
        controlled
            ? " Beside it, dashed: random directions of the same size; what counts is the distance"
                + " between the two."
            : " This sweep has no random control to draw beside it.";
    String slope =
        slopes.stream()
            .filter(of -> of.site().equals(site) && of.perScale().n() > 0)
            .findFirst()
            .map(
                of ->
                    " Slope of the effect"
                        + (controlled ? " minus the control" : "")
                        + ": "
                        + Labels.effect(of.perScale())
                        + " for each unit of scale.")
            .orElse("");
    return "Mean effect against the baseline with its 95 % interval."
        + beside
        + slope
        + " Hollow marks are incoherent, at the edge if they are beyond it. The scale axis is bent"
        + " like a logarithm that goes through 0.";
  }

  /** The recommended site, the best or largest of each hook point, then the next that work. */
  private static List<Site> sites(List<SiteScore> scores, Findings findings) {
    Stream<SiteScore> leaders =
        findings.hookPoints().stream()
            .map(at -> at.best() == null ? at.largest() : at.best())
            .filter(Objects::nonNull);
    Stream<SiteScore> next =
        scores.stream()
            .filter(score -> score.works() && score.scale() > 0)
            .sorted(Comparator.comparing(SiteScore::meanEffect).reversed());
    return Stream.of(findings.best().stream(), leaders, next)
        .flatMap(Function.identity())
        .map(SiteScore::site)
        .distinct()
        .limit(MOST_SITES)
        .toList();
  }

  private double bent(double scale) {
    double t = scale / smallestScale;
    return Math.signum(t) * Math.log(Math.abs(t) + Math.sqrt(t * t + 1));
  }

  /**
   * Ends of the coherent points' intervals; broken texts have any effect and would set the scale.
   */
  private DoubleStream ends() {
    return scores.stream()
        .filter(score -> !score.is(Outcome.INCOHERENT))
        .flatMap(score -> Stream.of(score.againstBaseline(), score.control().mean()))
        .flatMapToDouble(effect -> DoubleStream.of(effect.mean(), effect.low(), effect.high()))
        .filter(Double::isFinite);
  }

  private long down(double effect) {
    return Math.round(y.at(Math.max(y.low(), Math.min(y.high(), effect))));
  }

  private Html svg(String id, String title, Site site) {
    List<SiteScore> points = of(site);
    List<SiteScore> controlled = points.stream().filter(p -> p.control().known()).toList();
    Html svg =
        Figure.drawing(
            id,
            title,
            "Mean effect over scale with intervals: "
                + String.join("; ", points.stream().map(Labels::details).toList())
                + ".",
            ChartFrame.WIDTH,
            ChartFrame.HEIGHT + 34,
            ChartFrame.LEAST);
    grid(svg, points);
    line(svg, "line control", controlled, DODGE, point -> point.control().mean().mean());
    controlled.forEach(
        point -> whisker(svg, "control", at(point.scale()) + DODGE, point.control().mean()));
    line(svg, "line series-0", points, 0, point -> point.againstBaseline().mean());
    for (SiteScore point : points) {
      svg.open("g").leaf("title", Labels.details(point));
      whisker(svg, "series-0", at(point.scale()), point.againstBaseline());
      double effect = down(point.againstBaseline().mean());
      Marks.draw(svg, 0, at(point.scale()), effect, !point.is(Outcome.INCOHERENT));
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
    svg.leaf("text", "effect, nats per token ↑", "class", "axis", "x", 4, "y", 16);
    double under = ChartFrame.BOTTOM + 40;
    svg.leaf("text", "scale", "class", "axis", "x", 4, "y", ChartFrame.BOTTOM + 20);
    svg.leaf("text", "n", "class", "axis", "x", 4, "y", under);
    double last = Double.NEGATIVE_INFINITY;
    for (double scale : Stream.concat(scales.stream(), Stream.of(0.0)).sorted().toList()) {
      double at = at(scale);
      if (at - last < 28) {
        continue;
      }
      last = at;
      String name = Numbers.scale(scale);
      svg.leaf("text", name, "class", "tick mid", "x", at, "y", ChartFrame.BOTTOM + 20);
      points.stream()
          .filter(point -> point.scale() == scale)
          .findFirst()
          .ifPresent(
              point ->
                  svg.leaf(
                      "text",
                      String.valueOf(point.n()),
                      "class",
                      "quiet mid",
                      "x",
                      at,
                      "y",
                      under));
    }
  }

  private double at(double scale) {
    return x.at(bent(scale));
  }

  private void line(
      Html svg,
      String kind,
      List<SiteScore> points,
      double shift,
      Function<SiteScore, Double> effect) {
    List<double[]> corners = new ArrayList<>();
    points.forEach(point -> corners.add(new double[] {point.scale(), effect.apply(point)}));
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

  private List<SiteScore> of(Site site) {
    return scores.stream().filter(score -> score.site().equals(site)).toList();
  }
}
