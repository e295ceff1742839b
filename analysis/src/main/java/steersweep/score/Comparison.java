package steersweep.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.TDistribution;
import org.jspecify.annotations.Nullable;
import steersweep.measure.Measure;
import steersweep.plan.DoseUnit;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import tech.tablesaw.api.Row;

/**
 * Two runs of the same question: two models, or two settings. Pull at the same site and setting of
 * both is compared on the prompt pairs that both have; then a base prompt's difference is a
 * difference of two pulls on it, and what the base prompt itself does to a pull cancels out.
 * Without shared prompt pairs the means are compared as those of two unrelated samples.
 *
 * @param before the first run
 * @param after the second run
 * @param settings what the runs do not share
 * @param sameKind whether settings mean the same in both; else no setting of one is a setting of
 *     the other
 * @param sharedPairs prompt pairs (same base prompt, same steering prompt) with readings in both
 * @param controlled whether pulls are minus the random control's: only if both runs have one
 * @param differences a difference for each site and setting that both have, in their order
 * @param recommended what became of the first run's recommended sites, concept by concept
 * @param texts of both runs at the first run's best sites
 */
public record Comparison(
    Side before,
    Side after,
    List<SettingDifference> settings,
    boolean sameKind,
    int sharedPairs,
    boolean controlled,
    List<Difference> differences,
    List<Recommended> recommended,
    List<TextPair> texts) {
  /** Prompt pairs of a concept whose texts are shown. */
  private static final int MOST_TEXTS = 4;

  private static final double UPPER_QUANTILE = 0.975;

  public Comparison {
    settings = List.copyOf(settings);
    differences = List.copyOf(differences);
    recommended = List.copyOf(recommended);
    texts = List.copyOf(texts);
  }

  /**
   * One of the two runs.
   *
   * @param layers of its model
   * @param dose what its settings are
   */
  public record Side(int layers, DoseUnit dose, Analysis analysis) {
    public List<SiteScore> scores() {
      return analysis.all().scores();
    }
  }

  /**
   * A site and setting in both runs.
   *
   * @param before in the first run, over all of its prompts
   * @param after in the second run, over all of its prompts
   * @param pullBefore mean pull in the first run, over what {@code change} is over
   * @param pullAfter the same in the second
   * @param change pull in the second minus pull in the first, nats per token: over the shared
   *     prompt pairs, where there are any
   * @param corrected chance of a difference this large in either direction anywhere in the grid, if
   *     there were none (max-T over sign flips of base prompts); NaN without shared prompt pairs
   */
  public record Difference(
      SiteScore before,
      SiteScore after,
      double pullBefore,
      double pullAfter,
      Interval change,
      double corrected) {
    public Point point() {
      return before.point();
    }

    /** The change in the direction that the setting's sign asks for: positive is better. */
    public Interval asked() {
      return change.asked(point().sign());
    }

    /** Whether there is anything to see: another pull, or another verdict. */
    public boolean changed() {
      return pullBefore != pullAfter && !Double.isNaN(change.mean())
          || before.verdict() != after.verdict();
    }

    /** Whether both runs stay within the damage budget; beyond it a pull means little. */
    public boolean within() {
      return !before.is(Outcome.DAMAGING) && !after.is(Outcome.DAMAGING);
    }

    /** Whether it is more than chance among so many sites and settings. */
    public boolean certain() {
      return corrected <= Rules.MOST_FALSE;
    }
  }

  /** What became of a recommended site and setting of the first run. */
  public enum Fate {
    /** The first run recommends nothing, so nothing can have become worse. */
    NOTHING_RECOMMENDED(false),
    /** The second run has no reading at this site and setting. */
    MISSING(true),
    /** The damage is above the budget in the second run. */
    DAMAGING(true),
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
   * A concept's recommended site and setting in the first run.
   *
   * @param score in the first run; null if it recommends nothing
   * @param change what decides: over the shared prompt pairs whose base prompts had no say in the
   *     choice, because on the others the first run's pull is too large by the choice itself; over
   *     unrelated samples without shared prompt pairs; null where it is not in both runs
   */
  public record Recommended(
      String concept, Fate fate, @Nullable SiteScore score, @Nullable Interval change) {}

  /**
   * Texts of one prompt pair at one site and setting.
   *
   * @param before what the first run wrote
   * @param after what the second run wrote
   */
  public record TextPair(
      String concept, Point point, String base, String steering, String before, String after) {}

  public static Comparison of(RunFolder before, RunFolder after) {
    Half first = Half.of(before);
    Half second = Half.of(after);
    Comparing comparing = new Comparing(first, second);
    return new Comparison(
        first.side(),
        second.side(),
        SettingDifference.between(before.manifest(), after.manifest()),
        comparing.sameKind(),
        comparing.shared.size(),
        comparing.controlled(),
        comparing.differences(),
        first.analysis().concepts().stream().map(comparing::recommended).toList(),
        first.analysis().concepts().stream().flatMap(of -> comparing.texts(of).stream()).toList());
  }

  /** Whether any recommended site is worse, broken or gone. */
  public boolean worse() {
    return recommended.stream().anyMatch(of -> of.fate().worse());
  }

  /** Changes, the largest first, whatever their sign; those beyond the damage budget come last. */
  public List<Difference> largest() {
    return differences.stream()
        .filter(Difference::changed)
        .sorted(
            Comparator.<Difference, Boolean>comparing(d -> !d.within())
                .thenComparing(Comparator.comparing(d -> -Math.abs(d.change().mean()))))
        .toList();
  }

  /** A run, with its numbers by prompt pair. */
  private record Half(
      ResultTables tables, Analysis analysis, Grid grid, int layers, DoseUnit dose) {
    static Half of(RunFolder run) {
      ResultTables tables = ResultTables.load(run);
      RunManifest manifest = run.manifest();
      return new Half(
          tables,
          Analysis.of(tables, manifest.layers()),
          Grid.of(tables.cells()),
          manifest.layers(),
          manifest.plan().dose());
    }

    Side side() {
      return new Side(layers, dose, analysis);
    }

    /** Texts of a concept at a site and setting, by base and steering prompt, in their order. */
    Map<List<String>, String> texts(String concept, Point point) {
      Map<List<String>, String> texts = new LinkedHashMap<>();
      for (Row row : tables.texts(point)) {
        if (row.getString("concept").equals(concept)) {
          texts.putIfAbsent(
              List.of(row.getString("base_prompt"), row.getString("steering_prompt")),
              row.getString("text"));
        }
      }
      return texts;
    }

    Map<List<String>, Integer> places() {
      Map<List<String>, Integer> places = new HashMap<>();
      for (int p = 0; p < grid.pairs().size(); p++) {
        Grid.Pair pair = grid.pairs().get(p);
        places.putIfAbsent(List.of(pair.concept(), pair.base(), pair.steering()), p);
      }
      return places;
    }

    Map<Point, SiteScore> scores() {
      Map<Point, SiteScore> scores = new LinkedHashMap<>();
      analysis.all().scores().forEach(score -> scores.put(score.point(), score));
      return scores;
    }
  }

  /** Places of a shared prompt pair in both grids. */
  private record Shared(Grid.Pair pair, int before, int after) {}

  private static final class Comparing {
    private final Half before;
    private final Half after;
    private final double[][] pullsBefore;
    private final double[][] pullsAfter;
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
                  shared.add(new Shared(before.grid().pairs().get(place), place, other));
                }
              });
      shared.sort(Comparator.comparing(Shared::before));
      pullsBefore = pulls(before);
      pullsAfter = pulls(after);
    }

    boolean sameKind() {
      return before.dose() == after.dose();
    }

    boolean controlled() {
      return before.grid().controlled() && after.grid().controlled();
    }

    private double[][] pulls(Half half) {
      return controlled() ? half.grid().net(Measure.PULL) : half.grid().steered(Measure.PULL);
    }

    List<Difference> differences() {
      Map<Point, SiteScore> other = sameKind() ? after.scores() : Map.of();
      List<SiteScore> both =
          before.analysis().all().scores().stream()
              .filter(score -> other.containsKey(score.point()))
              .toList();
      double[] corrected = corrected(both);
      List<Difference> differences = new ArrayList<>();
      for (int i = 0; i < both.size(); i++) {
        SiteScore score = both.get(i);
        SiteScore there = other.get(score.point());
        if (there != null) {
          differences.add(difference(score, there, corrected[i]));
        }
      }
      return differences;
    }

    private Difference difference(SiteScore score, SiteScore there, double chance) {
      Point point = score.point();
      Interval change = change(point, of -> true);
      if (shared.isEmpty()) {
        double first = interval(before, pullsBefore, point, of -> true).mean();
        double second = interval(after, pullsAfter, point, of -> true).mean();
        return new Difference(score, there, first, second, change, chance);
      }
      double[] first = pullsBefore[before.grid().indexOf(point)];
      double[] second = pullsAfter[after.grid().indexOf(point)];
      List<Shared> known =
          shared.stream()
              .filter(of -> !Double.isNaN(second[of.after()] - first[of.before()]))
              .toList();
      return new Difference(
          score,
          there,
          known.stream().mapToDouble(of -> first[of.before()]).average().orElse(Double.NaN),
          known.stream().mapToDouble(of -> second[of.after()]).average().orElse(Double.NaN),
          change,
          chance);
    }

    List<TextPair> texts(ConceptFindings of) {
      SiteScore score = of.recommendation().score();
      if (score == null || !sameKind()) {
        return List.of();
      }
      Map<List<String>, String> second = after.texts(of.concept(), score.point());
      List<TextPair> texts = new ArrayList<>();
      before
          .texts(of.concept(), score.point())
          .forEach(
              (prompts, text) -> {
                String other = second.get(prompts);
                if (other != null && texts.size() < MOST_TEXTS) {
                  texts.add(
                      new TextPair(
                          of.concept(),
                          score.point(),
                          prompts.get(0),
                          prompts.get(1),
                          text,
                          other));
                }
              });
      return texts;
    }

    private Interval change(Point point, Predicate<Grid.Pair> wanted) {
      if (shared.isEmpty()) {
        return unrelated(
            interval(before, pullsBefore, point, wanted),
            interval(after, pullsAfter, point, of -> true));
      }
      List<Shared> used = shared.stream().filter(of -> wanted.test(of.pair())).toList();
      return Interval.of(changes(point, used), used.stream().map(of -> of.pair().base()).toList());
    }

    private double[] changes(Point point, List<Shared> pairs) {
      double[] first = pullsBefore[before.grid().indexOf(point)];
      double[] second = pullsAfter[after.grid().indexOf(point)];
      return pairs.stream()
          .mapToDouble(pair -> second[pair.after()] - first[pair.before()])
          .toArray();
    }

    private static Interval interval(
        Half half, double[][] pulls, Point point, Predicate<Grid.Pair> wanted) {
      double[] values = pulls[half.grid().indexOf(point)];
      List<Grid.Pair> pairs = half.grid().pairs();
      double[] used =
          IntStream.range(0, values.length)
              .mapToDouble(p -> wanted.test(pairs.get(p)) ? values[p] : Double.NaN)
              .toArray();
      return half.grid().clusters().interval(used);
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
      Clusters clusters = Clusters.of(shared.stream().map(of -> of.pair().base()).toList());
      double[][] sums = new double[2 * both.size()][];
      for (int i = 0; i < both.size(); i++) {
        sums[i] = clusters.sums(changes(both.get(i).point(), shared));
        sums[both.size() + i] = Arrays.stream(sums[i]).map(sum -> -sum).toArray();
      }
      double[] ofAll = SignFlips.of(sums).corrected();
      for (int i = 0; i < corrected.length; i++) {
        corrected[i] = Math.min(ofAll[i], ofAll[both.size() + i]);
      }
      return corrected;
    }

    Recommended recommended(ConceptFindings of) {
      SiteScore score = of.recommendation().score();
      if (!of.recommendation().confirmed() || score == null) {
        return new Recommended(of.concept(), Fate.NOTHING_RECOMMENDED, null, null);
      }
      Optional<SiteScore> there =
          sameKind()
              ? after.analysis().of(of.concept()).flatMap(c -> at(c, score))
              : Optional.empty();
      if (there.isEmpty() || there.get().of(Measure.PULL).steered().n() == 0) {
        return new Recommended(of.concept(), Fate.MISSING, score, null);
      }
      Interval change =
          change(
              score.point(),
              pair ->
                  pair.concept().equals(of.concept()) && before.analysis().heldOut(pair.base()));
      Fate fate =
          there.get().is(Outcome.DAMAGING)
              ? Fate.DAMAGING
              : change.below0()
                  ? Fate.WORSE
                  : change.above0() ? Fate.BETTER : Fate.NOT_CLEARLY_DIFFERENT;
      return new Recommended(of.concept(), fate, score, change);
    }

    private static Optional<SiteScore> at(ConceptFindings of, SiteScore score) {
      return of.scores().stream().filter(s -> s.point().equals(score.point())).findFirst();
    }
  }
}
