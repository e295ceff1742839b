package steersweep.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import steersweep.model.HookPoint;
import steersweep.report.ReportFigures.OfConcept;
import steersweep.score.PairFindings;

/** {@code report.html}: the answer first, then what it rests on. */
final class ReportPage {
  private static final String ON_PAPER =
      "On paper: the main columns of the first 500 rows; sites.csv in the run folder has all.";

  private ReportPage() {}

  static String html(Report report, VerdictText verdict, ReportFigures figures) {
    Html body = new Html();
    CellTexts.Packed cells = CellTexts.packed(report.tables(), report.analysis().each());
    VerdictSection.add(body, report, verdict);
    TextsSection.add(body, report, cells.note());
    figures.everyConcept().ifPresent(figure -> everyConcept(body, figure));
    section(
        body, figures, "layers", "Which layer and setting", OfConcept::layers, ReportPage::layers);
    section(body, figures, "heads", "Which head", OfConcept::heads, ReportPage::heads);
    section(
        body,
        figures,
        "strength",
        "How strong, and at what cost",
        OfConcept::strength,
        ReportPage::strength);
    section(
        body,
        figures,
        "doses",
        "At equal damage",
        OfConcept::equalDamage,
        (html, of) -> choice(html, "Damage", "damage ", of.equalDamage()));
    pairs(body, report, figures);
    ClaimsSection.add(body, report.analysis().all().claims());
    LensSection.add(body, report);
    SkippedSection.add(body, report);
    scores(body, report);
    String reading = Template.filled("reading.html", report.thresholds());
    return Page.html(
        report.manifest().plan().name(), body, cells, reading, FactsSection.html(report));
  }

  private static void everyConcept(Html body, Figure figure) {
    body.section("concepts", "Concept by concept").add(figure.html()).close();
  }

  /** A section with a part for each concept, of which the script shows one at a time. */
  private static <T> void section(
      Html body,
      ReportFigures figures,
      String id,
      String title,
      Function<OfConcept, T> what,
      BiConsumer<Html, OfConcept> part) {
    if (figures.concepts().stream().map(what).allMatch(ReportPage::isEmpty)) {
      return;
    }
    body.section(id, title);
    for (OfConcept of : figures.concepts()) {
      body.line().open("div", "class", "of-concept", "data-concept", of.concept());
      part.accept(body, of);
      body.close();
    }
    body.close();
  }

  private static boolean isEmpty(Object figures) {
    return figures instanceof Map<?, ?> map ? map.isEmpty() : ((List<?>) figures).isEmpty();
  }

  private static void layers(Html body, OfConcept of) {
    for (Map.Entry<HookPoint, List<Figure>> entry : of.layers().entrySet()) {
      body.leaf("h3", entry.getKey().word());
      if (entry.getValue().isEmpty()) {
        body.leaf("p", "This plan steers no whole layer here, only single heads.");
      }
      pair(body, entry.getValue());
    }
  }

  static void pair(Html body, List<Figure> figures) {
    body.open("div", "class", "pair");
    figures.forEach(figure -> body.add(figure.html()));
    body.close();
  }

  private static void heads(Html body, OfConcept of) {
    for (Map.Entry<HookPoint, List<Figure>> entry : of.heads().entrySet()) {
      body.leaf("h3", entry.getKey().word());
      choice(body, "Setting at " + entry.getKey().word(), "setting ", entry.getValue());
    }
  }

  private static void strength(Html body, OfConcept of) {
    body.open("div", "class", "pair");
    of.strength().forEach(figure -> body.add(figure.html()));
    body.open("div");
    choice(body, "Site", "site ", of.doseResponses());
    body.close().close();
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

  private static void pairs(Html body, Report report, ReportFigures figures) {
    if (report.pairs().isEmpty()) {
      return;
    }
    body.section("pairs", "Do the pairs agree?");
    body.leaf(
        "p",
        "Steering with a mean difference can work where pairs of texts differ in one direction. Both"
            + " figures were read before anything was steered, and every pair is judged by the others"
            + " alone.");
    for (PairFindings of : report.pairs()) {
      body.line().open("div", "class", "of-concept", "data-concept", of.concept());
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
    String title = "All sites and settings";
    ScoreTable.Excerpt excerpt = ScoreTable.excerpt(all);
    body.section("scores", title).leaf("p", excerpt.description(), "class", "note");
    body.leaf("p", ON_PAPER, "class", "note on-paper");
    body.open(
        "div", "class", "scroll tall", "tabindex", "0", "role", "region", "aria-label", title);
    body.add(ScoreTable.all(excerpt.rows())).close().close();
  }
}
