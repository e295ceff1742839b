package steersweep.score;

import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import steersweep.model.HookPoint;

/**
 * The answer of a whole sweep. "Nothing works" is one: then every {@code best} is null.
 *
 * @param hookPoints a finding for each hook point that has scores
 * @param pairs prompt pairs with a scored baseline
 * @param basePrompts different base prompts among them
 */
public record Findings(List<AtHookPoint> hookPoints, int pairs, int basePrompts) {
  public Findings {
    hookPoints = List.copyOf(hookPoints);
  }

  /**
   * What one hook point has to offer.
   *
   * @param counts sites x scales of each outcome; outcomes that do not occur are 0
   * @param best the largest mean effect among those that work at a positive scale
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

  public static Findings of(List<SiteScore> scores, ResultTables tables) {
    List<AtHookPoint> found =
        SiteScores.byHookPoint(scores).entrySet().stream()
            .map(entry -> at(entry.getKey(), entry.getValue()))
            .toList();
    return new Findings(
        found,
        tables.baselines().rowCount(),
        tables.baselines().stringColumn("base_prompt").countUnique());
  }

  /** The best site and scale of all hook points; empty if nothing works. */
  public Optional<SiteScore> best() {
    return hookPoints.stream()
        .map(AtHookPoint::best)
        .filter(Objects::nonNull)
        .max(Comparator.comparing(SiteScore::meanEffect));
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
