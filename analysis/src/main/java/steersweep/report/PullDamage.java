package steersweep.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import steersweep.model.HookPoint;
import steersweep.score.ConceptFindings;
import steersweep.score.Outcome;
import steersweep.score.SiteScore;

/** What a pull costs: pull against damage, a mark for each site and setting of a concept. */
final class PullDamage {
  /** Marks in the drawing, the strongest first; more would be a blot, and a heavy page. */
  private static final int MOST_MARKS = 400;

  /** Any more damage is drawn at this edge: how broken a broken model is does not matter. */
  private static final double MOST_BUDGETS = 2;

  /** Marks of the front that have a letter, the strongest first. */
  private static final int MOST_NAMED = 8;

  private static final double LINE = 18;

  private final String id;
  private final String title;
  private final double budget;
  private final List<SiteScore> shown;
  private final List<HookPoint> hookPoints;
  private final List<SiteScore> front;
  private final List<SiteScore> named;
  private final Axis x;
  private final Axis y;

  private PullDamage(String id, String title, List<SiteScore> shown, double budget) {
    this.id = id;
    this.title = title;
    this.shown = shown;
    this.budget = budget;
    hookPoints = shown.stream().map(score -> score.site().hookPoint()).distinct().sorted().toList();
    front = front(shown);
    named = front.subList(Math.max(0, front.size() - MOST_NAMED), front.size());
    double most = shown.stream().mapToDouble(SiteScore::damage).reduce(1.1 * budget, Math::max);
    x = new Axis(0, Math.min(MOST_BUDGETS * budget, most), ChartFrame.LEFT, ChartFrame.RIGHT);
    double[] asked =
        shown.stream()
            .filter(score -> !score.is(Outcome.DAMAGING))
            .mapToDouble(PullDamage::asked)
            .toArray();
    y =
        Axis.around(
            DoubleStream.of(asked).reduce(0, Math::min),
            DoubleStream.of(asked).reduce(0, Math::max),
            ChartFrame.BOTTOM,
            ChartFrame.TOP);
  }

  static Optional<Figure> figure(ConceptFindings of, int number, double budget) {
    List<SiteScore> read =
        of.scores().stream()
            .filter(score -> Double.isFinite(score.damage()) && score.pull().n() > 0)
            .sorted(Comparator.comparing(PullDamage::asked).reversed())
            .toList();
    if (read.isEmpty()) {
      return Optional.empty();
    }
    List<SiteScore> shown = read.stream().limit(MOST_MARKS).toList();
    String id = "pull-damage-" + (of.all() ? "all" : String.valueOf(number));
    String title = "Pull against damage: " + of.concept();
    PullDamage chart = new PullDamage(id, title, shown, budget);
    String cut =
        shown.size() < read.size()
            ? " Of "
                + Numbers.count(read.size())
                + " the "
                + Numbers.count(shown.size())
                + " strongest are drawn."
            : "";
    return Optional.of(
        new Figure(
            id,
            title,
            "A mark for each site and setting; filled ones are confirmed by texts. Pulls at negative"
                + " settings are turned round, so that up is always the direction asked for. The line"
                + " is the front: nothing else pulls as far for as little damage; its strongest have"
                + " a letter. Dashed: the damage budget; marks on an edge are beyond it."
                + cut,
            chart.svg(),
            ScoreTable.of(of.concept(), chart.front),
            false));
  }

  private static double asked(SiteScore score) {
    return score.asked().mean();
  }

  private static List<SiteScore> front(List<SiteScore> shown) {
    List<SiteScore> front = new ArrayList<>();
    double most = 0;
    List<SiteScore> cheapFirst =
        shown.stream()
            .filter(score -> !score.is(Outcome.DAMAGING))
            .sorted(
                Comparator.comparing(SiteScore::damage)
                    .thenComparing(Comparator.comparing(PullDamage::asked).reversed()))
            .toList();
    for (SiteScore score : cheapFirst) {
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
    return x.at(Math.min(x.high(), score.damage()));
  }

  private Html svg() {
    Html svg =
        Figure.drawing(
            id,
            title,
            shown.size() + " sites and settings; " + front.size() + " of them are on the front.",
            ChartFrame.WIDTH,
            ChartFrame.HEIGHT + (hookPoints.size() + named.size()) * LINE + 8,
            ChartFrame.LEAST);
    grid(svg);
    for (SiteScore score : shown) {
      svg.open("g", "data-cell", Labels.key(score.point())).leaf("title", Labels.details(score));
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

  /** A letter at each named mark, and below which site and setting it is. */
  private void names(Html svg, double top) {
    for (int i = 0; i < named.size(); i++) {
      SiteScore score = named.get(named.size() - 1 - i);
      String letter = String.valueOf((char) ('A' + i));
      double y = top + i * LINE;
      svg.leaf("text", letter, "class", "name", "x", across(score) + 7, "y", up(score) - 6);
      svg.leaf("text", letter, "class", "name mid", "x", ChartFrame.LEFT + 10, "y", y);
      String text =
          Labels.point(score.point())
              + ": "
              + Numbers.signed(score.pull().mean())
              + ", damage "
              + Numbers.fixed(score.damage(), 2);
      legendLine(svg, text, y);
    }
  }

  private String legend(HookPoint hookPoint) {
    List<SiteScore> here =
        shown.stream().filter(score -> score.site().hookPoint() == hookPoint).toList();
    long works = here.stream().filter(SiteScore::works).count();
    return hookPoint.word() + ": " + here.size() + " drawn, " + works + " confirmed";
  }

  private void grid(Html svg) {
    ChartFrame.rows(svg, y);
    for (double tick : x.ticks()) {
      String text = Numbers.fixed(tick, 2);
      double at = x.at(tick);
      svg.leaf("text", text, "class", "tick mid", "x", at, "y", ChartFrame.BOTTOM + 20);
    }
    long guard = Math.round(x.at(budget));
    String line = "M" + guard + " " + ChartFrame.TOP + "V" + ChartFrame.BOTTOM;
    svg.empty("path", "class", "guard", "d", line);
    svg.leaf("text", "pull asked for, nats per token ↑", "class", "axis", "x", 4, "y", 16);
    svg.leaf(
        "text",
        "damage, nats per token →",
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
      path.append(' ').append(Math.round(up(score)));
    }
    if (!path.isEmpty()) {
      svg.empty("path", "class", "front", "d", path);
    }
  }
}
