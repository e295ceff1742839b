package steersweep.report;

import java.math.BigDecimal;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import steersweep.error.Visible;
import steersweep.measure.Measure;
import steersweep.plan.DoseUnit;
import steersweep.plan.Site;
import steersweep.score.Estimate;
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

  static String point(Point point) {
    return site(point.site()) + " at setting " + Numbers.scale(point.setting());
  }

  /** What settings are, for an axis. */
  static String setting(DoseUnit unit) {
    return switch (unit) {
      case RAW -> "setting: factor";
      case RELATIVE -> "setting: share of the activation";
      case KL -> "setting: damage asked for, nats";
    };
  }

  /** {@code residual_post/12/all/+0.3}: the same in an address. */
  static String key(Point point) {
    Site site = point.site();
    return site.hookPoint().word()
        + "/"
        + site.layer()
        + (site.allHeads() ? "/all/" : "/" + site.head() + "/")
        + (point.setting() > 0 ? "+" : "")
        + BigDecimal.valueOf(point.setting()).stripTrailingZeros().toPlainString();
  }

  /** Where the page shows the texts of a cell; its script opens it. */
  static String address(String concept, Point point) {
    String name = URLEncoder.encode(Visible.text(concept), StandardCharsets.UTF_8);
    return "#" + name.replace("+", "%20") + "/" + key(point);
  }

  /** {@code +0.41 [+0.20, +0.62]}. */
  static String effect(Interval effect) {
    return Numbers.signed(effect.mean()) + " " + Numbers.interval(effect);
  }

  /** All there is to say about a score in one line. */
  static String details(SiteScore score) {
    Interval control = score.of(Measure.PULL).control();
    return point(score.point())
        + ": pull "
        + effect(score.pull())
        + (control.n() == 0
            ? ""
            : " (steered "
                + Numbers.signed(score.of(Measure.PULL).steered().mean())
                + ", random "
                + Numbers.signed(control.mean())
                + ")")
        + decider(score)
        + ", damage "
        + Numbers.fixed(score.damage(), 2)
        + ", n "
        + score.pull().n()
        + ", "
        + verdict(score);
  }

  /** The same in short, where a drawing says the rest. */
  static String brief(SiteScore score) {
    return place(score.site())
        + ", setting "
        + Numbers.scale(score.setting())
        + ": pull "
        + effect(score.pull())
        + decider(score)
        + ", damage "
        + Numbers.fixed(score.damage(), 2)
        + ", n "
        + score.pull().n()
        + ", "
        + verdict(score);
  }

  /** The median and the pair that decides the mean, where they differ in sign. */
  static String decider(SiteScore score) {
    Estimate.Decider decider = score.of(Measure.PULL).decider();
    return decider == null
        ? ""
        : ", median "
            + Numbers.signed(score.of(Measure.PULL).median())
            + "; the mean is decided by “"
            + decider.base()
            + "” with "
            + Numbers.signed(decider.value());
  }

  /** {@code works (confirmed by texts)}, {@code unclear (interval reaches 0)}. */
  static String verdict(SiteScore score) {
    return score.verdict().outcome().word() + " (" + score.verdict().reason() + ")";
  }

  private static String heads(Site site) {
    if (!site.hookPoint().hasHeads()) {
      return "";
    }
    return site.allHeads() ? " all heads" : " head " + site.head();
  }
}
