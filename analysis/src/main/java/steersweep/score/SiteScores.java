package steersweep.score;

import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.StatUtils;
import steersweep.model.HookPoint;
import steersweep.plan.Site;
import tech.tablesaw.api.BooleanColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;

/** Averages the steered cells of each site and scale over prompt pairs. */
public final class SiteScores {
  private final EffectGrid grid;
  private final Clusters clusters;

  /** Whether only the effect itself needs an interval. */
  private final boolean brief;

  private final boolean controlled;

  private SiteScores(EffectGrid grid, boolean brief) {
    this.grid = grid;
    this.brief = brief;
    controlled = grid.controlled();
    clusters = Clusters.of(grid.bases());
  }

  /** A score for each point of the grid that has one, in the grid's order, judged. */
  static List<SiteScore> of(EffectGrid grid) {
    SiteScores scores = new SiteScores(grid, false);
    return Verdicts.corrected(scores.judged(), scores::askedSums);
  }

  /**
   * The same without a thought for how many points there are, and with intervals of {@link
   * SiteScore#effect} alone.
   */
  static List<SiteScore> uncorrected(EffectGrid grid) {
    SiteScores scores = new SiteScores(grid, true);
    return Verdicts.withChances(scores.judged(), scores::askedSums);
  }

  private List<SiteScore> judged() {
    return IntStream.range(0, grid.points().size())
        .parallel()
        .mapToObj(this::score)
        .filter(score -> score.n() > 0)
        .toList();
  }

  /** The mean effect of some rows of {@link ResultTables#steered}, clustered by base prompt. */
  public static Interval effect(Table rows) {
    return Interval.of(
        rows.doubleColumn(ResultTables.EFFECT).asDoubleArray(),
        rows.stringColumn("base_prompt").asList());
  }

  /** The site of a row that has one. */
  public static Site site(Row row) {
    String word = row.getString("hook_point");
    HookPoint hookPoint =
        HookPoint.of(word)
            .orElseThrow(
                () ->
                    new IllegalArgumentException("unknown hook point in the results; got " + word));
    boolean allHeads = IntColumn.valueIsMissing(row.getInt("head"));
    return new Site(hookPoint, row.getInt("layer"), allHeads ? Site.ALL_HEADS : row.getInt("head"));
  }

  private SiteScore score(int k) {
    Point point = grid.points().get(k);
    Interval net = interval(EffectGrid.NET, k);
    Interval raw = net;
    if (controlled) {
      raw = brief ? number(ResultTables.EFFECT, k) : interval(ResultTables.EFFECT, k);
    }
    // Where the control is not there yet, the effect against the baseline is all there is.
    Interval effect = net.n() > 0 ? net : raw;
    SiteScore.Means means = means(k);
    int skipped = (int) StatUtils.sum(there(EffectGrid.SKIPPED, k));
    return new SiteScore(
        point.site(),
        point.scale(),
        effect,
        raw,
        control(k),
        Double.NaN,
        Double.NaN,
        wrongWay(k, point.scale()),
        skipped,
        means,
        verdict(point, net, effect, skipped, means));
  }

  private SiteVerdict verdict(
      Point point, Interval net, Interval effect, int skipped, SiteScore.Means means) {
    if (skipped > effect.n()) {
      return SiteVerdict.MOSTLY_SKIPPED;
    }
    if (net.n() == 0) {
      return SiteVerdict.NO_CONTROL;
    }
    return Verdicts.judge(
        point.scale(), effect, means.changed(), means.fluency(), means.moreRepetition());
  }

  private SiteScore.Means means(int k) {
    return new SiteScore.Means(
        mean("fluency", k),
        mean("damage_last", k),
        mean("damage", k),
        mean("distinct_2", k),
        mean(ResultTables.MORE_REPETITION, k),
        mean("zlib_ratio", k),
        1 - mean(EffectGrid.SAME, k),
        mean(ResultTables.MORE_TARGET_WORDS, k),
        mean("dose", k),
        mean("dose_residual", k),
        mean("log_odds", k));
  }

  private SiteScore.Control control(int k) {
    double[] random = there(EffectGrid.RANDOM, k);
    return new SiteScore.Control(
        brief ? number(EffectGrid.RANDOM, k) : interval(EffectGrid.RANDOM, k),
        random.length < 2 ? Double.NaN : Math.sqrt(StatUtils.variance(random)),
        mean(EffectGrid.SHUFFLED, k),
        mean(EffectGrid.UNRELATED, k));
  }

  private double wrongWay(int k, double scale) {
    double[] effects = there(ResultTables.EFFECT, k);
    long wrong = Arrays.stream(effects).filter(effect -> effect * scale < 0).count();
    return (double) wrong / effects.length;
  }

  private Interval interval(String name, int k) {
    return clusters.interval(grid.of(name)[k]);
  }

  private Interval number(String name, int k) {
    return Interval.number(mean(name, k), there(name, k).length);
  }

  private double mean(String name, int k) {
    return StatUtils.mean(there(name, k));
  }

  private double[] there(String name, int k) {
    return Arrays.stream(grid.of(name)[k]).filter(value -> !Double.isNaN(value)).toArray();
  }

  /** Effects of a point, in the direction asked for, added up cluster by cluster. */
  private double[] askedSums(SiteScore score) {
    double sign = Math.signum(score.scale());
    double[] effects = grid.of(EffectGrid.NET)[grid.indexOf(score.point())];
    return clusters.sums(Arrays.stream(effects).map(effect -> sign * effect).toArray());
  }

  /** Share of true among the values that are there; NaN if none is. */
  public static double share(BooleanColumn column) {
    int there = column.size() - column.countMissing();
    return there == 0 ? Double.NaN : (double) column.countTrue() / there;
  }

  /** The scores of each hook point, in the order of the model's data flow. */
  static SortedMap<HookPoint, List<SiteScore>> byHookPoint(List<SiteScore> scores) {
    Function<SiteScore, HookPoint> hookPoint = score -> score.site().hookPoint();
    return scores.stream()
        .collect(Collectors.groupingBy(hookPoint, TreeMap::new, Collectors.toList()));
  }
}
