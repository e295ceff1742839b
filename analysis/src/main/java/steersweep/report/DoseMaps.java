package steersweep.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import steersweep.model.HookPoint;
import steersweep.plan.Site;
import steersweep.score.EqualDose;
import steersweep.score.EqualDose.AtDose;
import steersweep.score.SiteScore;

/** Heatmaps at equal dose: layer x dose of whole layers, layer x head at one dose. */
final class DoseMaps {
  /** Cells of all layer x head maps, for a page that opens on a phone. */
  private static final int MOST_HEAD_CELLS = 1500;

  /** The colour scale's end is at least this far away, nats per token: noise stays pale. */
  private static final double PALE = 0.25;

  private final EqualDose effects;
  private final List<Site> sites;
  private final boolean towardsOnly;

  DoseMaps(EqualDose effects, List<SiteScore> scores) {
    this.effects = effects;
    sites = scores.stream().map(SiteScore::site).distinct().toList();
    towardsOnly = scores.stream().noneMatch(score -> score.scale() < 0);
  }

  /** Layer x dose of each hook point with whole layers. */
  List<Figure> layers() {
    return sites.stream()
        .filter(Site::allHeads)
        .map(Site::hookPoint)
        .distinct()
        .map(this::layers)
        .toList();
  }

  /**
   * Layer x head of each hook point where single heads were steered, a drawing for each positive
   * dose, the one worth looking at first in front.
   */
  Map<HookPoint, List<Figure>> heads() {
    List<Site> single =
        sites.stream().filter(s -> s.hookPoint().hasHeads() && !s.allHeads()).toList();
    Map<HookPoint, List<Figure>> maps = new LinkedHashMap<>();
    for (HookPoint hookPoint : single.stream().map(Site::hookPoint).distinct().toList()) {
      List<Site> here = single.stream().filter(site -> site.hookPoint() == hookPoint).toList();
      maps.put(hookPoint, heads(hookPoint, here, Math.max(1, MOST_HEAD_CELLS / single.size())));
    }
    return maps;
  }

  private Figure layers(HookPoint hookPoint) {
    List<Site> here = in(site -> site.hookPoint() == hookPoint && site.allHeads());
    List<Double> doses = new ArrayList<>(effects.doses(here::contains));
    if (!towardsOnly) {
      List<Double> towards = List.copyOf(doses);
      towards.forEach(dose -> doses.add(0, -dose));
    }
    Map<Double, Map<Site, AtDose>> at = new LinkedHashMap<>();
    doses.forEach(dose -> at.put(dose, at(here, dose)));
    List<Integer> layers = here.stream().map(Site::layer).distinct().sorted().toList();
    List<List<Heatmap.@Nullable Cell>> rows = new ArrayList<>();
    for (int layer : layers) {
      List<Heatmap.@Nullable Cell> row = new ArrayList<>();
      Site site = new Site(hookPoint, layer, Site.ALL_HEADS);
      at.values().forEach(of -> row.add(cell(of.get(site))));
      rows.add(row);
    }
    String title = "Effect at " + hookPoint.word() + " at equal dose";
    return map("dose-" + slug(hookPoint), title, "dose", layers, names(doses), rows)
        .figure(
            "The same effects where every layer got the same dose ("
                + unit()
                + "; negative for negative scales), interpolated between the scales that were run."
                + " Dotted: not run at that dose. Coloured: the 95 % interval lies off 0, each"
                + " cell by itself.");
  }

  private List<Figure> heads(HookPoint hookPoint, List<Site> here, int most) {
    List<Double> doses = effects.doses(here::contains);
    Map<Double, Map<Site, AtDose>> at = new LinkedHashMap<>();
    doses.forEach(dose -> at.put(dose, at(here, dose)));
    Comparator<Double> clear =
        Comparator.comparing(
            dose ->
                at.getOrDefault(dose, Map.of()).values().stream().filter(AtDoses::clear).count());
    List<Integer> layers = here.stream().map(Site::layer).distinct().sorted().toList();
    List<Integer> heads = here.stream().map(Site::head).distinct().sorted().toList();
    List<Figure> figures = new ArrayList<>();
    for (double dose : doses.stream().sorted(clear.reversed()).limit(most).toList()) {
      List<List<Heatmap.@Nullable Cell>> rows = new ArrayList<>();
      for (int layer : layers) {
        List<Heatmap.@Nullable Cell> row = new ArrayList<>();
        for (int head : heads) {
          row.add(cell(at.getOrDefault(dose, Map.of()).get(new Site(hookPoint, layer, head))));
        }
        rows.add(row);
      }
      String id = "head-dose-" + slug(hookPoint) + "-" + (doses.indexOf(dose) + 1);
      String title =
          "Effect at single heads of " + hookPoint.word() + ", dose " + AtDoses.dose(dose);
      List<String> columns = heads.stream().map(String::valueOf).toList();
      figures.add(
          map(id, title, "head", layers, columns, rows)
              .figure(
                  "Single heads where each got the same dose ("
                      + unit()
                      + "). Dotted: not run at that dose. Coloured: the 95 % interval lies off 0,"
                      + " each cell by itself."));
    }
    return figures;
  }

  private List<Site> in(Predicate<Site> wanted) {
    return sites.stream().filter(wanted).toList();
  }

  /** The sites that were run at about that dose, weaker and stronger. */
  private Map<Site, AtDose> at(List<Site> here, double dose) {
    Map<Site, AtDose> known = new LinkedHashMap<>();
    here.parallelStream()
        .map(site -> effects.at(site, dose))
        .toList()
        .forEach(
            of -> {
              if (of.effect().n() > 0) {
                known.put(of.site(), of);
              }
            });
    return known;
  }

  private String unit() {
    return effects.residual()
        ? "share of the residual stream"
        : "share of the activation at the site";
  }

  private static List<String> names(List<Double> doses) {
    return doses.stream().map(AtDoses::dose).toList();
  }

  private static String slug(HookPoint hookPoint) {
    return hookPoint.word().replace('_', '-');
  }

  private static Heatmap map(
      String id,
      String title,
      String columnAxis,
      List<Integer> layers,
      List<String> columns,
      List<List<Heatmap.@Nullable Cell>> rows) {
    double limit =
        rows.stream()
            .flatMap(List::stream)
            .filter(cell -> cell != null && cell.mark() != Heatmap.Mark.INCOHERENT)
            .mapToDouble(cell -> Math.abs(cell.value()))
            .reduce(PALE, Math::max);
    return new Heatmap(
        id,
        title,
        title + ", layer by " + columnAxis + ".",
        "layer",
        columnAxis,
        layers.stream().map(String::valueOf).toList(),
        columns,
        rows,
        Palette.DIVERGING,
        -limit,
        limit,
        "effect");
  }

  private static Heatmap.@Nullable Cell cell(@Nullable AtDose of) {
    if (of == null) {
      return null;
    }
    Heatmap.Mark mark =
        !of.coherent()
            ? Heatmap.Mark.INCOHERENT
            : AtDoses.clear(of) ? Heatmap.Mark.NONE : Heatmap.Mark.UNSURE;
    return new Heatmap.Cell(of.effect().mean(), mark, AtDoses.details(of));
  }
}
