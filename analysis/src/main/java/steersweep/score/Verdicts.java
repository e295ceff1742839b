package steersweep.score;

import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The rules that judge a site at one scale from its means over prompt pairs, in this order: texts
 * that do not change are negligible; broken texts are incoherent whatever their effect; a small
 * effect is negligible; the rest works if its 95 % interval lies wholly on the side that the
 * scale's sign asks for and that is more than luck among so many sites and scales, and is unclear
 * otherwise. The thresholds are conventions, set before results of a real model were seen, and
 * printed in the report.
 */
public final class Verdicts {
  /**
   * Least share of prompt pairs whose tokens differ from the baseline's. Below one text in ten a
   * mean over pairs is a story about one or two texts.
   */
  public static final double LEAST_CHANGED = 0.10;

  /**
   * Least mean effect that counts, nats per token. A text of 16 tokens with 0.05 more uptake is
   * exp(16 x 0.05) = 2.2 times more at home after the steering prompt than the baseline text is;
   * less is not worth the name of steering.
   */
  public static final double LEAST_EFFECT = 0.05;

  /**
   * Least mean fluency, nats per token. At -1 each token is, in the geometric mean, e = 2.7 times
   * less likely than the baseline's were. The baseline is greedy, the likeliest text there is, so
   * every other text lies somewhat below 0: sensible ones by some tenths.
   */
  public static final double LEAST_FLUENCY = -1.0;

  /**
   * Most distinct-2 that may be lost against the baselines of the same prompt pairs. Loops are
   * likely text for a language model, so fluency alone lets them pass. A fifth of all neighbouring
   * token pairs being repeats, beyond what the baselines repeat, is a visible loop in a short text.
   * The zlib ratio is shown but not used: on texts of a few dozen bytes it mostly measures length.
   */
  public static final double MOST_REPETITION = 0.20;

  /**
   * Largest chance that any site and scale of the sweep is said to work although none does (max-T,
   * see {@link SignFlips}).
   */
  public static final double MOST_FALSE = 0.05;

  /** Changed and coherent: the ones whose effects are tested. */
  private static final Set<SiteVerdict> TESTED =
      EnumSet.of(
          SiteVerdict.WORKS,
          SiteVerdict.SMALL_EFFECT,
          SiteVerdict.NOT_CLEAR,
          SiteVerdict.WRONG_WAY);

  private Verdicts() {}

  /**
   * Takes back "works" where the chance corrected for the grid is more than {@link #MOST_FALSE}.
   *
   * @param judged scores with the verdicts of {@link #judge}
   * @param askedSums effects of a score in the direction asked for, added up by cluster
   */
  static List<SiteScore> corrected(
      List<SiteScore> judged, Function<SiteScore, double[]> askedSums) {
    return withChances(judged, askedSums).stream()
        .map(
            score ->
                score.works() && score.corrected() > MOST_FALSE
                    ? score.withVerdict(SiteVerdict.LIKELY_CHANCE)
                    : score)
        .toList();
  }

  /** Adds their chances to the scores that are tested: changed and coherent ones. */
  static List<SiteScore> withChances(
      List<SiteScore> judged, Function<SiteScore, double[]> askedSums) {
    List<SiteScore> tested =
        judged.stream()
            .filter(score -> TESTED.contains(score.verdict()) && score.effect().known())
            .toList();
    SignFlips flips = SignFlips.of(tested.stream().map(askedSums).toArray(double[][]::new));
    Map<Point, SiteScore> withChances = new HashMap<>();
    for (int i = 0; i < tested.size(); i++) {
      SiteScore score = tested.get(i);
      withChances.put(score.point(), score.withChances(flips.single()[i], flips.corrected()[i]));
    }
    return judged.stream().map(score -> withChances.getOrDefault(score.point(), score)).toList();
  }

  /**
   * Judges one site at one scale, without a thought for the others.
   *
   * @param scale its sign is the direction asked for: towards the steering prompt, or away from it
   * @param effect over prompt pairs, positive towards the steering prompt
   * @param changed share of pairs whose tokens changed
   * @param fluency mean
   * @param moreRepetition mean loss of distinct-2 against the baselines
   */
  public static SiteVerdict judge(
      double scale, Interval effect, double changed, double fluency, double moreRepetition) {
    if (changed < LEAST_CHANGED) {
      return SiteVerdict.HARDLY_CHANGES;
    }
    // Negated, so that a fluency that is not a number never passes.
    if (!(fluency >= LEAST_FLUENCY)) {
      return SiteVerdict.NOT_FLUENT;
    }
    if (moreRepetition > MOST_REPETITION) {
      return SiteVerdict.REPETITIVE;
    }
    if (Math.abs(effect.mean()) < LEAST_EFFECT) {
      return SiteVerdict.SMALL_EFFECT;
    }
    if (!effect.known()) {
      return SiteVerdict.ONE_BASE_PROMPT;
    }
    double nearEnd = scale > 0 ? effect.low() : -effect.high();
    double farEnd = scale > 0 ? effect.high() : -effect.low();
    if (nearEnd > 0) {
      return SiteVerdict.WORKS;
    }
    return farEnd < 0 ? SiteVerdict.WRONG_WAY : SiteVerdict.NOT_CLEAR;
  }
}
