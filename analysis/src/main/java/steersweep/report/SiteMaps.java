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
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;
import steersweep.model.HookPoint;
import steersweep.plan.DoseUnit;
import steersweep.plan.Site;
import steersweep.score.ConceptFindings;
import steersweep.score.Outcome;
import steersweep.score.Point;
import steersweep.score.SiteScore;

/** The heatmaps of a concept: layer x setting of whole layers, layer x head at one setting. */
final class SiteMaps {
  /** Damage above this many budgets gets the last colour: all equally broken. */
  private static final double MOST_BUDGETS = 3;

  /** The colour scale's end is at least this many negligible pulls away: noise stays pale. */
  private static final int PALE = 4;

  /** Heatmap cells of all layer x head maps of a page; it should open on a phone. */
  private static final int MOST_HEAD_CELLS = 2500;

  private final ConceptFindings of;
  private final int concepts;
  private final double budget;
  private final String slug;
  private final double pullLimit;
  private final double damageLimit;
  private final String settings;

  /**
   * @param number of the concept, for names of figures
   * @param concepts how many of them share the page
   * @param budget most damage, nats per token
   * @param unit what settings are
   */
  SiteMaps(ConceptFindings of, int number, int concepts, double budget, DoseUnit unit) {
    this.of = of;
    this.concepts = concepts;
    this.budget = budget;
    settings = Labels.setting(unit);
    slug = of.all() ? "all" : String.valueOf(number);
    // Broken models have wild pulls and get no colour anyway: they must not bleach the rest.
    pullLimit =
        of.scores().stream()
            .filter(score -> !score.is(Outcome.DAMAGING))
            .mapToDouble(score -> Math.abs(score.pull().mean()))
            .filter(Double::isFinite)
            .reduce(PALE * of.negligible(), Math::max);
    damageLimit =
        of.scores().stream()
            .mapToDouble(SiteScore::damage)
            .filter(Double::isFinite)
            .map(damage -> Math.min(damage, MOST_BUDGETS * budget))
            .reduce(budget, Math::max);
  }

  List<HookPoint> hookPoints() {
    return List.copyOf(of.byHookPoint().keySet());
  }

  /** Pull and damage of steering whole layers; empty if the plan steers single heads only. */
  List<Figure> layerBySetting(HookPoint hookPoint) {
    List<SiteScore> whole = at(hookPoint).stream().filter(s -> s.site().allHeads()).toList();
    if (whole.isEmpty()) {
      return List.of();
    }
    String where =
        hookPoint.word() + (hookPoint.hasHeads() ? ", all heads" : "") + ": " + of.concept();
    String id = hookPoint.word().replace('_', '-') + "-" + slug;
    return List.of(
        pullMap("pull-" + id, "Pull at " + where, whole, Point::setting, Numbers::scale)
            .figure(
                "Mean pull in nats per token, random control taken off: blue towards the concept, red"
                    + " away from it. Good steering is blue on the right and red on the left. Outlined:"
                    + " confirmed by texts. Grey: unclear or negligible; the strip at the foot has the"
                    + " colour."),
        damageMap("damage-" + id, "Damage at " + where, whole)
            .figure(
                "How far steering moves the model from itself, nats per token along the baseline’s"
                    + " text; the budget is "
                    + Numbers.fixed(budget, 2)
                    + "."));
  }

  /**
   * A map for each setting, the one worth looking at first in front; empty without single heads.
   */
  List<Figure> layerByHead(HookPoint hookPoint) {
    List<SiteScore> here = at(hookPoint);
    if (!hasSingleHeads(hookPoint)) {
      return List.of();
    }
    List<Double> order =
        here.stream().map(SiteScore::setting).distinct().sorted(interest(here)).toList();
    long hookPoints = hookPoints().stream().filter(this::hasSingleHeads).count();
    long most = MOST_HEAD_CELLS / concepts / hookPoints * order.size() / here.size();
    return order.stream()
        .limit(Math.max(1, most))
        .map(setting -> headMap(hookPoint, here, setting))
        .toList();
  }

  private boolean hasSingleHeads(HookPoint hookPoint) {
    return at(hookPoint).stream().anyMatch(score -> !score.site().allHeads());
  }

  private Figure headMap(HookPoint hookPoint, List<SiteScore> here, double setting) {
    List<SiteScore> atSetting = here.stream().filter(score -> score.setting() == setting).toList();
    String id = "heads-" + hookPoint.word().replace('_', '-') + "-" + slug + "-" + slug(setting);
    String title =
        "Pull at " + hookPoint.word() + ", " + of.concept() + ", setting " + Numbers.scale(setting);
    return pullMap(
            id,
            title,
            atSetting,
            point -> point.site().head(),
            head -> head == Site.ALL_HEADS ? "all" : String.valueOf((int) head))
        .figure("Mean pull in nats per token of single heads; “all” steers the whole layer.");
  }

  /** Positive settings first, those where a single head works or pulls, large pulls first. */
  private static Comparator<Double> interest(List<SiteScore> here) {
    Function<Double, Optional<SiteScore>> best =
        setting ->
            here.stream()
                .filter(score -> score.setting() == setting && !score.site().allHeads())
                .filter(score -> !score.is(Outcome.DAMAGING))
                .max(
                    Comparator.comparing(SiteScore::works)
                        .thenComparing(score -> score.asked().mean()));
    return Comparator.<Double, Boolean>comparing(setting -> setting > 0)
        .thenComparing(setting -> best.apply(setting).map(SiteScore::works).orElse(false))
        .thenComparing(setting -> best.apply(setting).map(s -> s.asked().mean()).orElse(0.0))
        .reversed();
  }

  private Heatmap pullMap(
      String id,
      String title,
      List<SiteScore> shown,
      ToDoubleFunction<Point> column,
      DoubleFunction<String> columnName) {
    Grid grid = new Grid(shown, column);
    return new Heatmap(
        id,
        title,
        title + " by layer. " + extremes(shown),
        "layer",
        id.startsWith("heads") ? "head" : settings,
        grid.layers.stream().map(String::valueOf).toList(),
        grid.columns.stream().map(columnName::apply).toList(),
        grid.cells(score -> score.pull().mean(), true),
        Palette.DIVERGING,
        -pullLimit,
        pullLimit,
        "pull");
  }

  private Heatmap damageMap(String id, String title, List<SiteScore> shown) {
    Grid grid = new Grid(shown, Point::setting);
    return new Heatmap(
        id,
        title,
        title + " by layer and setting. 0 is the unsteered model.",
        "layer",
        settings,
        grid.layers.stream().map(String::valueOf).toList(),
        grid.columns.stream().map(Numbers::scale).toList(),
        grid.cells(SiteScore::damage, false),
        Palette.SEQUENTIAL,
        damageLimit,
        0,
        "damage");
  }

  private List<SiteScore> at(HookPoint hookPoint) {
    return of.scores().stream().filter(score -> score.site().hookPoint() == hookPoint).toList();
  }

  private static String extremes(List<SiteScore> shown) {
    List<SiteScore> read = shown.stream().filter(score -> score.pull().n() > 0).toList();
    Comparator<SiteScore> byPull = Comparator.comparing(score -> score.pull().mean());
    return "Largest: "
        + read.stream().max(byPull).map(Labels::details).orElse("none")
        + ". Smallest: "
        + read.stream().min(byPull).map(Labels::details).orElse("none")
        + ".";
  }

  private static String slug(double setting) {
    return Numbers.scale(setting).replace("+", "plus-").replace("−", "minus-").replace('.', '_');
  }

  /** Scores laid out by layer and something else. */
  private static final class Grid {
    final List<Integer> layers;
    final List<Double> columns;
    private final Map<List<Number>, SiteScore> at = new HashMap<>();

    Grid(List<SiteScore> shown, ToDoubleFunction<Point> column) {
      layers = shown.stream().map(score -> score.site().layer()).distinct().sorted().toList();
      columns =
          shown.stream()
              .flatMapToDouble(score -> DoubleStream.of(column.applyAsDouble(score.point())))
              .distinct()
              .sorted()
              .boxed()
              .toList();
      shown.forEach(
          score ->
              at.put(List.of(score.site().layer(), column.applyAsDouble(score.point())), score));
    }

    List<List<Heatmap.@Nullable Cell>> cells(ToDoubleFunction<SiteScore> value, boolean ofPull) {
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
                      mark(score, ofPull),
                      Labels.brief(score),
                      Labels.key(score.point())));
        }
        rows.add(row);
      }
      return rows;
    }

    /** Grey is for pulls: damage is what it is. */
    private static Heatmap.Mark mark(SiteScore score, boolean ofPull) {
      return switch (score.verdict().outcome()) {
        case WORKS -> Heatmap.Mark.WORKS;
        case PULLS -> Heatmap.Mark.NONE;
        case UNCLEAR, NEGLIGIBLE -> ofPull ? Heatmap.Mark.UNSURE : Heatmap.Mark.NONE;
        case DAMAGING -> ofPull ? Heatmap.Mark.DAMAGING : Heatmap.Mark.NONE;
      };
    }
  }
}
