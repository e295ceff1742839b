package steersweep.report;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import steersweep.model.HookPoint;
import steersweep.score.PairFindings;
import steersweep.score.Rules;

/** {@code report.html}: one file, no network. */
final class ReportPage {
  private ReportPage() {}

  static String html(Report report, VerdictText verdict, ReportFigures figures) {
    Html body = new Html();
    VerdictSection.add(body, report, verdict);
    layers(body, figures);
    heads(body, figures);
    equalDamage(body, figures);
    strength(body, figures);
    pairs(body, report, figures);
    CellTexts.Packed cells = CellTexts.packed(report.tables(), report.analysis().each());
    TextsSection.add(body, report, cells.note());
    ClaimsSection.add(body, report.analysis().all().claims());
    LensSection.add(body, report);
    SkippedSection.add(body, report);
    scores(body, report);
    return page(
        report.manifest().plan().name(),
        body,
        cells,
        reading(report),
        FactsSection.html(report).toString());
  }

  /**
   * The whole page.
   *
   * @param name of the plan, not escaped
   * @param cells texts of all cells
   * @param reading how to read it, HTML
   * @param facts run facts, HTML
   */
  static String page(String name, Html body, CellTexts.Packed cells, String reading, String facts) {
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
            "cells",
            cells.data(),
            "reading",
            reading,
            "facts",
            facts));
  }

  private static void layers(Html body, ReportFigures figures) {
    if (figures.concepts().isEmpty()) {
      return;
    }
    section(body, "layers", "Which layer and setting");
    for (ReportFigures.OfConcept of : figures.concepts()) {
      concept(body, of.concept());
      for (Map.Entry<HookPoint, List<Figure>> entry : of.layers().entrySet()) {
        body.leaf("h3", entry.getKey().word());
        if (entry.getValue().isEmpty()) {
          body.leaf("p", "This plan steers no whole layer here, only single heads.");
        }
        pair(body, entry.getValue());
      }
      body.close();
    }
    body.close();
  }

  /** Opens what is of one concept: the script shows one at a time. */
  private static void concept(Html body, String concept) {
    body.line().open("div", "class", "of-concept", "data-concept", concept);
  }

  private static void pair(Html body, List<Figure> figures) {
    body.open("div", "class", "pair");
    figures.forEach(figure -> body.add(figure.html()));
    body.close();
  }

  private static void heads(Html body, ReportFigures figures) {
    if (figures.concepts().stream().allMatch(of -> of.heads().isEmpty())) {
      return;
    }
    section(body, "heads", "Which head");
    for (ReportFigures.OfConcept of : figures.concepts()) {
      concept(body, of.concept());
      for (Map.Entry<HookPoint, List<Figure>> entry : of.heads().entrySet()) {
        body.leaf("h3", entry.getKey().word());
        choice(body, "Setting at " + entry.getKey().word(), "setting ", entry.getValue());
      }
      body.close();
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

  private static void equalDamage(Html body, ReportFigures figures) {
    if (figures.concepts().stream().allMatch(of -> of.equalDamage().isEmpty())) {
      return;
    }
    section(body, "doses", "At equal damage");
    body.leaf(
        "p",
        "Equal settings are not equal strengths: one site’s model is moved far, another’s hardly."
            + " Here each site is compared where it moves the model equally far from itself.");
    for (ReportFigures.OfConcept of : figures.concepts()) {
      concept(body, of.concept());
      choice(body, "Damage", "damage ", of.equalDamage());
      body.close();
    }
    body.close();
  }

  private static void strength(Html body, ReportFigures figures) {
    if (figures.concepts().stream().allMatch(of -> of.strength().isEmpty())) {
      return;
    }
    section(body, "strength", "How strong, and at what cost");
    for (ReportFigures.OfConcept of : figures.concepts()) {
      concept(body, of.concept());
      pair(body, of.strength());
      body.close();
    }
    body.close();
  }

  private static void pairs(Html body, Report report, ReportFigures figures) {
    if (report.pairs().isEmpty()) {
      return;
    }
    section(body, "pairs", "Do the pairs agree?");
    body.leaf(
        "p",
        "Steering with a mean difference can work where pairs of texts differ in one direction. Both"
            + " figures were read before anything was steered, and every pair is judged by the others"
            + " alone.");
    for (PairFindings of : report.pairs()) {
      concept(body, of.concept());
      body.leaf("p", PairCurves.foretold(of));
      figures.concepts().stream()
          .filter(drawn -> drawn.concept().equals(of.concept()))
          .forEach(drawn -> pair(body, drawn.pairs()));
      body.close();
    }
    body.close();
  }

  private static void scores(Html body, Report report) {
    List<ScoreTable.OfConcept> all = new ArrayList<>();
    report
        .analysis()
        .each()
        .forEach(
            of -> of.scores().forEach(s -> all.add(new ScoreTable.OfConcept(of.concept(), s))));
    if (all.isEmpty()) {
      return;
    }
    section(body, "scores", "All sites and settings");
    ScoreTable.Excerpt excerpt = ScoreTable.excerpt(all);
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
        "All sites and settings");
    body.add(ScoreTable.all(excerpt.rows())).close().close();
  }

  /** Opens a section; the caller closes it. */
  static void section(Html body, String id, String title) {
    body.line().open("section", "id", id).leaf("h2", title);
  }

  private static String reading(Report report) {
    return Template.filled("reading.html", thresholds(report));
  }

  /** The thresholds of {@link Rules} as the texts on how to read a report name them. */
  static Map<String, String> thresholds(Report report) {
    return Map.of(
        "negligible",
        Numbers.percent(Rules.NEGLIGIBLE_SHARE),
        "budget",
        Numbers.fixed(report.budget(), 1),
        "least_coherent",
        Numbers.percent(Rules.LEAST_COHERENT),
        "least_prompts",
        String.valueOf(Rules.LEAST_PROMPTS),
        "most_false",
        Numbers.percent(Rules.MOST_FALSE),
        "chance",
        Numbers.percent(report.analysis().chance()));
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
