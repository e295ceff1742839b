package steersweep.report;

import steersweep.plan.Site;
import steersweep.score.Interval;
import steersweep.score.Point;
import steersweep.score.SiteScore;

/** Sites and scores in words. */
final class Labels {
  private Labels() {}

  /** {@code layer 3}, {@code layer 3 all heads}, {@code layer 3 head 2}. */
  static String place(Site site) {
    return "layer " + site.layer() + heads(site);
  }

  static String site(Site site) {
    return site.hookPoint().word() + " " + place(site);
  }

  static String siteAndScale(SiteScore score) {
    return point(score.point());
  }

  static String point(Point point) {
    return site(point.site()) + " at scale " + Numbers.scale(point.scale());
  }

  /** {@code +0.41 [+0.20, +0.62]}. */
  static String effect(Interval effect) {
    return Numbers.signed(effect.mean()) + " " + Numbers.interval(effect);
  }

  /** All there is to say about a score in one line. */
  static String details(SiteScore score) {
    return siteAndScale(score)
        + ": effect "
        + effect(score.effect())
        + parts(score)
        + ", fluency "
        + Numbers.signed(score.fluency())
        + ", "
        + Numbers.percent(score.changed())
        + " changed, n "
        + score.n()
        + ", "
        + verdict(score);
  }

  /** The same in short, where a drawing says the rest. */
  static String brief(SiteScore score) {
    return place(score.site())
        + ", scale "
        + Numbers.scale(score.scale())
        + ": effect "
        + effect(score.effect())
        + ", n "
        + score.n()
        + ", "
        + verdict(score);
  }

  /** What the effect is made of, where a random control is taken off. */
  private static String parts(SiteScore score) {
    return score.control().known()
        ? " (steered "
            + Numbers.signed(score.againstBaseline().mean())
            + ", random "
            + Numbers.signed(score.control().mean().mean())
            + ")"
        : "";
  }

  /** {@code works}, {@code unclear (wrong way)}. */
  static String verdict(SiteScore score) {
    return score.works()
        ? score.verdict().outcome().word()
        : score.verdict().outcome().word() + " (" + score.verdict().reason() + ")";
  }

  private static String heads(Site site) {
    if (!site.hookPoint().hasHeads()) {
      return "";
    }
    return site.allHeads() ? " all heads" : " head " + site.head();
  }
}
