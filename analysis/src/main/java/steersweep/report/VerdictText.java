package steersweep.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import steersweep.error.Visible;
import steersweep.measure.Measure;
import steersweep.plan.Choice.Why;
import steersweep.plan.Concept;
import steersweep.score.Agreement;
import steersweep.score.Analysis;
import steersweep.score.ConceptFindings;
import steersweep.score.Interval;
import steersweep.score.Outcome;
import steersweep.score.Progress;
import steersweep.score.Recommendation.Status;
import steersweep.score.Rules;
import steersweep.score.SiteScore;
import steersweep.score.TextTest;

/**
 * The answer of a sweep in sentences, the same in the terminal, the page and the summary.
 *
 * @param headline the answer
 * @param concepts the answer for each concept
 * @param remarks what else a reader should know, short
 * @param warnings how far it may be believed, and what is missing
 */
record VerdictText(
    String headline, List<ConceptLine> concepts, List<Remark> remarks, List<String> warnings) {
  private static final String NO_CONTROL =
      "No random control in this sweep: part of a pull may come from any push of that size, not from"
          + " the meaning of the steering prompt.";

  private static final String NOTHING_CAUTION =
      "This is about these prompts, sites and settings; others may work, and a small effect needs"
          + " more base prompts to be seen.";

  private static final String WORDLESS =
      "No verdict by texts: no prompts say what the vectors are for. Judged by target continuations"
          + " alone.";

  /** A sentence with what it is about. */
  record Remark(String about, String text) {
    @Override
    public String toString() {
      return about + ": " + text;
    }
  }

  static VerdictText of(Report report) {
    Analysis analysis = report.analysis();
    List<String> progress = progress(report.tables().progress());
    if (analysis.concepts().isEmpty()) {
      return new VerdictText(
          "No verdict: nothing was steered yet.", List.of(), List.of(), progress);
    }
    boolean finished = report.tables().progress().finished();
    List<ConceptLine> lines =
        analysis.concepts().stream().map(of -> ConceptLine.of(of, analysis, finished)).toList();
    if (!finished) {
      String headline = "No verdict: unfinished, " + state(report.tables().progress()) + ".";
      return new VerdictText(headline, lines, List.of(), progress);
    }
    if (report.tables().concepts().stream().anyMatch(Concept::wordless)) {
      List<String> warnings = new ArrayList<>(cautions(analysis));
      warnings.addAll(progress);
      return new VerdictText(WORDLESS, List.of(), continuations(report), warnings);
    }
    List<Remark> remarks =
        Stream.of(together(analysis), opposite(analysis), agreement(analysis), prompting(analysis))
            .filter(Objects::nonNull)
            .toList();
    List<String> warnings = new ArrayList<>(cautions(analysis));
    warnings.addAll(progress);
    return new VerdictText(headline(analysis), lines, remarks, warnings);
  }

  /**
   * Short lines without markup, safe to print: a terminal or log that knows ASCII only must not
   * turn a minus sign into a question mark.
   */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(headline);
    concepts.forEach(line -> lines.add(line.sentence()));
    remarks.forEach(remark -> lines.add(remark.toString()));
    lines.addAll(warnings);
    return lines.stream().map(VerdictText::plain).toList();
  }

  private static String plain(String line) {
    return Visible.text(line)
        .replace('−', '-')
        .replace('–', '-')
        .replace('\u202F', ' ')
        .replace('×', 'x')
        .replace('“', '"')
        .replace('”', '"');
  }

  private static String headline(Analysis analysis) {
    int concepts = analysis.concepts().size();
    List<ConceptFindings> confirmed = analysis.confirmed();
    if (!confirmed.isEmpty()) {
      String names = confirmed.stream().map(of -> of.concept()).collect(Collectors.joining(", "));
      String of = concepts == 1 ? "" : " for " + confirmed.size() + " of " + concepts + " concepts";
      return "Texts confirm steering" + of + ": " + names + ".";
    }
    boolean few =
        analysis.concepts().stream().allMatch(of -> of.recommendation().status() == Status.TOO_FEW);
    return few
        ? "No verdict: too few coherent texts to confirm anything."
        : "Texts confirm nothing.";
  }

  /** Of each concept the site and setting that makes its target continuations likeliest. */
  private static List<Remark> continuations(Report report) {
    List<Remark> remarks = new ArrayList<>();
    for (ConceptFindings of : report.analysis().concepts()) {
      of.scores().stream()
          .filter(score -> score.damage() <= report.budget() && logOdds(score).n() > 0)
          .max(Comparator.comparing(score -> logOdds(score).asked(score.setting()).mean()))
          .map(
              score ->
                  new Remark(
                      of.concept(),
                      "largest shift within the damage budget at "
                          + Labels.point(score.point())
                          + ": log-odds "
                          + effect(logOdds(score))
                          + " nats, damage "
                          + Numbers.fixed(score.damage(), 2)
                          + "."))
          .ifPresent(remarks::add);
    }
    return remarks;
  }

  private static String effect(Interval value) {
    return value.known() ? Labels.effect(value) : Numbers.signed(value.mean());
  }

  private static Interval logOdds(SiteScore score) {
    return score.of(Measure.LOG_ODDS).net();
  }

  private static @Nullable Remark together(Analysis analysis) {
    ConceptFindings all = analysis.all();
    if (!all.all()) {
      return null;
    }
    long works = all.scores().stream().filter(score -> score.works()).count();
    String pulls = all.counts().getOrDefault(Outcome.PULLS, 0L) + " more pull clearly";
    if (works == 0) {
      return new Remark(
          "All together",
          "no single site and setting has texts that confirm it for all concepts at once; "
              + pulls.replace(" more", "")
              + ".");
    }
    ConceptLine line = ConceptLine.of(all, analysis, true);
    return new Remark(
        "All together",
        works + " of " + all.scores().size() + " work on average, " + pulls + "; " + line.where());
  }

  private static @Nullable Remark opposite(Analysis analysis) {
    List<ConceptFindings> tested =
        analysis.concepts().stream().filter(of -> !of.tests(Why.OPPOSITE).isEmpty()).toList();
    if (tested.isEmpty()) {
      return null;
    }
    List<String> confirmed =
        tested.stream()
            .filter(of -> of.tests(Why.OPPOSITE).stream().anyMatch(TextTest::confirmed))
            .map(ConceptFindings::concept)
            .toList();
    return new Remark(
        "Negative settings",
        confirmed.isEmpty()
            ? "texts confirm the opposite for none of " + tested.size() + " concepts."
            : "texts confirm the opposite for "
                + confirmed.size()
                + " of "
                + tested.size()
                + ": "
                + String.join(", ", confirmed)
                + ".");
  }

  private static @Nullable Remark agreement(Analysis analysis) {
    Agreement agreement = analysis.agreement();
    return !agreement.known()
        ? null
        : new Remark(
            "Screen and texts",
            "rank correlation of pull and evidence "
                + Numbers.signed(agreement.correlation())
                + " ["
                + Numbers.signed(agreement.low())
                + ", "
                + Numbers.signed(agreement.high())
                + "] over "
                + agreement.n()
                + " sites and settings drawn by chance.");
  }

  private static @Nullable Remark prompting(Analysis analysis) {
    Interval prompting = analysis.all().prompting();
    Interval texts = analysis.all().promptedEvidence();
    if (prompting.n() == 0) {
      return null;
    }
    return new Remark(
        "Simply prompting",
        "pull "
            + Labels.effect(prompting)
            + (texts.n() == 0 ? "" : ", evidence of its texts " + Labels.effect(texts))
            + ".");
  }

  private static List<String> cautions(Analysis analysis) {
    List<String> cautions = new ArrayList<>();
    if (!analysis.controlled()) {
      cautions.add(NO_CONTROL);
    }
    List<String> few =
        analysis.concepts().stream()
            .filter(of -> of.basePrompts() < 2 * Rules.LEAST_PROMPTS)
            .map(of -> of.concept() + " " + of.basePrompts())
            .toList();
    if (!few.isEmpty()) {
      cautions.add(
          "Small: fewer than "
              + 2 * Rules.LEAST_PROMPTS
              + " base prompts ("
              + String.join(", ", few)
              + "). Effects seen on so few often vanish on more.");
    }
    if (analysis.confirmed().isEmpty()) {
      cautions.add(NOTHING_CAUTION);
    }
    return cautions;
  }

  private static List<String> progress(Progress progress) {
    List<String> parts = new ArrayList<>();
    if (!progress.finished()) {
      parts.add("unfinished: " + state(progress));
    }
    add(parts, progress.failed(), "failed");
    add(parts, progress.outOfReach(), "out of reach of any factor");
    add(parts, progress.skipped(), "not run beyond settings that make texts incoherent");
    add(parts, progress.unscored(), "not scored");
    if (parts.isEmpty()) {
      return List.of();
    }
    String text = String.join(", ", parts);
    return List.of(Character.toUpperCase(text.charAt(0)) + text.substring(1) + ".");
  }

  /** How many cells were read, and how many texts there are. */
  static String state(Progress progress) {
    String read =
        Numbers.count(progress.read()) + " of " + Numbers.count(progress.planned()) + " cells read";
    return progress.textsPlanned() == Progress.NOT_DECIDED
        ? read
        : read
            + ", "
            + Numbers.count(progress.texts())
            + " of "
            + Numbers.count(progress.textsPlanned())
            + " texts written";
  }

  private static void add(List<String> parts, long cells, String what) {
    if (cells > 0) {
      parts.add(Numbers.count(cells) + (cells == 1 ? " cell " : " cells ") + what);
    }
  }
}
