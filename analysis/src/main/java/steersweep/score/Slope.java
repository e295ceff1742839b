package steersweep.score;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import steersweep.plan.Site;

/**
 * How an effect grows with the strength of the steering at one site: the least-squares line through
 * 0 (scale 0 is the baseline), fitted pair by pair and averaged. Scales at which the site's texts
 * are incoherent are left out, since broken texts have any effect.
 *
 * @param scales scales that the line was fitted to
 * @param perScale nats per token for each unit of scale
 * @param perDose nats per token for a dose of 1: an addition to the residual stream as long as the
 *     stream itself; n is 0 where the sweep has no such doses
 */
public record Slope(Site site, int scales, Interval perScale, Interval perDose) {
  static List<Slope> of(EffectGrid grid, List<SiteScore> scores) {
    Map<Site, List<SiteScore>> bySite = new LinkedHashMap<>();
    for (SiteScore score : scores) {
      bySite.computeIfAbsent(score.site(), site -> new ArrayList<>()).add(score);
    }
    Clusters clusters = Clusters.of(grid.bases());
    return bySite.entrySet().parallelStream()
        .map(entry -> of(entry.getKey(), grid, entry.getValue(), clusters))
        .toList();
  }

  private static Slope of(Site site, EffectGrid grid, List<SiteScore> scores, Clusters clusters) {
    List<SiteScore> used = scores.stream().filter(s -> !s.is(Outcome.INCOHERENT)).toList();
    int[] points = used.stream().mapToInt(score -> grid.indexOf(score.point())).toArray();
    double[][] scale = new double[points.length][grid.pairs()];
    double[][] dose = new double[points.length][grid.pairs()];
    for (int i = 0; i < points.length; i++) {
      for (int p = 0; p < grid.pairs(); p++) {
        scale[i][p] = used.get(i).scale();
        dose[i][p] = Math.signum(used.get(i).scale()) * grid.of("dose_residual")[points[i]][p];
      }
    }
    return new Slope(
        site,
        points.length,
        clusters.interval(slopes(grid, points, scale)),
        clusters.interval(slopes(grid, points, dose)));
  }

  /** Slope of each pair; NaN where it has no values. */
  private static double[] slopes(EffectGrid grid, int[] points, double[][] strength) {
    return IntStream.range(0, grid.pairs())
        .mapToDouble(
            p -> {
              SimpleRegression line = new SimpleRegression(false);
              for (int i = 0; i < points.length; i++) {
                double effect = grid.of(EffectGrid.NET)[points[i]][p];
                if (Double.isFinite(effect) && Double.isFinite(strength[i][p])) {
                  line.addData(strength[i][p], effect);
                }
              }
              // Of one point the library knows no slope.
              return line.getN() == 1
                  ? line.getSumOfCrossProducts() / line.getXSumSquares()
                  : line.getSlope();
            })
        .toArray();
  }
}
