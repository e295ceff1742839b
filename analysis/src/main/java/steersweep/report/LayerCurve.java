package steersweep.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import steersweep.measure.Measure;
import steersweep.model.HookPoint;
import steersweep.plan.Site;
import steersweep.score.ConceptFindings;
import steersweep.score.EqualDamage;
import steersweep.score.EqualDamage.AtDamage;
import steersweep.score.Interval;
import steersweep.score.Outcome;
import steersweep.score.SiteScore;

/** Curves over the layers of the model, of steering whole layers. */
final class LayerCurve {
  private static final double HEIGHT = 240;

  /** Of panels below or beside each other. */
  private static final double LOW = 120;

  /** Settings that are drawn, of different marks. */
  private static final int MOST_SETTINGS = 5;

  private LayerCurve() {}

  /** Pull, damage and coherent texts at one hook point, a line for each positive setting. */
  static Optional<Figure> measures(ConceptFindings of, int number, HookPoint hookPoint) {
    List<SiteScore> whole =
        whole(of).filter(score -> score.site().hookPoint() == hookPoint).toList();
    List<Double> settings =
        some(whole.stream().map(SiteScore::setting).distinct().sorted().toList());
    List<Integer> layers = layers(whole.stream().map(SiteScore::site));
    if (layers.size() < 2) {
      return Optional.empty();
    }
    List<SiteScore> shown = whole.stream().filter(s -> settings.contains(s.setting())).toList();
    String id = "layers-" + hookPoint.word().replace('_', '-') + "-" + slug(of, number);
    String title = "By layer at " + hookPoint.word() + ": " + of.concept();
    List<Chart.Panel> panels = new ArrayList<>();
    panels.add(panel("pull, nats per token", shown, settings, layers, SiteScore::pull));
    panels.add(
        panel(
            "damage, nats per token",
            shown,
            settings,
            layers,
            score -> score.of(Measure.DAMAGE).steered()));
    Function<SiteScore, Interval> coherent = score -> score.of(Measure.COHERENT).steered();
    if (shown.stream().anyMatch(score -> coherent.apply(score).n() > 0)) {
      panels.add(panel("share of coherent texts", shown, settings, layers, coherent));
    }
    return Optional.of(
        new Figure(
            id,
            title,
            "Means of steering whole layers with 95 % intervals, random control taken off pulls, a"
                + " line for each setting. Hollow: above the damage budget. An arrow says that"
                + " something goes on beyond the axis.",
            new Chart(across(layers), panels, 1, LOW)
                .svg(id, title, title + "; the numbers are in the table.", List.of()),
            ScoreTable.of(of.concept(), shown),
            false));
  }

  private static Chart.Panel panel(
      String up,
      List<SiteScore> shown,
      List<Double> settings,
      List<Integer> layers,
      Function<SiteScore, Interval> measure) {
    List<Chart.Series> series = new ArrayList<>();
    for (double setting : settings) {
      int style = series.size();
      List<Chart.Point> points =
          shown.stream()
              .filter(score -> score.setting() == setting)
              .map(
                  score -> point(layers.indexOf(score.site().layer()), measure.apply(score), score))
              .toList();
      String name = "setting " + Numbers.scale(setting);
      double shift = 4.0 * (style - (settings.size() - 1) / 2.0);
      series.add(new Chart.Series(name, style, true, shift, points));
    }
    Axis y =
        Chart.upward(
            Chart.scaling(shown).stream()
                .flatMapToDouble(score -> Chart.ends(measure.apply(score))),
            LOW);
    return new Chart.Panel("", up, y, series, List.of());
  }

  private static Chart.Point point(double x, Interval interval, SiteScore score) {
    return new Chart.Point(
        x, interval, !score.is(Outcome.DAMAGING), Labels.brief(score), Labels.key(score.point()));
  }

  /** As many as can be told apart, the least and the largest among them. */
  private static List<Double> some(List<Double> settings) {
    int n = settings.size();
    return n <= MOST_SETTINGS
        ? settings
        : IntStream.range(0, MOST_SETTINGS)
            .mapToObj(i -> settings.get(i * (n - 1) / (MOST_SETTINGS - 1)))
            .toList();
  }

  private static Stream<SiteScore> whole(ConceptFindings of) {
    return of.scores().stream()
        .filter(score -> score.site().allHeads() && score.setting() > 0 && score.pull().n() > 0);
  }

  private static List<Integer> layers(Stream<Site> sites) {
    return sites.map(Site::layer).distinct().sorted().toList();
  }

  private static Chart.Across across(List<Integer> layers) {
    List<Chart.Tick> ticks =
        IntStream.range(0, layers.size())
            .mapToObj(i -> new Chart.Tick(i, String.valueOf(layers.get(i)), ""))
            .toList();
    return new Chart.Across("layer →", "", -0.5, layers.size() - 0.5, ticks, Double.NaN);
  }

  private static String slug(ConceptFindings of, int number) {
    return of.all() ? "all" : String.valueOf(number);
  }

  /** What each layer gives at its best setting: a panel for each concept, to be compared. */
  static Optional<Figure> everyConcept(List<ConceptFindings> concepts, double budget) {
    List<SiteScore> all = concepts.stream().flatMap(of -> best(of, budget).stream()).toList();
    List<Integer> layers = layers(all.stream().map(SiteScore::site));
    if (concepts.size() < 2 || layers.size() < 2) {
      return Optional.empty();
    }
    List<HookPoint> hookPoints =
        all.stream().map(score -> score.site().hookPoint()).distinct().sorted().toList();
    Axis y = Chart.upward(all.stream().flatMapToDouble(score -> Chart.ends(score.pull())), LOW);
    List<Chart.Panel> panels = new ArrayList<>();
    Html table = new Html().open("table", "class", "numbers");
    table.columns(List.of("concept", "site and setting", "pull", "95 % interval", "damage"));
    for (ConceptFindings of : concepts) {
      List<SiteScore> best = best(of, budget);
      List<Chart.Series> series = new ArrayList<>();
      for (HookPoint at : hookPoints) {
        List<Chart.Point> points =
            best.stream()
                .filter(score -> score.site().hookPoint() == at)
                .map(score -> small(of, layers.indexOf(score.site().layer()), score))
                .toList();
        series.add(new Chart.Series(at.word(), series.size(), true, 2.0 * series.size(), points));
      }
      panels.add(new Chart.Panel(of.concept(), "pull", y, series, List.of()));
      best.forEach(score -> row(table, of.concept(), score));
    }
    String title = "What each layer gives, concept by concept";
    return Optional.of(
        new Figure(
            "every-concept",
            title,
            "Mean pull, nats per token, with its 95 % interval, of each whole layer at the positive"
                + " setting where it pulls farthest within the damage budget. Filled: confirmed by"
                + " texts.",
            new Chart(across(layers), panels, 2, LOW)
                .svg("every-concept", title, title + ".", List.of()),
            table.close().close(),
            false));
  }

  private static List<SiteScore> best(ConceptFindings of, double budget) {
    List<SiteScore> within = whole(of).filter(score -> score.damage() <= budget).toList();
    return within.stream()
        .map(SiteScore::site)
        .distinct()
        .map(
            site ->
                within.stream()
                    .filter(score -> score.site().equals(site))
                    .max(Comparator.comparing(score -> score.pull().mean()))
                    .orElseThrow())
        .toList();
  }

  private static Chart.Point small(ConceptFindings of, double x, SiteScore score) {
    return new Chart.Point(
        x,
        score.pull(),
        score.works(),
        of.concept() + ", " + Labels.brief(score),
        Labels.key(score.point()));
  }

  private static void row(Html table, String concept, SiteScore score) {
    table.open("tr").leaf("th", concept, "scope", "row").open("td");
    table.leaf("a", Labels.point(score.point()), "href", Labels.address(concept, score.point()));
    table.close().leaf("td", Numbers.signed(score.pull().mean()));
    table.leaf("td", Numbers.interval(score.pull()));
    table.leaf("td", Numbers.fixed(score.damage(), 2)).close();
  }

  /** At equal damage, hook points beside each other: the damage with most layers in front. */
  static List<Figure> equalDamage(ConceptFindings of, int number) {
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
      String id = "equal-damage-" + slug(of, number) + "-" + Math.round(100 * damage);
      String title = "Pull by layer: " + of.concept() + ", damage " + Numbers.fixed(damage, 1);
      Figure figure = equalDamage(id, title, points);
      if (points.size() >= most) {
        most = points.size();
        figures.add(0, figure);
      } else {
        figures.add(figure);
      }
    }
    return figures;
  }

  private static Figure equalDamage(String id, String title, List<AtDamage> points) {
    List<Mark> marks =
        points.stream()
            .map(
                of ->
                    new Mark(
                        of.site(),
                        of.pull(),
                        Labels.site(of.site()) + ": pull " + Labels.effect(of.pull())))
            .toList();
    return new Figure(
        id,
        title,
        "Mean pull of steering whole layers with its 95 % interval, each where it does the same"
            + " damage, interpolated between the settings that were run. Layers that were not run so"
            + " strongly are left out.",
        beside(id, title, "pull, nats per token", marks),
        table(points),
        false);
  }

  /** A number of a whole layer. */
  record Mark(Site site, Interval value, String words) {}

  /** By layer, hook points beside each other. */
  static Html beside(String id, String title, String up, List<Mark> marks) {
    List<Integer> layers = layers(marks.stream().map(Mark::site));
    List<HookPoint> hookPoints =
        marks.stream().map(of -> of.site().hookPoint()).distinct().sorted().toList();
    List<Chart.Series> series = new ArrayList<>();
    for (HookPoint at : hookPoints) {
      List<Chart.Point> here =
          marks.stream()
              .filter(of -> of.site().hookPoint() == at)
              .map(of -> mark(layers.indexOf(of.site().layer()), of))
              .toList();
      double shift = 6 * (series.size() - (hookPoints.size() - 1) / 2.0);
      series.add(new Chart.Series(at.word(), series.size(), false, shift, here));
    }
    Axis y = Chart.upward(marks.stream().flatMapToDouble(of -> Chart.ends(of.value())), HEIGHT);
    Chart.Panel panel = new Chart.Panel("", up, y, series, List.of());
    return new Chart(across(layers), List.of(panel), 1, HEIGHT)
        .svg(id, title, title + ", hook points beside each other.", List.of());
  }

  private static Chart.Point mark(double x, Mark of) {
    return new Chart.Point(x, of.value(), true, of.words(), null);
  }

  private static Html table(List<AtDamage> points) {
    Html table = new Html().open("table", "class", "numbers");
    table.columns(List.of("site", "pull", "95 % interval", "n"));
    for (AtDamage of : points) {
      table.open("tr").leaf("th", Labels.site(of.site()), "scope", "row");
      table.leaf("td", Numbers.signed(of.pull().mean()));
      table.leaf("td", Numbers.interval(of.pull()));
      table.leaf("td", String.valueOf(of.pull().n())).close();
    }
    return table.close().close();
  }
}
