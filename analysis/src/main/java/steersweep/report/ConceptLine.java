package steersweep.report;

import org.jspecify.annotations.Nullable;
import steersweep.measure.Measure;
import steersweep.score.Analysis;
import steersweep.score.ConceptFindings;
import steersweep.score.Interval;
import steersweep.score.Point;
import steersweep.score.Recommendation;
import steersweep.score.Rules;
import steersweep.score.SiteScore;
import steersweep.score.TextTest;

/**
 * The answer for one concept in one line.
 *
 * @param verdict in a few words: {@code works}, {@code not confirmed}, ...
 * @param where the site and setting, named for what it is; empty if there is none
 * @param point the same; null if there is none
 */
record ConceptLine(
    String concept,
    String verdict,
    String where,
    String share,
    String recognised,
    String coherent,
    String damage,
    String evidence,
    boolean works,
    @Nullable Point point) {
  /**
   * @param finished false for a run that is not through: it gives no verdict
   */
  static ConceptLine of(ConceptFindings of, Analysis analysis, boolean finished) {
    Recommendation recommendation = of.recommendation();
    SiteScore score = recommendation.score();
    TextTest test = recommendation.test();
    return new ConceptLine(
        of.concept(),
        finished ? verdict(of, test) : "no verdict yet",
        score == null ? "" : said(recommendation, finished) + Labels.point(score.point()),
        score == null ? Numbers.NOTHING : share(of, score),
        test == null ? Numbers.NOTHING : recognised(test.recognised(), analysis.chance()),
        test == null || test.coherent().n() == 0
            ? Numbers.NOTHING
            : Numbers.percent(test.coherent().mean()),
        score == null ? Numbers.NOTHING : Numbers.fixed(score.damage(), 2),
        test == null ? Numbers.NOTHING : evidence(test),
        finished && recommendation.confirmed(),
        score == null ? null : score.point());
  }

  private static String said(Recommendation recommendation, boolean finished) {
    return !finished ? "largest pull so far: " : recommendation.confirmed() ? "" : "largest pull: ";
  }

  private static String verdict(ConceptFindings of, @Nullable TextTest test) {
    return switch (of.recommendation().status()) {
      case CONFIRMED -> "works";
      case NOT_CONFIRMED -> "not confirmed";
      case TOO_FEW ->
          "too few texts (coherent ones after "
              + (test == null ? 0 : test.evidence().clusters())
              + " of the held-out base prompts, "
              + Rules.LEAST_PROMPTS
              + " needed)";
      case NO_TEXTS -> "no texts of candidates yet";
      case NOTHING -> "nothing was read within the damage budget";
    };
  }

  private static String share(ConceptFindings of, SiteScore score) {
    double share = of.shareOfPrompting(score);
    return Numbers.signed(score.of(Measure.PULL).net().mean())
        + (Double.isFinite(share) ? " (" + Numbers.percent(share) + " of prompting)" : "");
  }

  private static String recognised(Interval recognised, double chance) {
    return recognised.n() == 0
        ? Numbers.NOTHING
        : Math.round(recognised.mean() * recognised.n())
            + " of "
            + recognised.n()
            + " (chance "
            + Numbers.percent(chance)
            + ")";
  }

  private static String evidence(TextTest test) {
    return Labels.effect(test.evidence()) + ", p " + Numbers.chance(test.corrected());
  }

  /** The same as a sentence. */
  String sentence() {
    if (where.isEmpty()) {
      return concept + ": " + verdict + ".";
    }
    StringBuilder text = new StringBuilder(concept).append(": ").append(verdict);
    text.append(works ? " at " : "; ").append(where);
    text.append(": pull ").append(share);
    if (!evidence.equals(Numbers.NOTHING)) {
      text.append(", held-out texts: evidence ").append(evidence);
      text.append(", recognised ").append(recognised);
      text.append(", coherent ").append(coherent);
    }
    return text.append(", damage ").append(damage).append('.').toString();
  }
}
