package steersweep.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import steersweep.model.HookPoint;
import steersweep.score.ConceptFindings;
import steersweep.score.Interval;
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

  /** Room for a letter, as a share of an axis. */
  private static final double LETTER = 0.07;

  private static final double HEIGHT = 260;

  private PullDamage() {}

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
    List<SiteScore> front = front(shown);
    String id = "pull-damage-" + (of.all() ? "all" : String.valueOf(number));
    String title = "Pull against damage: " + of.concept();
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
                + " a letter. Dashed: the damage budget; what an arrow points at is beyond the axis."
                + cut,
            drawing(id, title, shown, front, budget),
            ScoreTable.of(of.concept(), front),
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

  private static Html drawing(
      String id, String title, List<SiteScore> shown, List<SiteScore> front, double budget) {
    double most = shown.stream().mapToDouble(SiteScore::damage).reduce(1.1 * budget, Math::max);
    Axis x = new Axis(0, Math.min(MOST_BUDGETS * budget, most), 0, 1);
    List<Chart.Tick> ticks =
        x.ticks().stream().map(at -> new Chart.Tick(at, Numbers.fixed(at, 2), "")).toList();
    Axis y = Chart.upward(Chart.scaling(shown).stream().mapToDouble(PullDamage::asked), HEIGHT);
    List<Chart.Letter> letters = new ArrayList<>();
    List<List<String>> notes = new ArrayList<>();
    List<SiteScore> named = named(front, x.high(), y.high() - y.low());
    for (SiteScore score : named) {
      String letter = String.valueOf((char) ('A' + letters.size()));
      letters.add(new Chart.Letter(letter, score.damage(), asked(score)));
      notes.add(
          List.of(
              letter,
              Labels.site(score.site())
                  + " at "
                  + Numbers.scale(score.setting())
                  + ": "
                  + Numbers.signed(score.pull().mean())
                  + ", damage "
                  + Numbers.fixed(score.damage(), 2)));
    }
    Chart.Panel panel =
        new Chart.Panel("", "pull asked for, nats per token", y, series(shown, front), letters);
    return new Chart(
            new Chart.Across("damage, nats per token →", "", 0, x.high(), ticks, budget),
            List.of(panel),
            1,
            HEIGHT)
        .svg(
            id,
            title,
            shown.size() + " sites and settings; " + front.size() + " of them are on the front.",
            notes);
  }

  /** The strongest of the front whose letters have room. */
  private static List<SiteScore> named(List<SiteScore> front, double across, double up) {
    List<SiteScore> named = new ArrayList<>();
    for (int i = front.size() - 1; i >= 0 && named.size() < MOST_NAMED; i--) {
      SiteScore score = front.get(i);
      boolean free =
          named.stream()
              .allMatch(
                  other ->
                      Math.abs(other.damage() - score.damage()) > LETTER * across
                          || Math.abs(asked(other) - asked(score)) > LETTER * up);
      if (free) {
        named.add(score);
      }
    }
    return named;
  }

  private static List<Chart.Series> series(List<SiteScore> shown, List<SiteScore> front) {
    List<Chart.Series> series = new ArrayList<>();
    List<HookPoint> hookPoints =
        shown.stream().map(score -> score.site().hookPoint()).distinct().sorted().toList();
    for (int i = 0; i < hookPoints.size(); i++) {
      HookPoint at = hookPoints.get(i);
      List<SiteScore> here = shown.stream().filter(s -> s.site().hookPoint() == at).toList();
      long works = here.stream().filter(SiteScore::works).count();
      String name = at.word() + ": " + here.size() + " drawn, " + works + " confirmed";
      series.add(new Chart.Series(name, i, false, 0, here.stream().map(s -> point(s)).toList()));
    }
    List<Chart.Point> line = front.stream().map(PullDamage::point).toList();
    series.add(new Chart.Series("", Chart.FRONT, true, 0, line));
    return series;
  }

  private static Chart.Point point(SiteScore score) {
    return new Chart.Point(
        score.damage(),
        Interval.number(asked(score), score.pull().n()),
        score.works(),
        Labels.brief(score),
        Labels.key(score.point()));
  }
}
