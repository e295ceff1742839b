package steersweep.report;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import steersweep.model.HookPoint;
import steersweep.score.Verdicts;

/** {@code report.html}: one file, no network. */
final class ReportPage {
  private ReportPage() {}

  static String html(Report report, VerdictText verdict, ReportFigures figures) {
    Html body = new Html();
    VerdictSection.add(body, report, verdict);
    ClaimsSection.add(body, report.findings().claims());
    layers(body, figures);
    heads(body, figures);
    doses(body, report, figures);
    strength(body, figures);
    TextsSection.add(body, report);
    LensSection.add(body, report);
    SkippedSection.add(body, report);
    scores(body, report);
    return page(
        report.manifest().plan().name(), body, reading(), FactsSection.html(report).toString());
  }

  /**
   * The whole page.
   *
   * @param name of the plan, not escaped
   * @param reading how to read it, HTML
   * @param facts run facts, HTML
   */
  static String page(String name, Html body, String reading, String facts) {
    String script = Template.text("page.js");
    return Template.filled(
        "page.html",
        Map.of(
            "title",
            Html.escape(name + " – steersweep report"),
            "style",
            Template.text("page.css") + Figure.pageStyle(),
            "script",
            script,
            "script_hash",
            sha256(script),
            "body",
            body.toString(),
            "reading",
            reading,
            "facts",
            facts));
  }

  private static void layers(Html body, ReportFigures figures) {
    if (figures.layers().isEmpty()) {
      return;
    }
    section(body, "layers", "Which layer and scale");
    for (Map.Entry<HookPoint, List<Figure>> entry : figures.layers().entrySet()) {
      body.leaf("h3", entry.getKey().word());
      if (entry.getValue().isEmpty()) {
        body.leaf("p", "This plan steers no whole layer here, only single heads.");
      }
      body.open("div", "class", "pair");
      entry.getValue().forEach(figure -> body.add(figure.html()));
      body.close();
    }
    body.close();
  }

  private static void heads(Html body, ReportFigures figures) {
    if (figures.heads().isEmpty()) {
      return;
    }
    section(body, "heads", "Which head");
    for (Map.Entry<HookPoint, List<Figure>> entry : figures.heads().entrySet()) {
      body.leaf("h3", entry.getKey().word());
      choice(body, "Scale at " + entry.getKey().word(), "scale ", entry.getValue());
    }
    body.close();
  }

  /**
   * The script shows one at a time; without it, all of them follow each other.
   *
   * @param before what stands in the figures' titles before the name of the choice
   */
  private static void choice(Html body, String label, String before, List<Figure> figures) {
    body.open("div", "class", "choice", "data-label", label, "data-before", before);
    figures.forEach(figure -> body.add(figure.html()));
    body.close();
  }

  private static void doses(Html body, Report report, ReportFigures figures) {
    if (figures.doses().isEmpty()) {
      return;
    }
    section(body, "doses", "At equal dose");
    boolean residual = report.equalDose().residual();
    body.leaf(
        "p",
        residual
            ? "Equal scales are not equal doses: activations grow with depth, and differ from hook"
                + " point to hook point. Here each site is compared where it writes equally much"
                + " into the residual stream."
            : "Equal scales are not equal doses: activations grow with depth. This run’s doses are"
                + " shares of the activation at the site itself, so they compare layers of one hook"
                + " point, not hook points with each other.");
    if (!figures.comparisons().isEmpty()) {
      choice(body, "Dose", "dose ", figures.comparisons());
    } else if (residual) {
      String none =
          "value and residual_post cannot be set against each other here: no layer was run with both"
              + " at doses that meet and with texts that stay whole.";
      body.leaf("p", none, "class", "note");
    }
    body.open("div", "class", "pair");
    figures.doses().forEach(figure -> body.add(figure.html()));
    body.close();
    figures
        .headDoses()
        .forEach((at, maps) -> choice(body, "Dose at single heads of " + at.word(), "dose ", maps));
    body.close();
  }

  private static void strength(Html body, ReportFigures figures) {
    if (figures.strength().isEmpty()) {
      return;
    }
    section(body, "strength", "How strong, and at what cost");
    body.open("div", "class", "pair");
    figures.strength().forEach(figure -> body.add(figure.html()));
    body.close().close();
  }

  private static void scores(Html body, Report report) {
    if (report.scores().isEmpty()) {
      return;
    }
    section(body, "scores", "All sites and scales");
    ScoreTable.Excerpt excerpt = ScoreTable.excerpt(report.scores());
    body.leaf("p", excerpt.description(), "class", "note");
    body.open(
        "div",
        "class",
        "scroll tall",
        "tabindex",
        "0",
        "role",
        "region",
        "aria-label",
        "All sites and scales");
    body.add(ScoreTable.all(excerpt.scores())).close().close();
  }

  /** Opens a section; the caller closes it. */
  static void section(Html body, String id, String title) {
    body.line().open("section", "id", id).leaf("h2", title);
  }

  private static String reading() {
    return Template.filled("reading.html", thresholds());
  }

  /** The thresholds of {@link Verdicts} as the texts on how to read a report name them. */
  static Map<String, String> thresholds() {
    return Map.of(
        "least_changed",
        Numbers.percent(Verdicts.LEAST_CHANGED),
        "least_effect",
        Numbers.fixed(Verdicts.LEAST_EFFECT, 2),
        "least_fluency",
        Numbers.fixed(Verdicts.LEAST_FLUENCY, 1),
        "most_repetition",
        Numbers.fixed(Verdicts.MOST_REPETITION, 2),
        "most_false",
        Numbers.percent(Verdicts.MOST_FALSE),
        "likelihood",
        String.format(Locale.ROOT, "%.1f", Math.exp(16 * Verdicts.LEAST_EFFECT)));
  }

  /** For the page's own policy, under which no other script runs. */
  private static String sha256(String script) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
