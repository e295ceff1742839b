package steersweep.score;

import steersweep.plan.Site;

/**
 * What steering one site with one scale did, averaged over prompt pairs.
 *
 * @param effect mean of what is judged: uptake minus the uptake of the same pair's baseline, minus
 *     the same of the pair's random control at this site and |scale| where the sweep has one, nats
 *     per token; positive is towards the steering prompt at every scale, so that at a negative
 *     scale a negative effect is the one asked for
 * @param againstBaseline the same without the control taken off
 * @param control what the random directions did here
 * @param chance of an effect this far in the direction asked for, if steering did no more than the
 *     control (or the baseline); one-sided, see {@link SignFlips}; NaN where it is not tested
 * @param corrected {@code chance} over the whole grid, max-T; NaN where it is not tested
 * @param wrongWay share of pairs whose effect against the baseline has the sign not asked for
 * @param skipped pairs whose cell here was not generated; they are in no mean
 * @param means of the other scores
 */
public record SiteScore(
    Site site,
    double scale,
    Interval effect,
    Interval againstBaseline,
    Control control,
    double chance,
    double corrected,
    double wrongWay,
    int skipped,
    Means means,
    SiteVerdict verdict) {
  /**
   * The controls at a site and scale.
   *
   * @param mean mean effect of the random draws over prompt pairs; NaN without any
   * @param spread standard deviation over prompt pairs of the draws' mean effect; NaN below two
   * @param shuffled mean effect of the shuffled steering prompt; NaN without any
   * @param unrelated mean effect of another concept's steering prompt; NaN without any
   */
  public record Control(Interval mean, double spread, double shuffled, double unrelated) {
    /** Whether there is a random control. */
    public boolean known() {
      return mean.n() > 0;
    }
  }

  /**
   * Means over prompt pairs; NaN where no pair has the score.
   *
   * @param fluency nats per token; 0 = as fluent as the baselines
   * @param damageLast KL(base || steered) at the last prompt token, nats
   * @param damage the same along the baseline's continuation
   * @param distinct2 share of distinct neighbouring token pairs
   * @param moreRepetition the baseline's distinct-2 minus distinct-2
   * @param zlibRatio deflated bytes / bytes
   * @param changed share of pairs whose tokens differ from the baseline's
   * @param targets share of pairs with more target words than the baseline, among pairs whose
   *     concept has target words
   * @param dose |scale x addition| / |activation it is added to|
   * @param doseResidual |what the addition writes into the residual stream| / |residual stream|
   * @param logOdds nats, see {@link steersweep.measure.Measure}
   */
  public record Means(
      double fluency,
      double damageLast,
      double damage,
      double distinct2,
      double moreRepetition,
      double zlibRatio,
      double changed,
      double targets,
      double dose,
      double doseResidual,
      double logOdds) {}

  SiteScore withVerdict(SiteVerdict other) {
    return new SiteScore(
        site,
        scale,
        effect,
        againstBaseline,
        control,
        chance,
        corrected,
        wrongWay,
        skipped,
        means,
        other);
  }

  SiteScore withChances(double one, double ofGrid) {
    return new SiteScore(
        site,
        scale,
        effect,
        againstBaseline,
        control,
        one,
        ofGrid,
        wrongWay,
        skipped,
        means,
        verdict);
  }

  public Point point() {
    return new Point(site, scale);
  }

  /** Prompt pairs behind {@code effect}. */
  public int n() {
    return effect.n();
  }

  /** Mean of {@code effect}. */
  public double meanEffect() {
    return effect.mean();
  }

  /** {@code effect} in the direction that the scale's sign asks for. */
  public double asked() {
    return Math.signum(scale) * effect.mean();
  }

  public double fluency() {
    return means.fluency();
  }

  public double damageLast() {
    return means.damageLast();
  }

  public double distinct2() {
    return means.distinct2();
  }

  public double moreRepetition() {
    return means.moreRepetition();
  }

  public double zlibRatio() {
    return means.zlibRatio();
  }

  public double changed() {
    return means.changed();
  }

  public double targets() {
    return means.targets();
  }

  public double dose() {
    return means.dose();
  }

  public double doseResidual() {
    return means.doseResidual();
  }

  public boolean is(Outcome outcome) {
    return verdict.outcome() == outcome;
  }

  public boolean works() {
    return is(Outcome.WORKS);
  }
}
