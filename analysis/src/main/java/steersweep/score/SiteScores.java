package steersweep.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.StatUtils;
import org.jspecify.annotations.Nullable;
import steersweep.measure.Measure;
import steersweep.plan.CellKind;

/**
 * Averages the steered cells of each site and setting over prompt pairs, measure by measure, and
 * judges each. In this order: what texts confirmed works; what moves the model too far from itself
 * is damaging; a pull whose whole interval lies within the negligible range is negligible; one
 * whose interval lies wholly on the side that the setting's sign asks for pulls; the rest is
 * unclear.
 */
final class SiteScores {
  private static final Set<Measure> JUDGED =
      EnumSet.of(
          Measure.PULL, Measure.ALIGNMENT, Measure.DAMAGE, Measure.EVIDENCE, Measure.COHERENT);

  private final Grid grid;
  private final Clusters clusters;
  private final double negligible;
  private final double budget;
  private final Map<Point, TextTest> tests;

  private SiteScores(Grid grid, double negligible, double budget, Map<Point, TextTest> tests) {
    this.grid = grid;
    this.negligible = negligible;
    this.budget = budget;
    this.tests = tests;
    clusters = grid.clusters();
  }

  /**
   * A score for each point of the grid that was steered, in the grid's order.
   *
   * @param negligible pulls up to here are negligible, nats per token
   * @param budget most mean damage, nats per token
   * @param tests of the points whose texts were put to the test
   */
  static List<SiteScore> of(
      Grid grid, double negligible, double budget, Map<Point, TextTest> tests) {
    return new SiteScores(grid, negligible, budget, tests).all();
  }

  /** Pulls up to here are negligible, nats per token. */
  static double negligible(Grid grid) {
    double[] prompting =
        Arrays.stream(grid.steered(Measure.PULL_PROMPTING))
            .flatMapToDouble(Arrays::stream)
            .filter(value -> !Double.isNaN(value))
            .toArray();
    return prompting.length == 0
        ? Rules.NEGLIGIBLE_PULL
        : Rules.NEGLIGIBLE_SHARE * Math.abs(StatUtils.mean(prompting));
  }

  private List<SiteScore> all() {
    List<Map<Measure, Estimate>> estimates = new ArrayList<>();
    grid.points().forEach(point -> estimates.add(new EnumMap<>(Measure.class)));
    for (Measure measure : Measure.values()) {
      double[][] steered = grid.steered(measure);
      double[][] net = measure.signed() ? grid.net(measure) : steered;
      double[][] control =
          measure.signed() && grid.controlled()
              ? grid.means(CellKind.RANDOM, measure.column())
              : steered;
      IntStream.range(0, steered.length)
          .parallel()
          .filter(k -> Estimate.there(steered[k]).length > 0)
          .mapToObj(k -> Map.entry(k, estimate(measure, steered[k], control[k], net[k])))
          .toList()
          .forEach(of -> estimates.get(of.getKey()).put(measure, of.getValue()));
    }
    double[][] others = grid.net(Measure.PULL_OTHERS);
    double[][] own = grid.net(Measure.PULL);
    List<double[][]> placements =
        List.of(
            grid.steered("factor"),
            grid.steered("dose"),
            grid.steered("dose_residual"),
            grid.steered("same_as_baseline"));
    return IntStream.range(0, grid.points().size())
        .filter(k -> steered(k) > 0)
        .mapToObj(k -> score(k, estimates.get(k), minus(own[k], others[k]), placements))
        .toList();
  }

  private Estimate estimate(Measure measure, double[] steered, double[] control, double[] net) {
    if (!measure.signed()) {
      return Estimate.of(clusters, steered, JUDGED.contains(measure));
    }
    double[] beside = grid.controlled() ? control : new double[0];
    return Estimate.of(grid, clusters, steered, beside, net, JUDGED.contains(measure));
  }

  private int steered(int k) {
    return (int)
        IntStream.range(0, grid.pairs().size())
            .filter(p -> grid.rows(CellKind.STEERED, k, p).length > 0)
            .count();
  }

  private static double[] minus(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(p -> a[p] - b[p]).toArray();
  }

  private SiteScore score(
      int k, Map<Measure, Estimate> estimates, double[] specific, List<double[][]> placements) {
    Point point = grid.points().get(k);
    double[] means =
        placements.stream().mapToDouble(of -> StatUtils.mean(Estimate.there(of[k]))).toArray();
    SiteScore score =
        new SiteScore(
            point,
            steered(k),
            estimates,
            clusters.interval(specific),
            new SiteScore.Placement(means[0], means[1], means[2], 1 - means[3]),
            SiteVerdict.NOT_READ);
    return score.withVerdict(verdict(score, tests.get(point)));
  }

  private SiteVerdict verdict(SiteScore score, @Nullable TextTest test) {
    if (test != null && test.confirmed()) {
      return SiteVerdict.CONFIRMED;
    }
    Interval asked = score.asked();
    if (score.damage() > budget) {
      return SiteVerdict.TOO_MUCH_DAMAGE;
    }
    if (asked.n() == 0) {
      boolean read = score.of(Measure.PULL).steered().n() > 0;
      return read ? SiteVerdict.NO_CONTROL : SiteVerdict.NOT_READ;
    }
    if (!asked.known()) {
      return SiteVerdict.ONE_BASE_PROMPT;
    }
    if (asked.within(negligible)) {
      return SiteVerdict.LITTLE_PULL;
    }
    if (asked.above0()) {
      return test == null ? SiteVerdict.NOT_TESTED : test.verdict();
    }
    return asked.below0() ? SiteVerdict.WRONG_WAY : SiteVerdict.NOT_CLEAR;
  }
}
