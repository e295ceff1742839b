package steersweep.sweep;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the factors at which steering does some damages, by trying factors. Near 0 damage is
 * quadratic in the factor, so the search goes along straight lines in logarithms: from a first
 * point with that slope, then through what is known, then by halving where lines lead nowhere. All
 * damages asked for share what was tried. Where a damage is done at several factors, the smallest
 * is taken.
 *
 * <p>Factors are rounded to three digits, and damages to four, so that the last bits of a model's
 * numbers, which depend on what shares a batch, do not decide.
 */
final class FactorSearch {
  /** Of a damage asked for. */
  static final double TOLERANCE = 0.1;

  private static final MathContext OF_FACTORS = new MathContext(3);
  private static final MathContext OF_DAMAGES = new MathContext(4);

  /** The most by which a factor grows or shrinks from one try to the next. */
  private static final double STEP = 16;

  /** Damages below this are rounding. */
  private static final double NOTHING = 1e-6;

  private static final int MOST_ROUNDS = 14;

  /** From then on the search halves. */
  private static final int LINES = 5;

  private static final double FLATTEST = 0.5;
  private static final double STEEPEST = 4;

  private final List<Double> targets;
  private final double first;
  private final double most;
  private final TreeMap<Double, Double> tried = new TreeMap<>();
  private int rounds;

  /**
   * @param factor at which the damage is done, or null with the reason why there is none
   */
  record Result(@Nullable Double factor, double damage, String reason) {}

  /**
   * @param targets damages, above 0
   * @param first factor to begin with
   * @param most factor beyond which nothing new is to be expected
   */
  FactorSearch(List<Double> targets, double first, double most) {
    this.targets = List.copyOf(targets);
    this.most = rounded(most);
    this.first = rounded(Math.min(first, most));
  }

  /** How many factors were tried. */
  int tries() {
    return tried.size();
  }

  /** Factors to be tried next; none when everything is known. */
  Set<Double> next() {
    Set<Double> next = new LinkedHashSet<>();
    if (rounds < MOST_ROUNDS) {
      for (double target : targets) {
        if (found(target).isEmpty()) {
          Double guess = guess(target);
          if (guess != null && !tried.containsKey(guess)) {
            next.add(guess);
          }
        }
      }
      rounds++;
    }
    return next;
  }

  /**
   * @param damage nats per token; not finite where the model's output was not
   */
  void add(double factor, double damage) {
    tried.put(
        factor,
        Double.isFinite(damage)
            ? BigDecimal.valueOf(Math.max(0, damage)).round(OF_DAMAGES).doubleValue()
            : Double.POSITIVE_INFINITY);
  }

  Result result(double target) {
    return found(target)
        .map(factor -> new Result(factor, damage(factor), ""))
        .orElseGet(() -> new Result(null, Double.NaN, reason(target)));
  }

  private String reason(double target) {
    Double above = above(target);
    if (above == null) {
      double largest = tried.lastKey();
      double nearest = tried.values().stream().max(Comparator.naturalOrder()).orElse(0.0);
      return String.format(
          Locale.ROOT,
          "no factor up to %s does a damage of %s; got at most %.3g",
          shown(largest),
          shown(target),
          nearest);
    }
    Double below = tried.lowerKey(above);
    return below == null
        ? String.format(
            Locale.ROOT,
            "no factor down to %s does a damage of %s; got at least %.3g",
            shown(above),
            shown(target),
            damage(above))
        : String.format(
            Locale.ROOT,
            "no factor does a damage of %s: it jumps from %.3g to %.3g between the factors %s and"
                + " %s",
            shown(target),
            damage(below),
            damage(above),
            shown(below),
            shown(above));
  }

  /** The factor whose damage is nearest to the one asked for, if that is near enough. */
  private Optional<Double> found(double target) {
    return tried.entrySet().stream()
        .filter(point -> Math.abs(point.getValue() - target) <= TOLERANCE * target)
        .min(
            Comparator.comparingDouble(
                point -> Math.abs(Math.log(point.getValue()) - Math.log(target))))
        .map(Map.Entry::getKey);
  }

  /** The smallest factor that does more than a damage. */
  private @Nullable Double above(double target) {
    return tried.entrySet().stream()
        .filter(point -> point.getValue() > target)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(null);
  }

  private @Nullable Double guess(double target) {
    if (tried.isEmpty()) {
      return first;
    }
    Double above = above(target);
    if (above == null) {
      double last = tried.lastKey();
      return last >= most ? null : rounded(Math.min(most, beyond(last, target)));
    }
    Double below = tried.lowerKey(above);
    return rounded(below == null ? beyond(above, target) : between(below, above, target));
  }

  /** Outside of what was tried: along the line through the two points at that end. */
  private double beyond(double end, double target) {
    double there = damage(end);
    if (!Double.isFinite(there)) {
      return end / STEP;
    }
    Double inner = end == tried.lastKey() ? tried.lowerKey(end) : tried.higherKey(end);
    double slope = 2;
    if (inner != null && Double.isFinite(damage(inner))) {
      double measured = (log(damage(end)) - log(damage(inner))) / (Math.log(end) - Math.log(inner));
      slope = Math.max(FLATTEST, Math.min(measured, STEEPEST));
    }
    double step = Math.exp((Math.log(target) - log(there)) / slope);
    return end * Math.max(1 / STEP, Math.min(step, STEP));
  }

  private double between(double below, double above, double target) {
    double high = damage(above);
    if (rounds >= LINES || !Double.isFinite(high) || damage(below) < NOTHING) {
      return Math.sqrt(below * above);
    }
    double part = (Math.log(target) - log(damage(below))) / (Math.log(high) - log(damage(below)));
    return below * Math.pow(above / below, part);
  }

  private double damage(double factor) {
    return Objects.requireNonNull(tried.get(factor));
  }

  private static double log(double damage) {
    return Math.log(Math.max(damage, NOTHING));
  }

  private static double rounded(double factor) {
    return BigDecimal.valueOf(factor).round(OF_FACTORS).doubleValue();
  }

  private static String shown(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toString();
  }
}
