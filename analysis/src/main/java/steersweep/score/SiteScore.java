package steersweep.score;

import steersweep.plan.Site;

/**
 * What steering one site with one scale did, averaged over prompt pairs.
 *
 * @param effect mean of uptake minus the uptake of the same pair's baseline, nats per token;
 *     positive is towards the steering prompt at every scale, so that at a negative scale a
 *     negative effect is the one asked for
 * @param fluency mean, nats per token; 0 = as fluent as the baselines
 * @param klLast mean KL(base || steered) at the last prompt token, nats
 * @param distinct2 mean share of distinct neighbouring token pairs
 * @param moreRepetition mean of the baseline's distinct-2 minus distinct-2
 * @param zlibRatio mean
 * @param changed share of pairs whose tokens differ from the baseline's
 * @param targets share of pairs with more target words than the baseline, among pairs whose concept
 *     has target words; NaN if none has
 * @param dose mean of |scale x addition| / |activation it is added to|
 */
public record SiteScore(
    Site site,
    double scale,
    Interval effect,
    double fluency,
    double klLast,
    double distinct2,
    double moreRepetition,
    double zlibRatio,
    double changed,
    double targets,
    double dose,
    SiteVerdict verdict) {
  SiteScore withVerdict(SiteVerdict other) {
    return new SiteScore(
        site,
        scale,
        effect,
        fluency,
        klLast,
        distinct2,
        moreRepetition,
        zlibRatio,
        changed,
        targets,
        dose,
        other);
  }

  /** Prompt pairs behind every mean. */
  public int n() {
    return effect.n();
  }

  public double meanEffect() {
    return effect.mean();
  }

  public boolean is(Outcome outcome) {
    return verdict.outcome() == outcome;
  }

  public boolean works() {
    return is(Outcome.WORKS);
  }
}
