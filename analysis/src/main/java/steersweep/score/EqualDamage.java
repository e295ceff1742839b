package steersweep.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.commons.math3.util.Precision;
import steersweep.measure.Measure;
import steersweep.plan.Site;

/**
 * Pull at equal damage, so that layers, hook points and heads can be compared: an equal setting
 * moves one site's model far and another's hardly. To first order pull grows with the square root
 * of damage (KL is quadratic in what is added, pull is linear), so pulls are interpolated along
 * straight lines over the root of the mean damage, pair by pair, from no steering at all, which
 * neither pulls nor damages. Beyond the largest damage that a site was run at nothing is said.
 */
public final class EqualDamage {
  /** Damages that sites are compared at, nats per token. */
  public static final List<Double> DAMAGES = List.of(0.1, 0.3, 1.0);

  private final Clusters clusters;
  private final int pairs;
  private final Map<Site, List<At>> curves = new LinkedHashMap<>();

  /** A setting of a site. */
  private record At(double root, double[] pulls) {}

  /**
   * A site at a damage.
   *
   * @param pull control taken off, nats per token; n is 0 where the site was not run that strongly
   */
  public record AtDamage(Site site, double damage, Interval pull) {}

  private EqualDamage(Clusters clusters, int pairs) {
    this.clusters = clusters;
    this.pairs = pairs;
  }

  /** Of the positive settings. */
  static EqualDamage of(Grid grid) {
    EqualDamage equal = new EqualDamage(grid.clusters(), grid.pairs().size());
    double[][] pull = grid.net(Measure.PULL);
    double[][] damage = grid.steered(Measure.DAMAGE);
    for (int k = 0; k < pull.length; k++) {
      Point point = grid.points().get(k);
      double mean = Arrays.stream(Estimate.there(damage[k])).average().orElse(Double.NaN);
      if (point.setting() > 0 && mean >= 0 && Estimate.there(pull[k]).length > 0) {
        equal
            .curves
            .computeIfAbsent(point.site(), site -> equal.start())
            .add(new At(Math.sqrt(mean), pull[k]));
      }
    }
    equal.curves.values().forEach(curve -> curve.sort(Comparator.comparing(At::root)));
    return equal;
  }

  private List<At> start() {
    return new ArrayList<>(List.of(new At(0, new double[pairs])));
  }

  public List<Site> sites() {
    return List.copyOf(curves.keySet());
  }

  /** A site at a damage. */
  public AtDamage at(Site site, double damage) {
    return new AtDamage(site, damage, clusters.interval(pulls(site, damage)));
  }

  /** Pull of each pair at a damage; NaN where it is not known. */
  double[] pulls(Site site, double damage) {
    List<At> curve = curves.getOrDefault(site, List.of());
    double root = Math.sqrt(damage);
    int above =
        IntStream.range(0, curve.size())
            .filter(i -> reaches(curve.get(i).root(), root))
            .findFirst()
            .orElse(0);
    if (above == 0) {
      double[] nothing = new double[pairs];
      Arrays.fill(nothing, Double.NaN);
      return nothing;
    }
    At low = curve.get(above - 1);
    At high = curve.get(above);
    double part = Math.min(1, (root - low.root()) / (high.root() - low.root()));
    return IntStream.range(0, pairs)
        .mapToDouble(p -> (1 - part) * low.pulls()[p] + part * high.pulls()[p])
        .toArray();
  }

  private static boolean reaches(double most, double wanted) {
    return most >= wanted || Precision.equalsWithRelativeTolerance(most, wanted, 1e-9);
  }

  /** The mean of each pair over the sites that were run that strongly; NaN where none was. */
  double[] mean(Predicate<Site> wanted, double damage) {
    List<double[]> all =
        curves.keySet().stream().filter(wanted).map(site -> pulls(site, damage)).toList();
    return IntStream.range(0, pairs)
        .mapToDouble(
            p ->
                all.stream()
                    .mapToDouble(of -> of[p])
                    .filter(v -> !Double.isNaN(v))
                    .average()
                    .orElse(Double.NaN))
        .toArray();
  }

  /** Whether any of the sites was run that strongly. */
  boolean reached(Predicate<Site> wanted, double damage) {
    return curves.entrySet().stream()
        .filter(of -> wanted.test(of.getKey()))
        .anyMatch(
            of -> of.getValue().stream().anyMatch(at -> reaches(at.root(), Math.sqrt(damage))));
  }

  Clusters clusters() {
    return clusters;
  }
}
