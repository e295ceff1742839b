package steersweep.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import steersweep.model.HookPoint;
import steersweep.plan.Site;
import steersweep.score.EqualDose;
import steersweep.score.EqualDose.AtDose;
import steersweep.score.Interval;

/**
 * Sites compared at equal doses: a layer x dose map for each hook point, layer x head maps, and
 * hook points beside each other, a drawing for each dose.
 */
final class EqualDoses {
  private static final double LINE = 18;

  /** Cells of all layer x head maps, for a page that opens on a phone. */
  private static final int MOST_HEAD_CELLS = 1500;

  private final boolean residual;
  private final List<HookPoint> hookPoints;

  /** By dose, ascending, negative doses included: the sites that were run that strongly. */
  private final Map<Double, Map<Site, AtDose>> at = new HashMap<>();

  private final List<Double> doses = new ArrayList<>();
  private final List<Integer> layers;

  EqualDoses(EqualDose effects) {
    residual = effects.residual();
    List<Double> positive = effects.doses();
    positive.stream().sorted(Comparator.reverseOrder()).map(dose -> -dose).forEach(doses::add);
    doses.addAll(positive);
    for (double dose : doses) {
      Map<Site, AtDose> known = new HashMap<>();
      effects.at(dose).stream()
          .filter(of -> of.effect().n() > 0)
          .forEach(of -> known.put(of.site(), of));
      at.put(dose, known);
    }
    doses.removeIf(dose -> at(dose).isEmpty());
    List<Site> sites = doses.stream().flatMap(dose -> at(dose).keySet().stream()).toList();
    hookPoints =
        sites.stream().filter(Site::allHeads).map(Site::hookPoint).distinct().sorted().toList();
    layers = sites.stream().map(Site::layer).distinct().sorted().toList();
  }

  /**
   * Layer x head of each hook point where single heads were steered, a drawing for each positive
   * dose, the one worth looking at first in front.
   */
  Map<HookPoint, List<Figure>> headMaps() {
    Map<HookPoint, Set<Site>> heads = new TreeMap<>();
    at.values().stream()
        .flatMap(of -> of.keySet().stream())
        .filter(site -> site.hookPoint().hasHeads() && !site.allHeads())
        .forEach(site -> heads.computeIfAbsent(site.hookPoint(), h -> new HashSet<>()).add(site));
    Map<HookPoint, List<Figure>> maps = new LinkedHashMap<>();
    heads.forEach(
        (hookPoint, sites) -> {
          int most = Math.max(1, MOST_HEAD_CELLS / heads.size() / sites.size());
          List<Integer> columns = sites.stream().map(Site::head).distinct().sorted().toList();
          maps.put(
              hookPoint,
              towards(of -> of.site().hookPoint() == hookPoint && !of.site().allHeads())
                  .limit(most)
                  .map(dose -> headMap(hookPoint, columns, dose))
                  .toList());
        });
    return maps;
  }

  /** Positive doses, those with most clear effects first. */
  private Stream<Double> towards(Predicate<AtDose> counted) {
    Comparator<Double> clear =
        Comparator.comparing(
            dose -> at(dose).values().stream().filter(counted).filter(EqualDoses::clear).count());
    return doses.stream().filter(dose -> dose > 0).sorted(clear.reversed());
  }

  private Figure headMap(HookPoint hookPoint, List<Integer> heads, double dose) {
    List<List<Heatmap.@Nullable Cell>> rows = new ArrayList<>();
    for (int layer : layers) {
      List<Heatmap.@Nullable Cell> row = new ArrayList<>();
      for (int head : heads) {
        row.add(cell(at(dose).get(new Site(hookPoint, layer, head))));
      }
      rows.add(row);
    }
    String title = "Effect at single heads of " + hookPoint.word() + ", dose " + dose(dose);
    String id = "head-dose-" + hookPoint.word().replace('_', '-') + "-" + (doses.indexOf(dose) + 1);
    return new Heatmap(
            id,
            title,
            title + ", layer by head.",
            "layer",
            "head",
            layers.stream().map(String::valueOf).toList(),
            heads.stream().map(String::valueOf).toList(),
            rows,
            Palette.DIVERGING,
            -limit(),
            limit(),
            "effect")
        .figure("Single heads where each got the same dose (" + unit() + "). Colours as above.");
  }

  /** Layer x dose of each hook point. */
  List<Figure> maps() {
    return hookPoints.stream().map(this::map).toList();
  }

  /**
   * Hook points beside each other, a drawing for each positive dose, the one worth looking at first
   * in front; empty where doses of different hook points cannot be compared, or there is only one.
   */
  List<Figure> comparisons() {
    if (!residual || hookPoints.size() < 2) {
      return List.of();
    }
    return towards(of -> of.site().allHeads()).map(this::comparison).toList();
  }

  private Map<Site, AtDose> at(double dose) {
    return at.getOrDefault(dose, Map.of());
  }

  private static boolean clear(AtDose of) {
    return of.coherent() && (of.effect().above0() || of.effect().below0());
  }

  private String unit() {
    return residual ? "share of the residual stream" : "share of the activation at the site";
  }

  /** End of the colour scale. */
  private double limit() {
    return at.values().stream()
        .flatMap(of -> of.values().stream())
        .filter(AtDose::coherent)
        .mapToDouble(of -> Math.abs(of.effect().mean()))
        .reduce(0.25, Math::max);
  }

  private Figure map(HookPoint hookPoint) {
    List<List<Heatmap.@Nullable Cell>> rows = new ArrayList<>();
    for (int layer : layers) {
      List<Heatmap.@Nullable Cell> row = new ArrayList<>();
      for (double dose : doses) {
        row.add(cell(at(dose).get(new Site(hookPoint, layer, Site.ALL_HEADS))));
      }
      rows.add(row);
    }
    String title = "Effect at " + hookPoint.word() + " at equal dose";
    return new Heatmap(
            "dose-" + hookPoint.word().replace('_', '-'),
            title,
            title + ", layer by dose.",
            "layer",
            "dose",
            layers.stream().map(String::valueOf).toList(),
            doses.stream().map(EqualDoses::dose).toList(),
            rows,
            Palette.DIVERGING,
            -limit(),
            limit(),
            "effect")
        .figure(
            "The same effects where every layer got the same dose ("
                + unit()
                + "; negative for negative scales), interpolated between the scales that were run."
                + " Dotted: not run that strongly. Coloured: the 95 % interval lies off 0, each"
                + " cell by itself.");
  }

  private static Heatmap.@Nullable Cell cell(@Nullable AtDose of) {
    if (of == null) {
      return null;
    }
    Heatmap.Mark mark =
        !of.coherent()
            ? Heatmap.Mark.INCOHERENT
            : clear(of) ? Heatmap.Mark.NONE : Heatmap.Mark.UNSURE;
    return new Heatmap.Cell(of.effect().mean(), mark, details(of));
  }

  private static String details(AtDose of) {
    return Labels.site(of.site())
        + " at dose "
        + dose(of.dose())
        + ": effect "
        + Labels.effect(of.effect())
        + ", n "
        + of.effect().n()
        + (of.coherent() ? "" : ", incoherent");
  }

  /** Two digits that count: {@code +0.034}, {@code −1.2}. */
  private static String dose(double dose) {
    double size = Math.abs(dose);
    int decimals = size >= 10 ? 0 : size >= 1 ? 1 : size >= 0.1 ? 2 : 3;
    return (dose > 0 ? "+" : "") + Numbers.fixed(dose, decimals);
  }

  private Figure comparison(double dose) {
    String id = "equal-dose-" + (doses.indexOf(dose) + 1);
    String title =
        hookPoints.stream().map(HookPoint::word).reduce((a, b) -> a + " against " + b).orElse("")
            + ", dose "
            + dose(dose);
    return new Figure(
        id,
        title,
        "Mean effect of steering whole layers with its 95 % interval, every site at the same dose: "
            + "what it writes into the residual stream is as long as "
            + dose(dose).substring(1)
            + " of the stream. Hollow marks are incoherent; sites that were not run that strongly"
            + " are left out.",
        drawing(id, title, dose),
        table(dose));
  }

  private Html drawing(String id, String title, double dose) {
    Html svg =
        Figure.drawing(
            id,
            title,
            "Effect by layer, hook points beside each other; the numbers are in the table.",
            ChartFrame.WIDTH,
            ChartFrame.HEIGHT + hookPoints.size() * LINE,
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
    double apart = Math.min(10, 0.7 * (x.at(1) - x.at(0)) / hookPoints.size());
    for (int series = 0; series < hookPoints.size(); series++) {
      double shift = (series - (hookPoints.size() - 1) / 2.0) * apart;
      for (int i = 0; i < layers.size(); i++) {
        AtDose of = at(dose).get(new Site(hookPoints.get(series), layers.get(i), Site.ALL_HEADS));
        if (of != null) {
          point(svg, series, x.at(i) + shift, y, of);
        }
      }
      double legend = ChartFrame.HEIGHT - 10 + series * LINE;
      Marks.draw(svg, series, ChartFrame.LEFT + 10, legend - 4, true);
      String word = hookPoints.get(series).word();
      svg.leaf("text", word, "class", "tick", "x", ChartFrame.LEFT + 24, "y", legend);
    }
    return svg.close();
  }

  private DoubleStream ends() {
    return at.entrySet().stream()
        .filter(entry -> entry.getKey() > 0)
        .flatMap(entry -> entry.getValue().values().stream())
        .filter(AtDose::coherent)
        .map(AtDose::effect)
        .flatMapToDouble(effect -> DoubleStream.of(effect.mean(), effect.low(), effect.high()))
        .filter(Double::isFinite);
  }

  private static void point(Html svg, int series, double x, Axis y, AtDose of) {
    Interval effect = of.effect();
    svg.open("g").leaf("title", details(of));
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
        .filter(of -> of.site().allHeads())
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
