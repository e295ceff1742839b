package steersweep.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import steersweep.plan.Site;
import steersweep.score.Findings;
import steersweep.score.Interval;
import steersweep.score.Outcome;
import steersweep.score.SiteScore;

/** Effect against scale for a few sites, with intervals. */
final class DoseResponse {
  private static final int MOST_SITES = 4;
  private static final double DODGE = 4;

  private final List<SiteScore> scores;
  private final List<Site> sites;
  private final List<Double> scales;
  private final double smallestScale;
  private final Axis x;
  private final Axis y;

  private DoseResponse(List<SiteScore> scores, List<Site> sites) {
    this.scores = scores.stream().filter(score -> sites.contains(score.site())).toList();
    this.sites = sites;
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

  static Optional<Figure> figure(List<SiteScore> scores, Findings findings) {
    List<Site> sites = sites(scores, findings);
    if (sites.isEmpty()) {
      return Optional.empty();
    }
    DoseResponse chart = new DoseResponse(scores, sites);
    return Optional.of(
        new Figure(
            "dose-response",
            "Effect against scale",
            "Mean effect with its 95 % interval (clustered by base prompt) at the best site of each"
                + " hook point and the next best sites. Hollow marks are incoherent, at"
                + " the edge if they are beyond it. 0 is the baseline. The scale axis is bent like a logarithm that goes through 0.",
            chart.svg(),
            chart.table()));
  }

  /** The best site of each hook point, or its largest effect, then the next best that work. */
  private static List<Site> sites(List<SiteScore> scores, Findings findings) {
    Stream<SiteScore> leaders =
        findings.hookPoints().stream()
            .map(at -> at.best() == null ? at.largest() : at.best())
            .filter(Objects::nonNull);
    Stream<SiteScore> next =
        scores.stream()
            .filter(score -> score.works() && score.scale() > 0)
            .sorted(Comparator.comparing(SiteScore::meanEffect).reversed());
    return Stream.concat(leaders, next).map(SiteScore::site).distinct().limit(MOST_SITES).toList();
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
        .map(SiteScore::effect)
        .flatMapToDouble(
            effect ->
                effect.known()
                    ? DoubleStream.of(effect.low(), effect.high())
                    : DoubleStream.of(effect.mean()));
  }

  private double down(double effect) {
    return Math.round(y.at(Math.max(y.low(), Math.min(y.high(), effect))));
  }

  private Html svg() {
    double height = ChartFrame.HEIGHT + sites.size() * 18.0;
    Html svg =
        Figure.drawing(
            "dose-response",
            "Effect against scale",
            "Lines of mean effect over scale for " + sites.size() + " sites, with intervals.",
            ChartFrame.WIDTH,
            height);
    grid(svg);
    for (int i = 0; i < sites.size(); i++) {
      series(svg, i);
      double legend = ChartFrame.HEIGHT + i * 18.0;
      Marks.draw(svg, i, ChartFrame.LEFT + 10, legend - 4, true);
      svg.leaf(
          "text", legend(sites.get(i)), "class", "tick", "x", ChartFrame.LEFT + 24, "y", legend);
    }
    return svg.close();
  }

  private String legend(Site site) {
    int n = of(site).stream().mapToInt(SiteScore::n).max().orElse(0);
    return Labels.site(site) + " (n " + n + ")";
  }

  private void grid(Html svg) {
    for (double tick : y.ticks()) {
      svg.empty(
          "path",
          "class",
          Math.abs(tick) < 1e-9 ? "zero" : "grid",
          "d",
          "M" + ChartFrame.LEFT + " " + Math.round(y.at(tick)) + "H" + ChartFrame.RIGHT);
      svg.leaf(
          "text",
          Numbers.signed(tick),
          "class",
          "tick end",
          "x",
          ChartFrame.LEFT - 8,
          "y",
          y.at(tick) + 4);
    }
    svg.leaf("text", "effect, nats per token ↑", "class", "axis", "x", 4, "y", 16);
    double last = Double.NEGATIVE_INFINITY;
    for (double scale : Stream.concat(scales.stream(), Stream.of(0.0)).sorted().toList()) {
      double at = x.at(bent(scale));
      if (at - last >= 28) {
        svg.leaf(
            "text",
            Numbers.scale(scale),
            "class",
            "tick mid",
            "x",
            at,
            "y",
            ChartFrame.BOTTOM + 20);
        last = at;
      }
    }
    svg.leaf(
        "text", "scale →", "class", "axis end", "x", ChartFrame.RIGHT, "y", ChartFrame.BOTTOM + 38);
  }

  private void series(Html svg, int index) {
    double dodge = (index - (sites.size() - 1) / 2.0) * DODGE;
    List<SiteScore> points = of(sites.get(index));
    StringBuilder path = new StringBuilder();
    List<double[]> corners = new ArrayList<>();
    points.forEach(p -> corners.add(new double[] {p.scale(), p.meanEffect()}));
    corners.add(new double[] {0, 0});
    corners.sort(Comparator.comparing(corner -> corner[0]));
    for (double[] corner : corners) {
      path.append(path.isEmpty() ? "M" : "L").append(Math.round(x.at(bent(corner[0])) + dodge));
      path.append(' ').append(down(corner[1]));
    }
    svg.empty("path", "class", "line series-" + index, "d", path);
    points.forEach(point -> point(svg, index, dodge, point));
  }

  private void point(Html svg, int index, double dodge, SiteScore point) {
    double at = x.at(bent(point.scale())) + dodge;
    Interval effect = point.effect();
    svg.open("g").leaf("title", Labels.details(point));
    if (effect.known()) {
      svg.empty(
          "path",
          "class",
          "whisker series-" + index,
          "d",
          "M" + Math.round(at) + " " + down(effect.low()) + "V" + down(effect.high()));
    }
    Marks.draw(svg, index, at, down(effect.mean()), !point.is(Outcome.INCOHERENT));
    svg.close();
  }

  private List<SiteScore> of(Site site) {
    return scores.stream().filter(score -> score.site().equals(site)).toList();
  }

  private Html table() {
    return ScoreTable.of(scores);
  }
}
