package steersweep.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import steersweep.model.HookPoint;
import steersweep.plan.Site;
import steersweep.score.Outcome;
import steersweep.score.SiteScore;
import steersweep.score.Verdicts;

/** The heatmaps: layer x scale of whole layers, layer x head at one scale. */
final class SiteMaps {
  /** Fluency below this gets the last colour: such texts are all equally unreadable. */
  private static final double LOWEST_FLUENCY_COLOUR = -3;

  /** The colour scale's end is at least this many negligible effects away: noise stays pale. */
  private static final int PALE = 5;

  /** Heatmap cells of one hook point's layer x head maps; a page should open on a phone. */
  private static final int MOST_HEAD_CELLS = 4000;

  private final List<SiteScore> scores;
  private final double effectLimit;
  private final double lowFluency;
  private final double highFluency;

  SiteMaps(List<SiteScore> scores) {
    this.scores = scores;
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
        effectMap("effect-" + id, "Effect at " + where, whole, SiteScore::scale, Numbers::scale)
            .figure(
                "Mean effect in nats per token: blue moves the text towards the steering prompt, red"
                    + " away from it. Good steering is blue on the right and red on the left."),
        fluencyMap("fluency-" + id, "Fluency at " + where, whole)
            .figure(
                "Mean fluency in nats per token against the baseline's: 0 is as fluent, below "
                    + Numbers.signed(Verdicts.LEAST_FLUENCY)
                    + " counts as incoherent. Outlined cells work."));
  }

  /** A map for each scale, the one worth looking at first in front; empty without single heads. */
  List<Figure> layerByHead(HookPoint hookPoint) {
    List<SiteScore> here = at(hookPoint);
    if (here.stream().allMatch(score -> score.site().allHeads())) {
      return List.of();
    }
    List<Double> scales = here.stream().map(SiteScore::scale).distinct().sorted().toList();
    int most = Math.max(1, MOST_HEAD_CELLS * scales.size() / here.size());
    List<Double> order = new ArrayList<>(scales);
    order.sort(interest(here));
    return order.stream().limit(most).map(scale -> headMap(hookPoint, here, scale)).toList();
  }

  private Figure headMap(HookPoint hookPoint, List<SiteScore> here, double scale) {
    List<SiteScore> atScale = here.stream().filter(score -> score.scale() == scale).toList();
    String id = "heads-" + hookPoint.word().replace('_', '-') + "-" + slug(scale);
    String title = "Effect at " + hookPoint.word() + ", scale " + Numbers.scale(scale);
    return effectMap(
            id,
            title,
            atScale,
            score -> score.site().head(),
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
      ToDoubleFunction<SiteScore> column,
      DoubleFunction<String> columnName) {
    Grid grid = new Grid(shown, column);
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
    Grid grid = new Grid(shown, SiteScore::scale);
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

  /** Scores laid out by layer and something else. */
  private static final class Grid {
    final List<Integer> layers;
    final List<Double> columns;
    private final Map<List<Number>, SiteScore> at = new HashMap<>();

    Grid(List<SiteScore> shown, ToDoubleFunction<SiteScore> column) {
      layers = shown.stream().map(score -> score.site().layer()).distinct().sorted().toList();
      columns = shown.stream().map(column::applyAsDouble).distinct().sorted().toList();
      shown.forEach(s -> at.put(List.of(s.site().layer(), column.applyAsDouble(s)), s));
    }

    List<List<Heatmap.@Nullable Cell>> cells(
        ToDoubleFunction<SiteScore> value, boolean hatchIncoherent) {
      List<List<Heatmap.@Nullable Cell>> rows = new ArrayList<>();
      for (int layer : layers) {
        List<Heatmap.@Nullable Cell> row = new ArrayList<>();
        for (double column : columns) {
          SiteScore score = at.get(List.<Number>of(layer, column));
          row.add(
              score == null
                  ? null
                  : new Heatmap.Cell(
                      value.applyAsDouble(score),
                      mark(score, hatchIncoherent),
                      Labels.details(score)));
        }
        rows.add(row);
      }
      return rows;
    }

    private static Heatmap.Mark mark(SiteScore score, boolean hatchIncoherent) {
      if (score.works()) {
        return Heatmap.Mark.WORKS;
      }
      return hatchIncoherent && score.is(Outcome.INCOHERENT)
          ? Heatmap.Mark.INCOHERENT
          : Heatmap.Mark.NONE;
    }
  }
}
