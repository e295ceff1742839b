package steersweep.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import steersweep.plan.Site;
import steersweep.score.ConceptFindings;
import steersweep.score.EqualDamage;
import steersweep.score.EqualDamage.AtDamage;
import steersweep.score.Interval;

/** Pull by layer at equal damage, hook points beside each other; whole layers of a concept. */
final class LayerCurve {
  private final String id;
  private final String title;
  private final List<AtDamage> points;

  private LayerCurve(String id, String title, List<AtDamage> points) {
    this.id = id;
    this.title = title;
    this.points = points;
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
    return LayerChart.drawing(
        id,
        title,
        "Pull by layer, hook points beside each other; the numbers are in the table.",
        "pull, nats per token",
        points.stream().map(LayerCurve::mark).toList());
  }

  private static LayerChart.At mark(AtDamage of) {
    Interval pull = of.pull();
    return new LayerChart.At(
        of.site(),
        pull.mean(),
        pull.known() ? pull.low() : Double.NaN,
        pull.high(),
        Labels.site(of.site()) + ": pull " + Labels.effect(pull));
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
