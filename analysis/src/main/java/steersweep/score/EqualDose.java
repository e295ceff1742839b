package steersweep.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.commons.math3.analysis.interpolation.LinearInterpolator;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import steersweep.plan.Site;

/**
 * Effects at equal doses, so that layers, hook points and heads can be compared: an equal scale is
 * not an equal dose, because activations grow with depth. Between the doses that were run a prompt
 * pair's effect is interpolated along a straight line, and from the smallest dose down to 0, where
 * it is 0; beyond the largest it is not known, and the pair is left out.
 */
public final class EqualDose {
  private static final int DOSES = 6;

  private final EffectGrid grid;
  private final Map<Site, List<SiteScore>> bySite = new LinkedHashMap<>();
  private final String dose;
  private final Clusters clusters;

  EqualDose(EffectGrid grid, List<SiteScore> scores) {
    this.grid = grid;
    scores.forEach(
        score -> bySite.computeIfAbsent(score.site(), s -> new ArrayList<>()).add(score));
    boolean residual =
        Arrays.stream(grid.of("dose_residual"))
            .flatMapToDouble(Arrays::stream)
            .anyMatch(Double::isFinite);
    dose = residual ? "dose_residual" : "dose";
    clusters = Clusters.of(grid.bases());
  }

  /**
   * A site at a dose.
   *
   * @param dose negative for negative scales
   * @param effect as in {@link SiteScore#effect}; n is 0 where the site was not run that strongly
   * @param coherent false where the nearest scales that were run are incoherent
   */
  public record AtDose(Site site, double dose, Interval effect, boolean coherent) {}

  /**
   * Whether doses are shares of the residual stream, comparable between hook points; otherwise they
   * are shares of the activation at the site itself, comparable within a hook point only.
   */
  public boolean residual() {
    return dose.equals("dose_residual");
  }

  /** Doses worth comparing at: evenly spaced on a log scale over those that the sites share. */
  public List<Double> doses() {
    double[] smallest = bySite.values().stream().mapToDouble(s -> range(s, false)).toArray();
    double[] largest = bySite.values().stream().mapToDouble(s -> range(s, true)).toArray();
    double low = new Percentile(50).evaluate(smallest);
    double high = new Percentile(50).evaluate(largest);
    if (!(low > 0 && high > low && Double.isFinite(high))) {
      return low > 0 && Double.isFinite(low) ? List.of(low) : List.of();
    }
    return IntStream.range(0, DOSES)
        .mapToObj(i -> low * Math.pow(high / low, i / (DOSES - 1.0)))
        .toList();
  }

  private double range(List<SiteScore> ofSite, boolean largest) {
    double[] doses = ofSite.stream().mapToDouble(this::meanDose).filter(d -> d > 0).toArray();
    return largest
        ? Arrays.stream(doses).max().orElse(Double.NaN)
        : Arrays.stream(doses).min().orElse(Double.NaN);
  }

  private double meanDose(SiteScore score) {
    return residual() ? score.doseResidual() : score.dose();
  }

  /** Every site at a dose; negative for negative scales. */
  public List<AtDose> at(double signedDose) {
    return bySite.entrySet().parallelStream()
        .map(entry -> at(entry.getKey(), entry.getValue(), signedDose))
        .toList();
  }

  private AtDose at(Site site, List<SiteScore> ofSite, double signedDose) {
    List<SiteScore> side = side(ofSite, signedDose);
    boolean coherent =
        side.stream()
            .min(Comparator.comparing(s -> Math.abs(meanDose(s) - Math.abs(signedDose))))
            .map(score -> !score.is(Outcome.INCOHERENT))
            .orElse(true);
    double[] effects = effects(side, Math.abs(signedDose));
    return new AtDose(site, signedDose, clusters.interval(effects), coherent);
  }

  private static List<SiteScore> side(List<SiteScore> ofSite, double signedDose) {
    return ofSite.stream().filter(score -> score.scale() * signedDose > 0).toList();
  }

  /** Positive scales of a site whose texts are coherent. */
  private List<SiteScore> coherent(Site site) {
    return side(bySite.getOrDefault(site, List.of()), 1).stream()
        .filter(score -> !score.is(Outcome.INCOHERENT))
        .toList();
  }

  /** The largest mean dose with coherent texts at positive scales; NaN without any. */
  double largestCoherent(Site site) {
    return coherent(site).stream().mapToDouble(this::meanDose).max().orElse(Double.NaN);
  }

  /** Effect of each pair at a dose, from coherent positive scales; NaN where it is not known. */
  double[] coherentEffects(Site site, double at) {
    return effects(coherent(site), at);
  }

  /** Effect of each pair at a dose; NaN where it is not known. */
  private double[] effects(List<SiteScore> side, double at) {
    int[] points = side.stream().mapToInt(score -> grid.indexOf(score.point())).toArray();
    return IntStream.range(0, grid.pairs()).mapToDouble(p -> effect(points, p, at)).toArray();
  }

  private double effect(int[] points, int pair, double at) {
    TreeMap<Double, Double> curve = new TreeMap<>();
    curve.put(0.0, 0.0);
    for (int k : points) {
      double x = grid.of(dose)[k][pair];
      double y = grid.of(EffectGrid.NET)[k][pair];
      if (x > 0 && Double.isFinite(x) && Double.isFinite(y)) {
        curve.put(x, y);
      }
    }
    if (curve.lastKey() < at || curve.size() == 1) {
      return Double.NaN;
    }
    if (curve.size() == 2) { // the library wants three
      return curve.lastEntry().getValue() * at / curve.lastKey();
    }
    return new LinearInterpolator()
        .interpolate(
            curve.keySet().stream().mapToDouble(x -> x).toArray(),
            curve.values().stream().mapToDouble(y -> y).toArray())
        .value(at);
  }
}
