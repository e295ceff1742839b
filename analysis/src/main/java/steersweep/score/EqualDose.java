package steersweep.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.StatUtils;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.apache.commons.math3.util.Precision;
import steersweep.plan.Site;

/**
 * Effects at equal doses, so that layers, hook points and heads can be compared: an equal scale is
 * not an equal dose, because activations grow with depth. The dose of a site at a scale is its mean
 * over prompt pairs. Between two doses that were run an effect is interpolated along a straight
 * line, pair by pair; outside of those that were run nothing is said, not even between the smallest
 * and 0, because effects do not grow in proportion to the dose.
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

  /**
   * Doses at which two sites can be compared: the smallest that both were run at with coherent
   * texts at positive scales, the largest, and their geometric mean; empty where the ranges do not
   * meet.
   */
  List<Double> shared(Site a, Site b) {
    double[] ofA = coherent(a).stream().mapToDouble(this::meanDose).toArray();
    double[] ofB = coherent(b).stream().mapToDouble(this::meanDose).toArray();
    double low = Math.max(StatUtils.min(ofA), StatUtils.min(ofB));
    double high = Math.min(StatUtils.max(ofA), StatUtils.max(ofB));
    return low > 0 && low <= high ? List.of(low, Math.sqrt(low * high), high) : List.of();
  }

  /** Effect of each pair at a dose, from coherent positive scales; NaN where it is not known. */
  double[] coherentEffects(Site site, double at) {
    return effects(coherent(site), at);
  }

  /** Effect of each pair at a dose; NaN where it is not known. */
  private double[] effects(List<SiteScore> side, double at) {
    List<SiteScore> known =
        side.stream()
            .filter(score -> Double.isFinite(meanDose(score)))
            .sorted(Comparator.comparing(this::meanDose))
            .toList();
    double[] x = known.stream().mapToDouble(this::meanDose).toArray();
    double wanted = within(x, at);
    if (Double.isNaN(wanted)) {
      double[] nothing = new double[grid.pairs()];
      Arrays.fill(nothing, Double.NaN);
      return nothing;
    }
    int above = IntStream.range(0, x.length).filter(i -> x[i] >= wanted).findFirst().orElseThrow();
    int below = Math.max(0, above - 1);
    double part = above == 0 ? 1 : (wanted - x[below]) / (x[above] - x[below]);
    double[] low = effects(known.get(below));
    double[] high = effects(known.get(above));
    return IntStream.range(0, grid.pairs())
        .mapToDouble(p -> part == 1 ? high[p] : (1 - part) * low[p] + part * high[p])
        .toArray();
  }

  private double[] effects(SiteScore score) {
    return grid.of(EffectGrid.NET)[grid.indexOf(score.point())];
  }

  /**
   * A dose, moved into the range of ascending doses if it lies outside by rounding only; NaN if it
   * lies outside.
   */
  private static double within(double[] doses, double at) {
    if (doses.length == 0) {
      return Double.NaN;
    }
    double low = doses[0];
    double high = doses[doses.length - 1];
    double moved = Math.min(Math.max(at, low), high);
    return Precision.equalsWithRelativeTolerance(moved, at, 1e-9) ? moved : Double.NaN;
  }
}
