package steersweep.score;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import steersweep.plan.Halves;

/**
 * The site and scale to use. It is chosen on one half of the base prompts and reported on the other
 * half, which had no say in the choice: the best of many is otherwise too good to be true.
 *
 * <p>Chosen is the largest mean effect among the positive scales that pass every rule of {@link
 * Verdicts} on the choosing half but the correction for the size of the grid. It is confirmed if it
 * passes the same rules on the other half; there it is one test, so no correction is needed.
 *
 * @param score the choice, scored on all prompts; null if there is none
 * @param choosing its effect on the half that it was chosen on, too large by the choice
 * @param heldOut its effect on the other half: the one to believe
 * @param chance one-sided chance of {@code heldOut} by sign flips; NaN without a choice
 * @param ties other sites and scales that are as good as far as the other half can tell: coherent
 *     and changing there, and with an interval that contains the mean of {@code heldOut}; largest
 *     first
 * @param otherWay what would have been chosen with the halves swapped; null if nothing
 * @param choosingPrompts base prompts of the choosing half
 * @param heldOutPrompts base prompts of the other half
 */
public record Recommendation(
    Status status,
    @Nullable SiteScore score,
    @Nullable Interval choosing,
    @Nullable Interval heldOut,
    double chance,
    List<SiteScore> ties,
    @Nullable Point otherWay,
    List<String> choosingPrompts,
    List<String> heldOutPrompts) {
  /** Base prompts that either half needs: with fewer no chance can be as small as 5 %. */
  public static final int LEAST_PROMPTS = 5;

  /** What came of the choice. */
  public enum Status {
    /** Chosen on one half, holds on the other. */
    CONFIRMED,
    /** Chosen on one half, does not hold on the other. */
    NOT_CONFIRMED,
    /** Chosen, but there are too few base prompts to confirm anything. */
    TOO_FEW,
    /** Nothing passes on the choosing half. */
    NOTHING
  }

  public Recommendation {
    ties = List.copyOf(ties);
    choosingPrompts = List.copyOf(choosingPrompts);
    heldOutPrompts = List.copyOf(heldOutPrompts);
  }

  public boolean confirmed() {
    return status == Status.CONFIRMED;
  }

  static Recommendation of(EffectGrid grid, List<SiteScore> scores) {
    Halves halves = Halves.of(grid.concepts(), grid.bases());
    List<SiteScore> first = SiteScores.uncorrected(grid.withBases(halves.choosing()));
    List<SiteScore> second = SiteScores.uncorrected(grid.withBases(halves.confirming()));
    Optional<SiteScore> chosen = choice(first);
    Point otherWay = choice(second).map(SiteScore::point).orElse(null);
    List<String> choosingPrompts = halves.choosing().stream().sorted().toList();
    List<String> heldOutPrompts = halves.confirming().stream().sorted().toList();
    Optional<SiteScore> heldOut = chosen.flatMap(score -> at(second, score.point()));
    if (chosen.isEmpty() || heldOut.isEmpty()) {
      return new Recommendation(
          Status.NOTHING,
          null,
          null,
          null,
          Double.NaN,
          List.of(),
          otherWay,
          choosingPrompts,
          heldOutPrompts);
    }
    SiteScore there = heldOut.get();
    double chance = there.chance();
    boolean few =
        Math.min(chosen.get().effect().clusters(), there.effect().clusters()) < LEAST_PROMPTS;
    boolean holds = there.works() && chance <= Verdicts.MOST_FALSE;
    return new Recommendation(
        few ? Status.TOO_FEW : holds ? Status.CONFIRMED : Status.NOT_CONFIRMED,
        at(scores, there.point()).orElse(null),
        chosen.get().effect(),
        there.effect(),
        chance,
        ties(second, there, scores),
        otherWay,
        choosingPrompts,
        heldOutPrompts);
  }

  private static Optional<SiteScore> choice(List<SiteScore> half) {
    return half.stream()
        .filter(score -> score.scale() > 0 && score.works())
        .max(Comparator.comparing(SiteScore::meanEffect));
  }

  private static Optional<SiteScore> at(List<SiteScore> scores, Point point) {
    return scores.stream().filter(score -> score.point().equals(point)).findFirst();
  }

  private static List<SiteScore> ties(
      List<SiteScore> heldOut, SiteScore best, List<SiteScore> scores) {
    Map<Point, SiteScore> onAll = new LinkedHashMap<>();
    scores.forEach(score -> onAll.put(score.point(), score));
    return heldOut.stream()
        .filter(score -> score.scale() > 0 && !score.point().equals(best.point()))
        .filter(score -> !score.is(Outcome.INCOHERENT) && !score.is(Outcome.NEGLIGIBLE))
        .filter(score -> score.effect().contains(best.meanEffect()))
        .sorted(Comparator.comparing(SiteScore::meanEffect).reversed())
        .map(score -> onAll.getOrDefault(score.point(), score))
        .toList();
  }
}
