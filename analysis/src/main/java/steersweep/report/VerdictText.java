package steersweep.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import steersweep.error.Visible;
import steersweep.score.Findings;
import steersweep.score.Interval;
import steersweep.score.Outcome;
import steersweep.score.Point;
import steersweep.score.Progress;
import steersweep.score.Recommendation;
import steersweep.score.SiteScore;

/**
 * The answer of a sweep in sentences, the same in the terminal, the page and the summary.
 *
 * @param headline the answer
 * @param evidence the numbers behind it; empty without an answer
 * @param remarks what else a reader should know, short
 * @param counts sites x scales of each outcome, and the best of each hook point; drawn as a table
 *     where there is room for one
 * @param warnings how far it may be believed, and what is missing
 */
record VerdictText(
    String headline,
    String evidence,
    List<Remark> remarks,
    List<Remark> counts,
    List<String> warnings) {
  /** Ties that are named. */
  private static final int MOST_TIES = 3;

  private static final String NO_CONTROL =
      "No random control in this sweep: part of an effect may come from any push of that size, not"
          + " from the meaning of the steering prompt.";

  private static final String NOTHING_CAUTION =
      "This is about these prompts, sites and scales; others may work, and a small effect needs more"
          + " base prompts to be seen.";

  /** A sentence with what it is about. */
  record Remark(String about, String text) {
    @Override
    public String toString() {
      return about + ": " + text;
    }
  }

  static VerdictText of(Report report) {
    Findings findings = report.findings();
    List<String> progress = progress(report.tables().progress());
    if (findings.tried() == 0) {
      String none = "No verdict: no steered cell has a score yet.";
      return new VerdictText(none, "", List.of(), List.of(), progress);
    }
    List<Remark> remarks =
        Stream.of(ties(findings), prompted(findings), opposite(report))
            .filter(Objects::nonNull)
            .toList();
    List<Remark> counts =
        List.of(
            new Remark(Numbers.count(findings.tried()) + " sites x scales", counts(findings)),
            new Remark("By hook point", hookPoints(findings)));
    List<String> warnings = new ArrayList<>(cautions(findings));
    warnings.addAll(progress);
    return new VerdictText(headline(findings), evidence(findings), remarks, counts, warnings);
  }

  /**
   * Short lines without markup, safe to print: a terminal or log that knows ASCII only must not
   * turn a minus sign into a question mark.
   */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(evidence.isEmpty() ? headline : headline + " " + evidence);
    counts.forEach(remark -> lines.add(remark.toString()));
    remarks.forEach(remark -> lines.add(remark.toString()));
    lines.addAll(warnings);
    return lines.stream()
        .map(line -> Visible.text(line).replace('−', '-').replace('\u202F', ' ').replace('×', 'x'))
        .toList();
  }

  private static String headline(Findings findings) {
    Recommendation recommendation = findings.recommendation();
    SiteScore score = recommendation.score();
    if (score == null) {
      return "Nothing works.";
    }
    String chosen = Labels.siteAndScale(score);
    return switch (recommendation.status()) {
      case CONFIRMED -> "Best: " + chosen + ".";
      case NOT_CONFIRMED ->
          findings.count(Outcome.WORKS) == 0
              ? "Nothing works."
              : "Nothing is confirmed; candidate: " + chosen + ".";
      case TOO_FEW -> "Too few base prompts to confirm anything; candidate: " + chosen + ".";
      case NOTHING -> "Nothing works.";
    };
  }

  private static String evidence(Findings findings) {
    Recommendation recommendation = findings.recommendation();
    SiteScore score = recommendation.score();
    Interval heldOut = recommendation.heldOut();
    if (score == null || heldOut == null) {
      return nothing(findings);
    }
    return (recommendation.confirmed()
            ? ""
            : Labels.siteAndScale(score) + " came out best on one half of the base prompts. ")
        + "On the "
        + recommendation.heldOutPrompts().size()
        + " base prompts that had no say in the choice the effect is "
        + Labels.effect(heldOut)
        + " nats per token"
        + times(heldOut.mean())
        + (findings.controlled() ? ", random directions of the same size taken off" : "")
        + (Double.isNaN(recommendation.chance())
            ? ""
            : " (p " + Numbers.chance(recommendation.chance()) + ")")
        + ". "
        + notConfirmed(recommendation)
        + "Over all: fluency "
        + Numbers.signed(score.fluency())
        + ", "
        + Numbers.percent(score.changed())
        + " of texts changed"
        + targets(score)
        + " ("
        + over(score, findings)
        + ").";
  }

  private static String notConfirmed(Recommendation recommendation) {
    Interval heldOut = recommendation.heldOut();
    if (recommendation.status() != Recommendation.Status.NOT_CONFIRMED || heldOut == null) {
      return "";
    }
    return heldOut.above0()
        ? "There it does not pass the rules for a site that works. "
        : "That interval does not lie above 0. ";
  }

  /** What the number means, for whoever does not think in nats. */
  private static String times(double effect) {
    return effect <= 0
        ? ""
        : ", each token "
            + Numbers.fixed(Math.exp(effect), 1)
            + " times likelier after the steering prompt";
  }

  private static String targets(SiteScore score) {
    return Double.isNaN(score.targets())
        ? ""
        : ", more target words in " + Numbers.percent(score.targets()) + " of pairs";
  }

  private static String over(SiteScore score, Findings findings) {
    String of = score.n() == findings.pairs() ? "" : " of " + findings.pairs();
    return score.n() + of + " prompt pairs, " + score.effect().clusters() + " base prompts";
  }

  private static String nothing(Findings findings) {
    String start =
        "No site moves the texts clearly towards the steering prompt and keeps them fluent.";
    return findings
        .largest()
        .map(
            score ->
                start
                    + " Largest mean effect: "
                    + Labels.siteAndScale(score)
                    + ", "
                    + Labels.effect(score.effect())
                    + ", fluency "
                    + Numbers.signed(score.fluency())
                    + ", "
                    + over(score, findings)
                    + ": "
                    + Labels.verdict(score)
                    + ".")
        .orElse(start + " No positive scale was tried.");
  }

  private static @Nullable Remark ties(Findings findings) {
    Recommendation recommendation = findings.recommendation();
    if (!recommendation.confirmed()) {
      return null;
    }
    List<SiteScore> ties = recommendation.ties();
    Point otherWay = recommendation.otherWay();
    SiteScore score = recommendation.score();
    String swapped =
        otherWay == null || score == null || otherWay.equals(score.point())
            ? ""
            : " With the halves of the prompts swapped the choice would be "
                + Labels.point(otherWay)
                + ".";
    if (ties.isEmpty()) {
      return new Remark("Perhaps as good", "nothing else." + swapped);
    }
    String named =
        ties.stream().limit(MOST_TIES).map(Labels::siteAndScale).collect(Collectors.joining(", "));
    String more = ties.size() > MOST_TIES ? " and " + (ties.size() - MOST_TIES) + " more" : "";
    return new Remark("Perhaps as good", named + more + "." + swapped);
  }

  private static @Nullable Remark prompted(Findings findings) {
    Interval prompted = findings.prompted();
    return prompted.n() == 0
        ? null
        : new Remark(
            "Simply prompting instead",
            "the steering prompt written before the base prompt has an effect of "
                + Labels.effect(prompted)
                + " (no random control taken off).");
  }

  private static String counts(Findings findings) {
    return Stream.of(Outcome.values())
            .map(outcome -> Numbers.count(findings.count(outcome)) + " " + word(outcome, findings))
            .collect(Collectors.joining(", "))
        + ".";
  }

  private static String word(Outcome outcome, Findings findings) {
    boolean many = outcome == Outcome.WORKS && findings.count(outcome) != 1;
    return many ? "work" : outcome.word();
  }

  private static String hookPoints(Findings findings) {
    return findings.hookPoints().stream()
        .map(VerdictText::hookPoint)
        .collect(Collectors.joining("; ", "", "."));
  }

  private static String hookPoint(Findings.AtHookPoint at) {
    String share = at.count(Outcome.WORKS) + " of " + at.tried() + " work";
    SiteScore best = at.best();
    return best == null
        ? at.hookPoint().word() + " nothing towards the steering prompt (" + share + ")"
        : Labels.siteAndScale(best)
            + ", effect "
            + Numbers.signed(best.meanEffect())
            + " ("
            + share
            + ")";
  }

  private static @Nullable Remark opposite(Report report) {
    List<SiteScore> away = report.scores().stream().filter(score -> score.scale() < 0).toList();
    if (away.isEmpty()) {
      return null;
    }
    String about = "Negative scales";
    List<SiteScore> best =
        report.findings().hookPoints().stream()
            .map(Findings.AtHookPoint::opposite)
            .filter(Objects::nonNull)
            .sorted((a, b) -> Double.compare(a.meanEffect(), b.meanEffect()))
            .toList();
    if (best.isEmpty()) {
      return new Remark(
          about, "none of " + away.size() + " moves the texts clearly away and keeps them fluent.");
    }
    long working = away.stream().filter(SiteScore::works).count();
    SiteScore strongest = best.get(0);
    return new Remark(
        about,
        working
            + " of "
            + away.size()
            + " move the texts away; furthest "
            + Labels.siteAndScale(strongest)
            + ", "
            + Labels.effect(strongest.effect())
            + ".");
  }

  private static List<String> cautions(Findings findings) {
    List<String> cautions = new ArrayList<>();
    if (!findings.controlled()) {
      cautions.add(NO_CONTROL);
    }
    if (findings.basePrompts() < Interval.FEW_CLUSTERS) {
      cautions.add(
          "Small: "
              + findings.basePrompts()
              + " base prompts, fewer than "
              + Interval.FEW_CLUSTERS
              + ". Effects seen on so few often vanish on more.");
    }
    boolean few = findings.recommendation().status() == Recommendation.Status.TOO_FEW;
    if (findings.best().isEmpty() && !few) {
      cautions.add(NOTHING_CAUTION);
    }
    return cautions;
  }

  private static List<String> progress(Progress progress) {
    List<String> parts = new ArrayList<>();
    if (progress.finished() < progress.planned()) {
      parts.add(
          "unfinished: "
              + Numbers.count(progress.finished())
              + " of "
              + Numbers.count(progress.planned())
              + " cells finished");
    }
    add(parts, progress.failed(), "failed");
    add(parts, progress.skipped(), "not generated, by the plan's guards");
    add(parts, progress.unscored(), "not scored");
    add(parts, progress.withoutBaseline(), "without a baseline");
    if (parts.isEmpty()) {
      return List.of();
    }
    String text = String.join(", ", parts);
    return List.of(Character.toUpperCase(text.charAt(0)) + text.substring(1) + ".");
  }

  private static void add(List<String> parts, long cells, String what) {
    if (cells > 0) {
      parts.add(Numbers.count(cells) + (cells == 1 ? " cell " : " cells ") + what);
    }
  }
}
