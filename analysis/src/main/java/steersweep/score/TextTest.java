package steersweep.score;

import steersweep.plan.Choice;

/**
 * A candidate put to the test by the texts of the base prompts that had no say in its choice.
 *
 * @param why it was chosen; {@code OPPOSITE} asks for less of the concept
 * @param evidence of the steered texts minus that of their random control's (without any: of the
 *     baseline's), on the held-out half, nats a text
 * @param chance one-sided, of evidence this far in the direction asked for, by sign flips of base
 *     prompts
 * @param corrected the same for all of the concept's candidates together (step-down max-T)
 * @param coherent share of the held-out texts
 * @param recognised share of the held-out texts
 */
public record TextTest(
    Point point,
    Choice.Why why,
    Interval evidence,
    double chance,
    double corrected,
    Interval coherent,
    Interval recognised) {
  /** Evidence in the direction asked for. */
  public Interval asked() {
    return evidence.asked(point.sign());
  }

  /** Whether the held-out half has base prompts enough to confirm anything. */
  public boolean enough() {
    return evidence.clusters() >= Rules.LEAST_PROMPTS;
  }

  public boolean confirmed() {
    return verdict() == SiteVerdict.CONFIRMED;
  }

  /** What the texts say; of a site that pulls. */
  SiteVerdict verdict() {
    if (evidence.n() == 0) {
      return SiteVerdict.NOT_TESTED;
    }
    if (!enough()) {
      return SiteVerdict.TOO_FEW;
    }
    if (!(corrected <= Rules.MOST_FALSE) || asked().mean() <= 0) {
      return SiteVerdict.NOT_CONFIRMED;
    }
    return coherent.mean() >= Rules.LEAST_COHERENT
        ? SiteVerdict.CONFIRMED
        : SiteVerdict.NOT_COHERENT;
  }
}
