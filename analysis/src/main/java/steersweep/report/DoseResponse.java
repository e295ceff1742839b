package steersweep.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import steersweep.measure.Measure;
import steersweep.plan.DoseUnit;
import steersweep.plan.Site;
import steersweep.score.ConceptFindings;
import steersweep.score.Estimate;
import steersweep.score.Interval;
import steersweep.score.Outcome;
import steersweep.score.SiteScore;

/** Pull, with the random control beside it, and damage against setting, site by site. */
final class DoseResponse {
  private static final double DODGE = 5;
  private static final double HEIGHT = 170;

  private DoseResponse() {}

  /** The recommended site in front, then others by their largest pull. */
  static List<Figure> figures(ConceptFindings of, int number, int most, DoseUnit unit) {
    SiteScore best = of.recommendation().score();
    List<SiteScore> read = of.scores().stream().filter(score -> score.pull().n() > 0).toList();
    return read.stream()
        .sorted(
            Comparator.<SiteScore, Boolean>comparing(
                    score -> best == null || !score.site().equals(best.site()))
                .thenComparing(score -> score.is(Outcome.DAMAGING))
                .thenComparing(score -> -score.asked().mean()))
        .map(SiteScore::site)
        .distinct()
        .limit(most)
        .map(site -> figure(of, number, site, unit))
        .toList();
  }

  private static Figure figure(ConceptFindings of, int number, Site site, DoseUnit unit) {
    List<SiteScore> here =
        of.scores().stream()
            .filter(score -> score.site().equals(site) && score.pull().n() > 0)
            .toList();
    String id =
        "dose-response-"
            + (of.all() ? "all" : String.valueOf(number))
            + "-"
            + Labels.site(site).replaceAll("[ _]", "-");
    String title = of.concept() + " against setting, site " + Labels.site(site);
    String description = "Mean pull and damage over the setting; the numbers are in the table.";
    return new Figure(
        id,
        title,
        caption(of, here),
        chart(here, unit).svg(id, title, description, List.of()),
        table(here),
        false);
  }

  private static String caption(ConceptFindings of, List<SiteScore> scores) {
    boolean controlled = scores.stream().anyMatch(DoseResponse::controlled);
    return "Mean pull towards "
        + of.concept()
        + " and mean damage with 95 % intervals."
        + (controlled
            ? " Dashed: random directions of the same size; what counts is the distance between the"
                + " two."
            : " This sweep has no random control to draw beside it.")
        + " Hollow marks are above the damage budget. The setting axis is bent like a logarithm that"
        + " goes through 0; an arrow says that something goes on beyond the axis.";
  }

  private static boolean controlled(SiteScore score) {
    return score.of(Measure.PULL).control().n() > 0;
  }

  private static Chart chart(List<SiteScore> here, DoseUnit unit) {
    double smallest = here.stream().mapToDouble(s -> Math.abs(s.setting())).min().orElse(1);
    TreeSet<Double> settings = new TreeSet<>(List.of(0.0));
    here.forEach(score -> settings.add(score.setting()));
    List<Chart.Tick> ticks =
        settings.stream()
            .map(s -> new Chart.Tick(bent(s, smallest), Numbers.scale(s), n(here, s)))
            .toList();
    Chart.Across across =
        new Chart.Across(
            Labels.setting(unit) + " →",
            "n",
            bent(settings.first(), smallest) - 0.3,
            bent(settings.last(), smallest) + 0.3,
            ticks,
            Double.NaN);
    return new Chart(across, List.of(pull(here, smallest), damage(here, smallest)), 1, HEIGHT);
  }

  private static String n(List<SiteScore> here, double setting) {
    return here.stream()
        .filter(score -> score.setting() == setting)
        .map(score -> String.valueOf(score.pull().n()))
        .findFirst()
        .orElse("");
  }

  private static double bent(double setting, double smallest) {
    double t = setting / smallest;
    return Math.signum(t) * Math.log(Math.abs(t) + Math.sqrt(t * t + 1));
  }

  /** Broken models have any pull: they do not set the axis. */
  private static Chart.Panel pull(List<SiteScore> here, double smallest) {
    DoubleStream ends =
        Chart.scaling(here).stream()
            .map(score -> score.of(Measure.PULL))
            .flatMap(pull -> Stream.of(pull.steered(), pull.control()))
            .flatMapToDouble(Chart::ends);
    List<Chart.Series> series = new ArrayList<>();
    List<Chart.Point> steered = new ArrayList<>(List.of(nothing()));
    List<Chart.Point> control = new ArrayList<>(List.of(nothing()));
    for (SiteScore score : here) {
      double x = bent(score.setting(), smallest);
      Estimate pull = score.of(Measure.PULL);
      boolean filled = !score.is(Outcome.DAMAGING);
      String key = Labels.key(score.point());
      steered.add(new Chart.Point(x, pull.steered(), filled, Labels.brief(score), key));
      if (controlled(score)) {
        String tooltip = "random directions: pull " + Labels.effect(pull.control());
        control.add(new Chart.Point(x, pull.control(), true, tooltip, null));
      }
    }
    if (control.size() > 1) {
      series.add(new Chart.Series("random control", Chart.CONTROL, true, DODGE, control));
    }
    series.add(new Chart.Series("steered", 0, true, 0, steered));
    return new Chart.Panel(
        "", "pull, nats per token", Chart.upward(ends, HEIGHT), series, List.of());
  }

  private static Chart.Panel damage(List<SiteScore> here, double smallest) {
    List<Chart.Point> points = new ArrayList<>(List.of(nothing()));
    for (SiteScore score : here) {
      String tooltip = "damage " + Numbers.fixed(score.damage(), 2);
      boolean filled = !score.is(Outcome.DAMAGING);
      double x = bent(score.setting(), smallest);
      points.add(new Chart.Point(x, damage(score), filled, tooltip, Labels.key(score.point())));
    }
    DoubleStream ends =
        Chart.scaling(here).stream().flatMapToDouble(score -> Chart.ends(damage(score)));
    return new Chart.Panel(
        "",
        "damage, nats per token",
        Chart.upward(ends, HEIGHT),
        List.of(new Chart.Series("steered", 0, true, 0, points)),
        List.of());
  }

  private static Interval damage(SiteScore score) {
    return score.of(Measure.DAMAGE).steered();
  }

  private static Chart.Point nothing() {
    return new Chart.Point(0, Interval.number(0, 0), true, "not steered: 0", null);
  }

  private static Html table(List<SiteScore> here) {
    boolean controlled = here.stream().anyMatch(DoseResponse::controlled);
    List<String> headers = new ArrayList<>(List.of("setting", "pull", "95 % interval"));
    if (controlled) {
      headers.addAll(List.of("steered", "random"));
    }
    headers.addAll(List.of("damage", "coherent", "n"));
    Html table = new Html().open("table", "class", "numbers").columns(headers);
    for (SiteScore score : here) {
      Estimate pull = score.of(Measure.PULL);
      table.open("tr").leaf("th", Numbers.scale(score.setting()), "scope", "row");
      table.leaf("td", Numbers.signed(score.pull().mean()));
      table.leaf("td", Numbers.interval(score.pull()));
      if (controlled) {
        table.leaf("td", Numbers.signed(pull.steered().mean()));
        table.leaf("td", Numbers.signed(pull.control().mean()));
      }
      table.leaf("td", Numbers.fixed(score.damage(), 2));
      table.leaf("td", Numbers.percent(score.of(Measure.COHERENT).net().mean()));
      table.leaf("td", String.valueOf(score.pull().n())).close();
    }
    return table.close().close();
  }
}
