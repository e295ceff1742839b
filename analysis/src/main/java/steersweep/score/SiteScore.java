package steersweep.score;

import java.util.EnumMap;
import java.util.Map;
import steersweep.measure.Measure;
import steersweep.plan.Site;

/**
 * What steering one site with one setting did, over the prompt pairs of a concept or of all.
 *
 * @param pairs prompt pairs that were steered here
 * @param estimates by measure; a measure that no pair has is not there
 * @param specificity pull along the own axis minus the mean along the other concepts', control
 *     taken off, nats per token; n is 0 in a plan with one concept
 * @param placement means of what was added
 * @param verdict what it comes to
 */
public record SiteScore(
    Point point,
    int pairs,
    Map<Measure, Estimate> estimates,
    Interval specificity,
    Placement placement,
    SiteVerdict verdict) {
  /**
   * Means over prompt pairs; NaN where they were not measured.
   *
   * @param factor what the activations were multiplied by
   * @param dose |what is added| / |activation it is added to|
   * @param doseResidual |what that writes into the residual stream| / |residual stream|
   * @param changed share of texts that are not the baseline's
   */
  public record Placement(double factor, double dose, double doseResidual, double changed) {}

  public SiteScore {
    estimates = estimates.isEmpty() ? Map.of() : new EnumMap<>(estimates);
  }

  SiteScore withVerdict(SiteVerdict other) {
    return new SiteScore(point, pairs, estimates, specificity, placement, other);
  }

  public Site site() {
    return point.site();
  }

  public double setting() {
    return point.setting();
  }

  public Estimate of(Measure measure) {
    return estimates.getOrDefault(measure, Estimate.NONE);
  }

  /** Pull with the control taken off. */
  public Interval pull() {
    return of(Measure.PULL).net();
  }

  /** The same in the direction that the setting's sign asks for. */
  public Interval asked() {
    return pull().asked(point.sign());
  }

  public double damage() {
    return of(Measure.DAMAGE).steered().mean();
  }

  public boolean is(Outcome outcome) {
    return verdict.outcome() == outcome;
  }

  public boolean works() {
    return is(Outcome.WORKS);
  }
}
