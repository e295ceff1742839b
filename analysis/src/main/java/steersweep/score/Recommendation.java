package steersweep.score;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import steersweep.plan.Choice.Why;

/**
 * The site and setting to use for a concept: of the candidates that texts confirmed the one with
 * the largest pull; if none is confirmed the one with the largest pull, called just that.
 *
 * @param score null if there is no candidate
 * @param test its texts; null as long as there are none
 */
public record Recommendation(Status status, @Nullable SiteScore score, @Nullable TextTest test) {
  /** What came of the candidates. */
  public enum Status {
    /** Texts on prompts that had no say in the choice confirm it. */
    CONFIRMED,
    /** Texts were written, and do not. */
    NOT_CONFIRMED,
    /** There are too few base prompts for any text to confirm anything. */
    TOO_FEW,
    /** There are no texts of candidates to judge by. */
    NO_TEXTS,
    /** Nothing was read yet, or no site stays within the damage budget. */
    NOTHING
  }

  public boolean confirmed() {
    return status == Status.CONFIRMED;
  }

  static Recommendation of(List<SiteScore> scores, Map<Point, TextTest> tests, double budget) {
    Comparator<SiteScore> byPull = Comparator.comparing(score -> score.asked().mean());
    List<SiteScore> towards =
        scores.stream()
            .filter(score -> score.setting() > 0 && score.pull().n() > 0)
            .filter(score -> score.damage() <= budget)
            .toList();
    List<SiteScore> tested =
        towards.stream().filter(score -> best(tests.get(score.point()))).toList();
    Optional<SiteScore> confirmed = tested.stream().filter(SiteScore::works).max(byPull);
    if (confirmed.isPresent()) {
      return with(Status.CONFIRMED, confirmed.get(), tests);
    }
    if (tested.isEmpty()) {
      return towards.stream()
          .max(byPull)
          .map(score -> with(Status.NO_TEXTS, score, tests))
          .orElse(new Recommendation(Status.NOTHING, null, null));
    }
    boolean enough =
        tested.stream().map(score -> tests.get(score.point())).anyMatch(TextTest::enough);
    return with(
        enough ? Status.NOT_CONFIRMED : Status.TOO_FEW,
        tested.stream().max(byPull).orElseThrow(),
        tests);
  }

  private static boolean best(@Nullable TextTest test) {
    return test != null && test.why() == Why.BEST;
  }

  private static Recommendation with(Status status, SiteScore score, Map<Point, TextTest> tests) {
    return new Recommendation(status, score, tests.get(score.point()));
  }
}
