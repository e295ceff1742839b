package steersweep.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.TDistribution;
import org.jspecify.annotations.Nullable;
import steersweep.result.RunFolder;
import tech.tablesaw.api.Row;

/**
 * Two runs of the same question: two models, or two settings. The same site and scale of both are
 * compared on the prompt pairs that both have; then a base prompt's difference is a difference of
 * two effects on it, and what the base prompt itself does to an effect cancels out. Without shared
 * prompt pairs the means are compared as those of two unrelated samples.
 *
 * @param before the first run
 * @param after the second run
 * @param settings what the runs do not share
 * @param sharedPairs prompt pairs (same base prompt, same steering prompt) with scores in both
 * @param controlled whether effects are minus the random control's: only if both runs have one
 * @param differences a difference for each site and scale that both have, in their order
 * @param recommended what became of the first run's recommended site and scale
 */
public record Comparison(
    Side before,
    Side after,
    List<SettingDifference> settings,
    int sharedPairs,
    boolean controlled,
    List<Difference> differences,
    Recommended recommended) {
  private static final double UPPER_QUANTILE = 0.975;

  public Comparison {
    settings = List.copyOf(settings);
    differences = List.copyOf(differences);
  }

  /**
   * One of the two runs.
   *
   * @param layers of its model
   * @param pairs prompt pairs with scores
   * @param points sites x scales with scores
   */
  public record Side(int layers, int pairs, int points, Findings findings) {}

  /**
   * A site and scale in both runs.
   *
   * @param before in the first run, over all of its prompts
   * @param after in the second run, over all of its prompts
   * @param change effect in the second minus effect in the first, nats per token: over the shared
   *     prompt pairs, where there are any
   * @param corrected chance of a difference this large in either direction anywhere in the grid, if
   *     there were none (max-T over sign flips of base prompts); NaN without shared prompt pairs
   */
  public record Difference(SiteScore before, SiteScore after, Interval change, double corrected) {
    public Point point() {
      return before.point();
    }

    /** The change in the direction that the scale's sign asks for: positive is better. */
    public Interval asked() {
      return before.scale() < 0 ? change.negative() : change;
    }

    /** Whether the texts are coherent in both runs; broken texts have any effect. */
    public boolean coherent() {
      return !before.is(Outcome.INCOHERENT) && !after.is(Outcome.INCOHERENT);
    }

    /** Whether it is more than chance among so many sites and scales. */
    public boolean certain() {
      return corrected <= Verdicts.MOST_FALSE;
    }
  }

  /** What became of the first run's recommended site and scale. */
  public enum Fate {
    /** The first run recommends nothing, so nothing can have become worse. */
    NOTHING_RECOMMENDED(false),
    /** The second run has no score at this site and scale. */
    MISSING(true),
    /** The texts are incoherent in the second run. */
    INCOHERENT(true),
    /** The interval of the change lies wholly on the side of less steering. */
    WORSE(true),
    /** The interval of the change lies wholly on the side of more steering. */
    BETTER(false),
    /** Neither is clear. */
    NOT_CLEARLY_DIFFERENT(false);

    private final boolean worse;

    Fate(boolean worse) {
      this.worse = worse;
    }

    /** Whether a gate should close. */
    public boolean worse() {
      return worse;
    }
  }

  /**
   * The first run's recommended site and scale.
   *
   * @param score in the first run; null if it recommends nothing
   * @param change what decides: over the shared prompt pairs whose base prompts had no say in the
   *     choice, because on the others the first run's effect is too large by the choice itself;
   *     over unrelated samples without shared prompt pairs; null where it is not in both runs
   */
  public record Recommended(Fate fate, @Nullable SiteScore score, @Nullable Interval change) {}

  public static Comparison of(RunFolder before, RunFolder after) {
    Half first = Half.of(before);
    Half second = Half.of(after);
    Comparing comparing = new Comparing(first, second);
    List<Difference> differences = comparing.differences();
    return new Comparison(
        first.side(),
        second.side(),
        SettingDifference.between(before.manifest(), after.manifest()),
        comparing.shared.size(),
        comparing.controlled(),
        differences,
        comparing.recommended(differences));
  }

  /** Largest changes first, whatever their sign; broken texts have any effect and come last. */
  public List<Difference> largest() {
    return differences.stream()
        .sorted(
            Comparator.<Difference, Boolean>comparing(d -> !d.coherent())
                .thenComparing(Comparator.comparing(d -> -Math.abs(d.change().mean()))))
        .toList();
  }

  /** A run, with its numbers by prompt pair. */
  private record Half(Analysis analysis, EffectGrid grid, List<List<String>> prompts, int layers) {
    static Half of(RunFolder run) {
      ResultTables tables = ResultTables.load(run);
      int layers = run.manifest().layers();
      Map<Integer, List<String>> prompts = new TreeMap<>();
      for (Row row : tables.steered()) {
        prompts.computeIfAbsent(
            row.getInt("pair"),
            pair -> List.of(row.getString("base_prompt"), row.getString("steering_prompt")));
      }
      return new Half(
          Analysis.of(tables, layers),
          EffectGrid.of(tables),
          List.copyOf(prompts.values()),
          layers);
    }

    Side side() {
      return new Side(layers, grid.pairs(), analysis.scores().size(), analysis.findings());
    }

    Map<List<String>, Integer> places() {
      Map<List<String>, Integer> places = new HashMap<>();
      for (int p = 0; p < prompts.size(); p++) {
        places.putIfAbsent(prompts.get(p), p);
      }
      return places;
    }

    Map<Point, SiteScore> scores() {
      Map<Point, SiteScore> scores = new LinkedHashMap<>();
      analysis.scores().forEach(score -> scores.put(score.point(), score));
      return scores;
    }
  }

  /** Places of a shared prompt pair in both grids. */
  private record Shared(String base, int before, int after) {}

  private static final class Comparing {
    private final Half before;
    private final Half after;
    private final List<Shared> shared = new ArrayList<>();

    Comparing(Half before, Half after) {
      this.before = before;
      this.after = after;
      Map<List<String>, Integer> there = after.places();
      before
          .places()
          .forEach(
              (prompts, place) -> {
                Integer other = there.get(prompts);
                if (other != null) {
                  shared.add(new Shared(prompts.get(0), place, other));
                }
              });
      shared.sort(Comparator.comparing(Shared::before));
    }

    boolean controlled() {
      return before.grid().controlled() && after.grid().controlled();
    }

    private double[] effects(Half half, Point point) {
      return half.grid()
          .of(controlled() ? EffectGrid.NET : ResultTables.EFFECT)[half.grid().indexOf(point)];
    }

    List<Difference> differences() {
      Map<Point, SiteScore> other = after.scores();
      List<SiteScore> both =
          before.analysis().scores().stream()
              .filter(score -> other.containsKey(score.point()))
              .toList();
      double[] corrected = corrected(both);
      List<Difference> differences = new ArrayList<>();
      for (int i = 0; i < both.size(); i++) {
        SiteScore score = both.get(i);
        Optional.ofNullable(other.get(score.point()))
            .map(there -> new Difference(score, there, change(score.point(), null), 0))
            .ifPresent(differences::add);
      }
      return IntStream.range(0, differences.size())
          .mapToObj(i -> withChance(differences.get(i), corrected[i]))
          .toList();
    }

    private static Difference withChance(Difference difference, double corrected) {
      return new Difference(
          difference.before(), difference.after(), difference.change(), corrected);
    }

    /**
     * @param bases base prompts that count; null for all
     */
    private Interval change(Point point, @Nullable Collection<String> bases) {
      if (shared.isEmpty()) {
        return unrelated(interval(before, point, bases), interval(after, point, null));
      }
      List<Shared> used =
          shared.stream().filter(pair -> bases == null || bases.contains(pair.base())).toList();
      return Interval.of(changes(point, used), used.stream().map(Shared::base).toList());
    }

    private double[] changes(Point point, List<Shared> pairs) {
      double[] first = effects(before, point);
      double[] second = effects(after, point);
      return pairs.stream()
          .mapToDouble(pair -> second[pair.after()] - first[pair.before()])
          .toArray();
    }

    private Interval interval(Half half, Point point, @Nullable Collection<String> bases) {
      double[] effects = effects(half, point);
      double[] used =
          IntStream.range(0, effects.length)
              .mapToDouble(
                  p ->
                      bases == null || bases.contains(half.grid().bases().get(p))
                          ? effects[p]
                          : Double.NaN)
              .toArray();
      return Interval.of(used, half.grid().bases());
    }

    /** Welch's interval of a difference of means, over cluster-robust standard errors. */
    private static Interval unrelated(Interval first, Interval second) {
      double mean = second.mean() - first.mean();
      int n = first.n() + second.n();
      int clusters = first.clusters() + second.clusters();
      if (!first.known() || !second.known()) {
        return new Interval(n, clusters, mean, Double.NaN, Double.NaN, Double.NaN);
      }
      double a = first.standardError() * first.standardError();
      double b = second.standardError() * second.standardError();
      double error = Math.sqrt(a + b);
      double freedom =
          (a + b) * (a + b) / (a * a / (first.clusters() - 1) + b * b / (second.clusters() - 1));
      double half =
          error == 0
              ? 0
              : error * new TDistribution(freedom).inverseCumulativeProbability(UPPER_QUANTILE);
      return new Interval(n, clusters, mean, error, mean - half, mean + half);
    }

    /** Two-sided: each point takes part with its changes and with their negatives. */
    private double[] corrected(List<SiteScore> both) {
      double[] corrected = new double[both.size()];
      Arrays.fill(corrected, Double.NaN);
      if (shared.isEmpty()) {
        return corrected;
      }
      List<String> bases = shared.stream().map(Shared::base).distinct().toList();
      double[][] sums = new double[2 * both.size()][bases.size()];
      for (int i = 0; i < both.size(); i++) {
        double[] changes = changes(both.get(i).point(), shared);
        for (int p = 0; p < changes.length; p++) {
          if (!Double.isNaN(changes[p])) {
            int cluster = bases.indexOf(shared.get(p).base());
            sums[i][cluster] += changes[p];
            sums[both.size() + i][cluster] -= changes[p];
          }
        }
      }
      double[] ofAll = SignFlips.of(sums).corrected();
      for (int i = 0; i < corrected.length; i++) {
        corrected[i] = Math.min(ofAll[i], ofAll[both.size() + i]);
      }
      return corrected;
    }

    Recommended recommended(List<Difference> differences) {
      Recommendation recommendation = before.analysis().findings().recommendation();
      SiteScore score = recommendation.score();
      if (!recommendation.confirmed() || score == null) {
        return new Recommended(Fate.NOTHING_RECOMMENDED, null, null);
      }
      Optional<Difference> found =
          differences.stream().filter(d -> d.point().equals(score.point())).findFirst();
      if (found.isEmpty()) {
        return new Recommended(Fate.MISSING, score, null);
      }
      Set<String> heldOut = new HashSet<>(recommendation.heldOutPrompts());
      Interval change = change(score.point(), heldOut);
      boolean broken = found.get().after().is(Outcome.INCOHERENT);
      return new Recommended(
          broken
              ? Fate.INCOHERENT
              : change.below0()
                  ? Fate.WORSE
                  : change.above0() ? Fate.BETTER : Fate.NOT_CLEARLY_DIFFERENT,
          score,
          change);
    }
  }
}
