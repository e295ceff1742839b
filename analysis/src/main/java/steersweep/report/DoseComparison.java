package steersweep.report;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import steersweep.model.HookPoint;
import steersweep.plan.Site;
import steersweep.score.EqualDose;
import steersweep.score.EqualDose.AtDose;
import steersweep.score.Interval;
import steersweep.score.SiteScore;

/**
 * Attention values against whole block outputs at equal dose, layer by layer, a drawing for each
 * dose. The doses span those at which any layer was run with both and kept its texts whole.
 */
final class DoseComparison {
  private static final double LINE = 18;
  private static final List<HookPoint> HOOK_POINTS =
      List.of(HookPoint.VALUE, HookPoint.RESIDUAL_POST);

  private final List<Integer> layers;
  private final Map<Double, Map<Site, AtDose>> at = new LinkedHashMap<>();

  private DoseComparison(EqualDose effects, List<SiteScore> scores) {
    layers =
        scores.stream()
            .map(SiteScore::site)
            .filter(site -> site.allHeads() && HOOK_POINTS.contains(site.hookPoint()))
            .map(Site::layer)
            .distinct()
            .sorted()
            .toList();
    double[] shared =
        layers.stream()
            .flatMap(layer -> effects.shared(site(0, layer), site(1, layer)).stream())
            .mapToDouble(dose -> dose)
            .toArray();
    double low = DoubleStream.of(shared).min().orElse(Double.NaN);
    double high = DoubleStream.of(shared).max().orElse(Double.NaN);
    for (double dose : EqualDose.spaced(low, high)) {
      Map<Site, AtDose> known = new LinkedHashMap<>();
      Stream.of(0, 1)
          .flatMap(series -> layers.stream().map(layer -> effects.at(site(series, layer), dose)))
          .filter(of -> of.effect().n() > 0)
          .forEach(of -> known.put(of.site(), of));
      at.put(dose, known);
    }
  }

  /** The dose worth looking at first in front; empty where nothing can be compared. */
  static List<Figure> figures(EqualDose effects, List<SiteScore> scores) {
    if (!effects.residual()) {
      return List.of();
    }
    DoseComparison chart = new DoseComparison(effects, scores);
    List<Double> doses = List.copyOf(chart.at.keySet());
    return doses.stream()
        .sorted(Comparator.comparing(chart::compared).reversed())
        .map(dose -> chart.figure(dose, doses.indexOf(dose) + 1))
        .toList();
  }

  private static Site site(int series, int layer) {
    return new Site(HOOK_POINTS.get(series), layer, Site.ALL_HEADS);
  }

  private Map<Site, AtDose> at(double dose) {
    return at.getOrDefault(dose, Map.of());
  }

  /** Layers with coherent texts of both. */
  private long compared(double dose) {
    Map<Site, AtDose> here = at(dose);
    return layers.stream()
        .filter(
            layer ->
                Stream.of(0, 1)
                    .map(series -> here.get(site(series, layer)))
                    .allMatch(of -> of != null && of.coherent()))
        .count();
  }

  private Figure figure(double dose, int number) {
    String id = "equal-dose-" + number;
    String title = "value against residual_post, dose " + AtDoses.dose(dose);
    return new Figure(
        id,
        title,
        "Mean effect of steering whole layers with its 95 % interval, every layer at the same dose:"
            + " what it writes into the residual stream is "
            + AtDoses.dose(dose).substring(1)
            + " times as long as the stream. Hollow marks are incoherent; layers that were not run"
            + " both weaker and stronger are left out.",
        drawing(id, title, dose),
        table(dose),
        false);
  }

  private Html drawing(String id, String title, double dose) {
    Html svg =
        Figure.drawing(
            id,
            title,
            "Effect by layer, hook points beside each other; the numbers are in the table.",
            ChartFrame.WIDTH,
            ChartFrame.HEIGHT + HOOK_POINTS.size() * LINE,
            ChartFrame.LEAST);
    // One scale for all doses, so that they can be compared.
    Axis y =
        Axis.around(
            ends().reduce(0, Math::min),
            ends().reduce(0, Math::max),
            ChartFrame.BOTTOM,
            ChartFrame.TOP);
    Axis x = new Axis(-0.5, layers.size() - 0.5, ChartFrame.LEFT, ChartFrame.RIGHT);
    ChartFrame.rows(svg, y);
    svg.leaf("text", "effect, nats per token ↑", "class", "axis", "x", 4, "y", 16);
    svg.leaf("text", "layer", "class", "axis", "x", 4, "y", ChartFrame.BOTTOM + 20);
    int every = 1 + layers.size() / 17;
    for (int i = 0; i < layers.size(); i += every) {
      String layer = String.valueOf(layers.get(i));
      svg.leaf("text", layer, "class", "tick mid", "x", x.at(i), "y", ChartFrame.BOTTOM + 20);
    }
    double apart = Math.min(10, 0.7 * (x.at(1) - x.at(0)) / HOOK_POINTS.size());
    for (int series = 0; series < HOOK_POINTS.size(); series++) {
      double shift = (series - (HOOK_POINTS.size() - 1) / 2.0) * apart;
      for (int i = 0; i < layers.size(); i++) {
        AtDose of = at(dose).get(new Site(HOOK_POINTS.get(series), layers.get(i), Site.ALL_HEADS));
        if (of != null) {
          point(svg, series, x.at(i) + shift, y, of);
        }
      }
      double legend = ChartFrame.HEIGHT - 10 + series * LINE;
      Marks.draw(svg, series, ChartFrame.LEFT + 10, legend - 4, true);
      String word = HOOK_POINTS.get(series).word();
      svg.leaf("text", word, "class", "tick", "x", ChartFrame.LEFT + 24, "y", legend);
    }
    return svg.close();
  }

  private DoubleStream ends() {
    return at.values().stream()
        .flatMap(of -> of.values().stream())
        .filter(AtDose::coherent)
        .map(AtDose::effect)
        .flatMapToDouble(effect -> DoubleStream.of(effect.mean(), effect.low(), effect.high()))
        .filter(Double::isFinite);
  }

  private static void point(Html svg, int series, double x, Axis y, AtDose of) {
    Interval effect = of.effect();
    svg.open("g").leaf("title", AtDoses.details(of));
    if (effect.known()) {
      String line =
          "M" + Math.round(x) + " " + down(y, effect.low()) + "V" + down(y, effect.high());
      svg.empty("path", "class", "whisker series-" + series, "d", line);
    }
    Marks.draw(svg, series, x, down(y, effect.mean()), of.coherent());
    svg.close();
  }

  private static long down(Axis y, double effect) {
    return Math.round(y.at(Math.max(y.low(), Math.min(y.high(), effect))));
  }

  private Html table(double dose) {
    Html table = new Html().open("table", "class", "numbers").open("thead").open("tr");
    Stream.of("site", "effect", "95 % interval", "n", "coherent")
        .forEach(header -> table.leaf("th", header, "scope", "col"));
    table.close().close().open("tbody");
    at(dose).values().stream()
        .sorted(
            Comparator.<AtDose, HookPoint>comparing(of -> of.site().hookPoint())
                .thenComparing(of -> of.site().layer()))
        .forEach(
            of -> {
              table.open("tr").leaf("th", Labels.site(of.site()), "scope", "row");
              table.leaf("td", Numbers.signed(of.effect().mean()));
              table.leaf("td", Numbers.interval(of.effect()));
              table.leaf("td", String.valueOf(of.effect().n()));
              table.leaf("td", of.coherent() ? "yes" : "no").close();
            });
    return table.close().close();
  }
}
