package steersweep.score;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import steersweep.model.HookPoint;
import steersweep.plan.CellKind;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;

/**
 * The answer of a whole sweep. "Nothing works" is one: then every {@code best} is null.
 *
 * @param hookPoints a finding for each hook point that has scores
 * @param pairs prompt pairs with a scored baseline
 * @param basePrompts different base prompts among them
 * @param controlled whether effects are minus those of random directions, or only minus the
 *     baseline
 * @param recommendation the site and scale to use, chosen on one half of the base prompts
 * @param slopes dose-response of each site
 * @param prompted mean effect of the steering prompt put before the base prompt as plain text;
 *     empty (n 0) if the sweep has no such cells
 * @param claims the claims of the original work, judged; in its order
 * @param skipped sites and scales of which cells were not generated, and why
 */
public record Findings(
    List<AtHookPoint> hookPoints,
    int pairs,
    int basePrompts,
    boolean controlled,
    Recommendation recommendation,
    List<Slope> slopes,
    Interval prompted,
    List<Claim> claims,
    List<Skipped> skipped) {
  public Findings {
    hookPoints = List.copyOf(hookPoints);
    slopes = List.copyOf(slopes);
    claims = List.copyOf(claims);
    skipped = List.copyOf(skipped);
  }

  /**
   * Steered cells of one site and scale that were not generated.
   *
   * @param guard the plan's guard that was not met
   */
  public record Skipped(Point point, String guard, int cells) {}

  /**
   * What one hook point has to offer.
   *
   * @param counts sites x scales of each outcome; outcomes that do not occur are 0
   * @param best the largest mean effect among those that work at a positive scale; chosen on the
   *     prompts that it is reported on, so that its effect is likely too large, unlike that of
   *     {@link Findings#recommendation}
   * @param largest the largest mean effect at a positive scale, working or not; of incoherent texts
   *     only if all are, because broken texts have any effect
   * @param opposite the most negative mean effect among those that work at a negative scale
   */
  public record AtHookPoint(
      HookPoint hookPoint,
      Map<Outcome, Integer> counts,
      @Nullable SiteScore best,
      @Nullable SiteScore largest,
      @Nullable SiteScore opposite) {
    public AtHookPoint {
      counts = Map.copyOf(counts);
    }

    public int count(Outcome outcome) {
      return counts.getOrDefault(outcome, 0);
    }

    /** Sites x scales tried here. */
    public int tried() {
      return counts.values().stream().mapToInt(Integer::intValue).sum();
    }
  }

  static Findings of(
      List<SiteScore> scores,
      EffectGrid grid,
      EqualDose equalDose,
      ResultTables tables,
      int layers) {
    List<AtHookPoint> found =
        SiteScores.byHookPoint(scores).entrySet().stream()
            .map(entry -> at(entry.getKey(), entry.getValue()))
            .toList();
    Recommendation recommendation = Recommendation.of(grid, scores);
    return new Findings(
        found,
        tables.baselines().rowCount(),
        tables.baselines().stringColumn("base_prompt").countUnique(),
        grid.controlled(),
        recommendation,
        Slope.of(grid, scores),
        SiteScores.effect(tables.prompted()),
        new Claims(grid, scores, recommendation, equalDose, tables, layers).all(),
        skipped(tables.skipped()));
  }

  private static List<Skipped> skipped(Table cells) {
    Map<Skipped, Integer> counts = new LinkedHashMap<>();
    for (Row row : cells) {
      if (row.getString("kind").equals(CellKind.STEERED.word())) {
        Point point = new Point(SiteScores.site(row), row.getDouble("setting"));
        counts.merge(new Skipped(point, row.getString("message"), 0), 1, Integer::sum);
      }
    }
    return counts.entrySet().stream()
        .map(entry -> new Skipped(entry.getKey().point(), entry.getKey().guard(), entry.getValue()))
        .sorted(Comparator.comparing(Skipped::point, Point.ORDER).thenComparing(Skipped::guard))
        .toList();
  }

  /** The recommended site and scale, scored on all prompts; empty if none is confirmed. */
  public Optional<SiteScore> best() {
    return recommendation.confirmed()
        ? Optional.ofNullable(recommendation.score())
        : Optional.empty();
  }

  /** Whether there are so few base prompts that every interval is a rough guide only. */
  public boolean fewBasePrompts() {
    return basePrompts < Interval.FEW_CLUSTERS;
  }

  /** The largest of all hook points; empty without a positive scale. */
  public Optional<SiteScore> largest() {
    return hookPoints.stream()
        .map(AtHookPoint::largest)
        .filter(Objects::nonNull)
        .max(
            Comparator.<SiteScore, Boolean>comparing(score -> !score.is(Outcome.INCOHERENT))
                .thenComparing(SiteScore::meanEffect));
  }

  public int count(Outcome outcome) {
    return hookPoints.stream().mapToInt(at -> at.count(outcome)).sum();
  }

  public int tried() {
    return hookPoints.stream().mapToInt(AtHookPoint::tried).sum();
  }

  private static AtHookPoint at(HookPoint hookPoint, List<SiteScore> scores) {
    Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
    for (Outcome outcome : Outcome.values()) {
      counts.put(outcome, (int) scores.stream().filter(score -> score.is(outcome)).count());
    }
    Comparator<SiteScore> byEffect = Comparator.comparing(SiteScore::meanEffect);
    Comparator<SiteScore> coherent = Comparator.comparing(score -> !score.is(Outcome.INCOHERENT));
    List<SiteScore> towards = scores.stream().filter(score -> score.scale() > 0).toList();
    List<SiteScore> away = scores.stream().filter(score -> score.scale() < 0).toList();
    return new AtHookPoint(
        hookPoint,
        counts,
        towards.stream().filter(SiteScore::works).max(byEffect).orElse(null),
        towards.stream().max(coherent.thenComparing(byEffect)).orElse(null),
        away.stream().filter(SiteScore::works).min(byEffect).orElse(null));
  }
}
