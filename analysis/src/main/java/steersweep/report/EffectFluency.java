package steersweep.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import steersweep.model.HookPoint;
import steersweep.score.Outcome;
import steersweep.score.SiteScore;
import steersweep.score.SiteVerdict;
import steersweep.score.Verdicts;

/** What an effect costs: effect against fluency, a mark for each site and scale. */
final class EffectFluency {

  /** Marks in the drawing, the strongest first; more would be a blot, and a heavy page. */
  private static final int MOST_MARKS = 1500;

  /** Anything less fluent is drawn at this edge: how broken a broken text is does not matter. */
  private static final double EDGE = -4;

  /** Marks of the front that have a letter, the strongest first. */
  private static final int MOST_NAMED = 8;

  private static final double LINE = 18;

  private final List<SiteScore> shown;
  private final List<HookPoint> hookPoints;
  private final List<SiteScore> front;
  private final List<SiteScore> named;
  private final Axis x;
  private final Axis y;

  private EffectFluency(List<SiteScore> shown) {
    this.shown = shown;
    hookPoints = shown.stream().map(score -> score.site().hookPoint()).distinct().sorted().toList();
    front = front(shown);
    named = front.subList(Math.max(0, front.size() - MOST_NAMED), front.size());
    double least = shown.stream().mapToDouble(SiteScore::fluency).reduce(-1.2, Math::min);
    double most = shown.stream().mapToDouble(SiteScore::fluency).reduce(0, Math::max);
    x = new Axis(Math.max(EDGE, least), most + 0.1, ChartFrame.LEFT, ChartFrame.RIGHT);
    double[] asked = coherent(shown).mapToDouble(EffectFluency::asked).toArray();
    y =
        Axis.around(
            DoubleStream.of(asked).reduce(0, Math::min),
            DoubleStream.of(asked).reduce(0, Math::max),
            ChartFrame.BOTTOM,
            ChartFrame.TOP);
  }

  static Optional<Figure> figure(List<SiteScore> scores) {
    List<SiteScore> changing =
        scores.stream()
            .filter(score -> score.verdict() != SiteVerdict.HARDLY_CHANGES)
            .filter(score -> Double.isFinite(score.fluency()))
            .sorted(Comparator.comparing(EffectFluency::asked).reversed())
            .toList();
    if (changing.isEmpty()) {
      return Optional.empty();
    }
    List<SiteScore> shown = changing.stream().limit(MOST_MARKS).toList();
    EffectFluency chart = new EffectFluency(shown);
    String left =
        Numbers.count(scores.size() - changing.size())
            + " sites x scales whose texts hardly change are left out";
    String cut =
        shown.size() < changing.size()
            ? "; of the rest the " + Numbers.count(shown.size()) + " strongest are drawn"
            : "";
    return Optional.of(
        new Figure(
            "effect-fluency",
            "Effect against fluency",
            "A mark for each site and scale; filled ones work. Effects of negative scales are turned"
                + " round, so that up is always the direction asked for. The line is the Pareto"
                + " front: no coherent site has more of both; its strongest have a letter. Dashed: the least fluency that counts as"
                + " coherent; marks on an edge are beyond it. "
                + left
                + cut
                + ".",
            chart.svg(),
            chart.table(),
            false));
  }

  /** The effect in the direction that the scale's sign asks for. */
  private static double asked(SiteScore score) {
    return Math.signum(score.scale()) * score.meanEffect();
  }

  /** Broken texts have any effect: they set no scale and win no comparison. */
  private static Stream<SiteScore> coherent(List<SiteScore> scores) {
    return scores.stream().filter(score -> !score.is(Outcome.INCOHERENT));
  }

  private static List<SiteScore> front(List<SiteScore> shown) {
    List<SiteScore> front = new ArrayList<>();
    double most = 0;
    List<SiteScore> fluentFirst =
        coherent(shown)
            .sorted(
                Comparator.comparing(SiteScore::fluency)
                    .thenComparing(EffectFluency::asked)
                    .reversed())
            .toList();
    for (SiteScore score : fluentFirst) {
      if (asked(score) > most) {
        most = asked(score);
        front.add(score);
      }
    }
    return front;
  }

  private double up(SiteScore score) {
    return y.at(Math.max(y.low(), Math.min(y.high(), asked(score))));
  }

  private double across(SiteScore score) {
    return x.at(Math.max(x.low(), score.fluency()));
  }

  private Html svg() {
    Html svg =
        Figure.drawing(
            "effect-fluency",
            "Effect against fluency",
            shown.size()
                + " sites and scales; "
                + front.size()
                + " of them are on the Pareto front.",
            ChartFrame.WIDTH,
            ChartFrame.HEIGHT + (hookPoints.size() + named.size()) * LINE + 8,
            ChartFrame.LEAST);
    grid(svg);
    for (SiteScore score : shown) {
      svg.open("g").leaf("title", Labels.details(score));
      int series = hookPoints.indexOf(score.site().hookPoint());
      Marks.draw(svg, series, across(score), up(score), score.works());
      svg.close();
    }
    frontLine(svg);
    for (int i = 0; i < hookPoints.size(); i++) {
      double legend = ChartFrame.HEIGHT + i * LINE;
      Marks.draw(svg, i, ChartFrame.LEFT + 10, legend - 4, true);
      legendLine(svg, legend(hookPoints.get(i)), legend);
    }
    names(svg, ChartFrame.HEIGHT + hookPoints.size() * LINE + 6);
    return svg.close();
  }

  private static void legendLine(Html svg, String text, double y) {
    svg.leaf("text", text, "class", "tick", "x", ChartFrame.LEFT + 24, "y", y);
  }

  /** A letter at each named mark, and below which site and scale it is. */
  private void names(Html svg, double top) {
    for (int i = 0; i < named.size(); i++) {
      SiteScore score = named.get(named.size() - 1 - i);
      String letter = String.valueOf((char) ('A' + i));
      double y = top + i * LINE;
      svg.leaf("text", letter, "class", "name", "x", across(score) + 7, "y", up(score) - 6);
      svg.leaf("text", letter, "class", "name mid", "x", ChartFrame.LEFT + 10, "y", y);
      String of =
          Labels.siteAndScale(score)
              + ": "
              + Numbers.signed(score.meanEffect())
              + ", fluency "
              + Numbers.signed(score.fluency());
      legendLine(svg, of, y);
    }
  }

  private String legend(HookPoint hookPoint) {
    List<SiteScore> here =
        shown.stream().filter(score -> score.site().hookPoint() == hookPoint).toList();
    long works = here.stream().filter(SiteScore::works).count();
    long broken = here.stream().filter(score -> score.is(Outcome.INCOHERENT)).count();
    return hookPoint.word()
        + ": "
        + here.size()
        + " drawn, "
        + works
        + " work, "
        + broken
        + " incoherent";
  }

  private void grid(Html svg) {
    ChartFrame.rows(svg, y);
    for (double tick : x.ticks()) {
      double at = x.at(tick);
      svg.leaf(
          "text", Numbers.signed(tick), "class", "tick mid", "x", at, "y", ChartFrame.BOTTOM + 20);
    }
    long guard = Math.round(x.at(Verdicts.LEAST_FLUENCY));
    svg.empty(
        "path",
        "class",
        "guard",
        "d",
        "M" + guard + " " + ChartFrame.TOP + "V" + ChartFrame.BOTTOM);
    svg.leaf("text", "effect asked for, nats per token ↑", "class", "axis", "x", 4, "y", 16);
    svg.leaf(
        "text",
        "fluency, nats per token →",
        "class",
        "axis end",
        "x",
        ChartFrame.RIGHT,
        "y",
        ChartFrame.BOTTOM + 38);
  }

  private void frontLine(Html svg) {
    StringBuilder path = new StringBuilder();
    for (SiteScore score : front) {
      path.append(path.isEmpty() ? "M" : "L").append(Math.round(across(score)));
      path.append(' ').append(Math.round(y.at(asked(score))));
    }
    if (!path.isEmpty()) {
      svg.empty("path", "class", "front", "d", path);
    }
  }

  /** The front; the other marks are rows of the page's table of all sites and scales. */
  private Html table() {
    return ScoreTable.of(front);
  }
}
