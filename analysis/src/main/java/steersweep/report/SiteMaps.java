package steersweep.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import steersweep.model.HookPoint;
import steersweep.plan.Site;
import steersweep.score.Findings;
import steersweep.score.Outcome;
import steersweep.score.Point;
import steersweep.score.SiteScore;
import steersweep.score.SiteVerdict;
import steersweep.score.Verdicts;

/** The heatmaps: layer x scale of whole layers, layer x head at one scale. */
final class SiteMaps {
  /** Fluency below this gets the last colour: such texts are all equally unreadable. */
  private static final double LOWEST_FLUENCY_COLOUR = -3;

  /** The colour scale's end is at least this many negligible effects away: noise stays pale. */
  private static final int PALE = 5;

  /** Heatmap cells of all layer x head maps; a page should open on a phone. */
  private static final int MOST_HEAD_CELLS = 2500;

  private final List<SiteScore> scores;
  private final List<Findings.Skipped> skipped;
  private final double effectLimit;
  private final double lowFluency;
  private final double highFluency;

  SiteMaps(List<SiteScore> scores, List<Findings.Skipped> skipped) {
    this.scores = scores;
    this.skipped = skipped;
    // Broken texts have wild effects and get no colour anyway: they must not bleach the rest.
    effectLimit =
        scores.stream()
            .filter(score -> !score.is(Outcome.INCOHERENT))
            .mapToDouble(score -> Math.abs(score.meanEffect()))
            .reduce(PALE * Verdicts.LEAST_EFFECT, Math::max);
    lowFluency =
        Math.max(
            LOWEST_FLUENCY_COLOUR,
            scores.stream()
                .mapToDouble(SiteScore::fluency)
                .reduce(Verdicts.LEAST_FLUENCY, Math::min));
    highFluency = scores.stream().mapToDouble(SiteScore::fluency).reduce(0, Math::max);
  }

  List<HookPoint> hookPoints() {
    return scores.stream().map(score -> score.site().hookPoint()).distinct().toList();
  }

  /** Effect and fluency of steering whole layers; empty if the plan steers single heads only. */
  List<Figure> layerByScale(HookPoint hookPoint) {
    List<SiteScore> whole = at(hookPoint).stream().filter(s -> s.site().allHeads()).toList();
    if (whole.isEmpty()) {
      return List.of();
    }
    String heads = hookPoint.hasHeads() ? ", all heads" : "";
    String where = hookPoint.word() + heads;
    String id = hookPoint.word().replace('_', '-');
    return List.of(
        effectMap("effect-" + id, "Effect at " + where, whole, Point::scale, Numbers::scale)
            .figure(
                "Mean effect in nats per token: blue moves the text towards the steering prompt, red"
                    + " away from it. Good steering is blue on the right and red on the left. Grey"
                    + " cells are not told apart from no effect; the strip at their foot has their"
                    + " colour."),
        fluencyMap("fluency-" + id, "Fluency at " + where, whole)
            .figure(
                "Mean fluency in nats per token against the baseline's: 0 is as fluent, below "
                    + Numbers.signed(Verdicts.LEAST_FLUENCY)
                    + " counts as incoherent. Outlined cells work."));
  }

  /** A map for each scale, the one worth looking at first in front; empty without single heads. */
  List<Figure> layerByHead(HookPoint hookPoint) {
    List<SiteScore> here = at(hookPoint);
    if (!hasSingleHeads(hookPoint)) {
      return List.of();
    }
    List<Double> order =
        here.stream().map(SiteScore::scale).distinct().sorted(interest(here)).toList();
    long hookPoints = hookPoints().stream().filter(this::hasSingleHeads).count();
    long most = MOST_HEAD_CELLS / hookPoints * order.size() / here.size();
    return order.stream()
        .limit(Math.max(1, most))
        .map(scale -> headMap(hookPoint, here, scale))
        .toList();
  }

  private boolean hasSingleHeads(HookPoint hookPoint) {
    return at(hookPoint).stream().anyMatch(score -> !score.site().allHeads());
  }

  private Figure headMap(HookPoint hookPoint, List<SiteScore> here, double scale) {
    List<SiteScore> atScale = here.stream().filter(score -> score.scale() == scale).toList();
    String id = "heads-" + hookPoint.word().replace('_', '-') + "-" + slug(scale);
    String title = "Effect at " + hookPoint.word() + ", scale " + Numbers.scale(scale);
    return effectMap(
            id,
            title,
            atScale,
            point -> point.site().head(),
            head -> head == Site.ALL_HEADS ? "all" : String.valueOf((int) head))
        .figure("Mean effect in nats per token of single heads; “all” steers the whole layer.");
  }

  /**
   * Positive scales first, those where a single head works before the others, large effects first.
   */
  private static Comparator<Double> interest(List<SiteScore> here) {
    Function<Double, Optional<SiteScore>> best =
        scale ->
            here.stream()
                .filter(score -> score.scale() == scale && !score.site().allHeads())
                .filter(score -> !score.is(Outcome.INCOHERENT))
                .max(Comparator.comparing(SiteScore::works).thenComparing(SiteScore::meanEffect));
    return Comparator.<Double, Boolean>comparing(scale -> scale > 0)
        .thenComparing(scale -> best.apply(scale).map(SiteScore::works).orElse(false))
        .thenComparing(scale -> best.apply(scale).map(SiteScore::meanEffect).orElse(0.0))
        .reversed();
  }

  private Heatmap effectMap(
      String id,
      String title,
      List<SiteScore> shown,
      ToDoubleFunction<Point> column,
      DoubleFunction<String> columnName) {
    Grid grid = new Grid(shown, skippedBeside(shown), column);
    return new Heatmap(
        id,
        title,
        title + " by layer. " + extremes(shown),
        "layer",
        id.startsWith("heads") ? "head" : "scale",
        grid.layers.stream().map(String::valueOf).toList(),
        grid.columns.stream().map(columnName::apply).toList(),
        grid.cells(SiteScore::meanEffect, true),
        Palette.DIVERGING,
        -effectLimit,
        effectLimit,
        "effect");
  }

  private Heatmap fluencyMap(String id, String title, List<SiteScore> shown) {
    Grid grid = new Grid(shown, skippedBeside(shown), Point::scale);
    return new Heatmap(
        id,
        title,
        title + " by layer and scale. 0 is as fluent as the baseline.",
        "layer",
        "scale",
        grid.layers.stream().map(String::valueOf).toList(),
        grid.columns.stream().map(Numbers::scale).toList(),
        grid.cells(SiteScore::fluency, false),
        Palette.SEQUENTIAL,
        lowFluency,
        highFluency,
        "fluency");
  }

  private List<SiteScore> at(HookPoint hookPoint) {
    return scores.stream().filter(score -> score.site().hookPoint() == hookPoint).toList();
  }

  private static String extremes(List<SiteScore> shown) {
    Comparator<SiteScore> byEffect = Comparator.comparing(SiteScore::meanEffect);
    return "Largest: "
        + shown.stream().max(byEffect).map(Labels::details).orElse("none")
        + ". Smallest: "
        + shown.stream().min(byEffect).map(Labels::details).orElse("none")
        + ".";
  }

  private static String slug(double scale) {
    return Numbers.scale(scale).replace("+", "plus-").replace("−", "minus-").replace('.', '_');
  }

  /** Points of the same drawing that have no score because none of their texts was generated. */
  private Map<Point, String> skippedBeside(List<SiteScore> shown) {
    Set<Point> scored = shown.stream().map(SiteScore::point).collect(Collectors.toSet());
    HookPoint hookPoint = shown.get(0).site().hookPoint();
    boolean wholeLayers = shown.stream().allMatch(score -> score.site().allHeads());
    Set<Double> scales = shown.stream().map(SiteScore::scale).collect(Collectors.toSet());
    Map<Point, String> beside = new LinkedHashMap<>();
    for (Findings.Skipped of : skipped) {
      Site site = of.point().site();
      boolean here =
          site.hookPoint() == hookPoint
              && !scored.contains(of.point())
              && (wholeLayers ? site.allHeads() : scales.contains(of.point().scale()));
      if (here) {
        beside.put(of.point(), of.guard());
      }
    }
    return beside;
  }

  /** Scores laid out by layer and something else. */
  private static final class Grid {
    final List<Integer> layers;
    final List<Double> columns;
    private final Map<List<Number>, SiteScore> at = new HashMap<>();
    private final Map<List<Number>, String> skipped = new HashMap<>();

    Grid(List<SiteScore> shown, Map<Point, String> beside, ToDoubleFunction<Point> column) {
      List<Point> points =
          Stream.concat(shown.stream().map(SiteScore::point), beside.keySet().stream()).toList();
      layers = points.stream().map(point -> point.site().layer()).distinct().sorted().toList();
      columns = points.stream().map(column::applyAsDouble).distinct().sorted().toList();
      shown.forEach(s -> at.put(key(s.point(), column), s));
      beside.forEach((point, guard) -> skipped.put(key(point, column), guard));
    }

    private static List<Number> key(Point point, ToDoubleFunction<Point> column) {
      return List.of(point.site().layer(), column.applyAsDouble(point));
    }

    List<List<Heatmap.@Nullable Cell>> cells(ToDoubleFunction<SiteScore> value, boolean ofEffect) {
      List<List<Heatmap.@Nullable Cell>> rows = new ArrayList<>();
      for (int layer : layers) {
        List<Heatmap.@Nullable Cell> row = new ArrayList<>();
        for (double column : columns) {
          List<Number> key = List.of(layer, column);
          SiteScore score = at.get(key);
          if (score != null) {
            Heatmap.Mark mark = mark(score, ofEffect);
            row.add(new Heatmap.Cell(value.applyAsDouble(score), mark, Labels.brief(score)));
          } else {
            row.add(skipped(key));
          }
        }
        rows.add(row);
      }
      return rows;
    }

    private Heatmap.@Nullable Cell skipped(List<Number> key) {
      String guard = skipped.get(key);
      return guard == null
          ? null
          : new Heatmap.Cell(Double.NaN, Heatmap.Mark.SKIPPED, "not generated: " + guard);
    }

    /** Grey is for effects: fluency is what it is, whatever the effect. */
    private static Heatmap.Mark mark(SiteScore score, boolean ofEffect) {
      if (score.works()) {
        return Heatmap.Mark.WORKS;
      }
      if (!ofEffect || score.verdict() == SiteVerdict.WRONG_WAY) {
        return Heatmap.Mark.NONE;
      }
      return score.is(Outcome.INCOHERENT) ? Heatmap.Mark.INCOHERENT : Heatmap.Mark.UNSURE;
    }
  }
}
