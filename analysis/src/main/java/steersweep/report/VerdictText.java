package steersweep.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import steersweep.score.Findings;
import steersweep.score.Outcome;
import steersweep.score.Progress;
import steersweep.score.SiteScore;

/**
 * The answer of a sweep in sentences, the same in the terminal, the page and the summary.
 *
 * @param headline the answer
 * @param evidence the numbers behind it
 * @param counts sites x scales of each outcome
 * @param hookPoints the best of each hook point
 * @param opposite what negative scales do; empty without negative scales
 * @param caution how far it may be believed
 * @param progress what is missing; empty if nothing is
 */
record VerdictText(
    String headline,
    String evidence,
    String counts,
    String hookPoints,
    String opposite,
    String caution,
    String progress) {
  private static final String CAUTION =
      "A candidate, not a proof: there is no random-direction control yet, and the best site was"
          + " chosen on the same prompts that it is reported on.";

  private static final String NOTHING_CAUTION =
      "This is about these prompts, sites and scales; others may work, and a small effect needs more"
          + " base prompts to be seen.";

  static VerdictText of(Report report) {
    Findings findings = report.findings();
    String progress = progress(report.tables().progress());
    if (findings.tried() == 0) {
      return new VerdictText(
          "No verdict: no steered cell has a score yet.", "", "", "", "", "", progress);
    }
    Optional<SiteScore> best = findings.best();
    return new VerdictText(
        best.map(score -> "Best: " + Labels.siteAndScale(score) + ".").orElse("Nothing works."),
        best.map(score -> evidence(score, findings)).orElseGet(() -> nothing(findings)),
        counts(findings),
        hookPoints(findings),
        opposite(findings, report.scores()),
        best.isPresent() ? CAUTION : NOTHING_CAUTION,
        progress);
  }

  /**
   * Short lines without markup, safe to print: a terminal or log that knows ASCII only must not
   * turn a minus sign into a question mark.
   */
  List<String> lines() {
    return Stream.of(join(headline, evidence), counts, hookPoints, opposite, caution, progress)
        .filter(line -> !line.isEmpty())
        .map(line -> Visible.text(line).replace('−', '-').replace('\u202F', ' '))
        .toList();
  }

  /** Everything after the headline that is not a warning. */
  List<String> sentences() {
    return Stream.of(evidence, counts, hookPoints, opposite).filter(s -> !s.isEmpty()).toList();
  }

  List<String> warnings() {
    return Stream.of(caution, progress).filter(s -> !s.isEmpty()).toList();
  }

  private static String join(String first, String second) {
    return second.isEmpty() ? first : first + " " + second;
  }

  private static String evidence(SiteScore best, Findings findings) {
    return "Effect "
        + Labels.effect(best.effect())
        + " nats per token, fluency "
        + Numbers.signed(best.fluency())
        + ", "
        + Numbers.percent(best.changed())
        + " of texts changed"
        + targets(best)
        + " ("
        + over(best, findings)
        + ").";
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

  private static String counts(Findings findings) {
    return Numbers.count(findings.tried())
        + " sites x scales: "
        + Stream.of(Outcome.values())
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
        .collect(Collectors.joining("; ", "By hook point: ", "."));
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

  private static String opposite(Findings findings, List<SiteScore> scores) {
    List<SiteScore> away = scores.stream().filter(score -> score.scale() < 0).toList();
    if (away.isEmpty()) {
      return "";
    }
    List<SiteScore> best =
        findings.hookPoints().stream()
            .map(Findings.AtHookPoint::opposite)
            .filter(Objects::nonNull)
            .sorted((a, b) -> Double.compare(a.meanEffect(), b.meanEffect()))
            .toList();
    if (best.isEmpty()) {
      return "Negative scales: none of "
          + away.size()
          + " moves the texts clearly away from the steering prompt and keeps them fluent.";
    }
    long working = away.stream().filter(SiteScore::works).count();
    SiteScore strongest = best.get(0);
    return "Negative scales: "
        + working
        + " of "
        + away.size()
        + " move the texts away; furthest "
        + Labels.siteAndScale(strongest)
        + ", "
        + Labels.effect(strongest.effect())
        + ".";
  }

  private static String progress(Progress progress) {
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
    add(parts, progress.unscored(), "not scored");
    add(parts, progress.withoutBaseline(), "without a baseline");
    if (progress.failedUnits() > 0) {
      parts.add(progress.failedUnits() + " units failed as a whole");
    }
    if (parts.isEmpty()) {
      return "";
    }
    String text = String.join(", ", parts);
    return Character.toUpperCase(text.charAt(0)) + text.substring(1) + ".";
  }

  private static void add(List<String> parts, long cells, String what) {
    if (cells > 0) {
      parts.add(Numbers.count(cells) + (cells == 1 ? " cell " : " cells ") + what);
    }
  }
}
