package steersweep.report;

import java.util.HashMap;
import java.util.Map;
import steersweep.measure.Measure;
import steersweep.plan.CellKind;
import steersweep.score.ConceptFindings;
import steersweep.score.SiteScore;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;

/** Texts side by side, what differs from the baseline set off. */
final class TextsSection {
  /** Prompt pairs whose texts are on the page. */
  private static final int MOST_PAIRS = 100;

  private TextsSection() {}

  static void add(Html body, Report report) {
    if (report.examples().isEmpty()) {
      return;
    }
    ReportPage.section(body, "texts", "Texts");
    body.leaf(
        "p",
        "For each concept the prompt pair with the middle evidence at its site, not the luckiest one."
            + " Marked: from the first word that differs from the baseline.",
        "class",
        "note");
    report.examples().forEach(example -> example(body, example));
    Map<Integer, String> baselines = new HashMap<>();
    for (Row row : report.tables().of(CellKind.BASELINE)) {
      baselines.put(row.getInt("pair"), row.getString("text"));
    }
    for (ConceptFindings of : report.analysis().concepts()) {
      SiteScore score = TextExamples.shown(of);
      if (score != null) {
        allPairs(
            body, of, score, TextExamples.texts(report.tables(), of.concept(), score), baselines);
      }
    }
    body.close();
  }

  private static void example(Html body, TextExample example) {
    body.open("article", "class", "example").open("h3").text(example.concept()).close();
    body.open("dl", "class", "prompts");
    body.open("div").leaf("dt", "base prompt").leaf("dd", example.basePrompt()).close();
    body.open("div").leaf("dt", "steering prompt").leaf("dd", example.steeringPrompt()).close();
    body.close().open("div", "class", "versions");
    body.open("div", "class", "version")
        .leaf("h4", "baseline")
        .leaf("p", "unsteered", "class", "where");
    body.leaf("blockquote", shownText(example.baseline())).close();
    for (TextExample.Version version : example.versions()) {
      version(body, version, example.baseline());
    }
    body.close().close();
  }

  private static void version(Html body, TextExample.Version version, String baseline) {
    body.open("div", "class", "version").leaf("h4", version.role());
    body.leaf("p", version.where(), "class", "where");
    body.open("blockquote").add(marked(version.text(), baseline)).close();
    String same = version.text().equals(baseline) ? "same text as the baseline · " : "";
    body.leaf(
        "p",
        same
            + "evidence "
            + Numbers.signed(version.evidence())
            + " · fluency "
            + Numbers.signed(version.fluency())
            + (version.verdict().isEmpty() ? "" : " · site " + version.verdict()),
        "class",
        "scores-line");
    body.close();
  }

  static Html marked(String text, String baseline) {
    if (text.isEmpty()) {
      return new Html().leaf("em", shownText(text));
    }
    String shown = text.stripLeading();
    int at = TextExample.difference(baseline.stripLeading(), shown);
    Html html = new Html().text(shown.substring(0, at));
    return at == shown.length() ? html : html.leaf("mark", shown.substring(at));
  }

  private static String shownText(String text) {
    return text.isEmpty() ? "(no text)" : text.stripLeading();
  }

  private static void allPairs(
      Html body, ConceptFindings of, SiteScore score, Table texts, Map<Integer, String> baselines) {
    if (texts.isEmpty()) {
      return;
    }
    Table rows = texts.sortOn("pair");
    body.open("details", "class", "all-pairs");
    body.leaf("summary", of.concept() + ": all prompt pairs at " + Labels.point(score.point()));
    body.open("div", "class", "scroll").open("table", "class", "texts").open("thead").open("tr");
    for (String header :
        new String[] {
          "steering prompt",
          "base prompt",
          "baseline",
          "steered",
          "evidence",
          "recognised",
          "coherent",
          "damage"
        }) {
      body.leaf("th", header, "scope", "col");
    }
    body.close().close().open("tbody");
    rows.first(MOST_PAIRS)
        .forEach(row -> pair(body, row, baselines.getOrDefault(row.getInt("pair"), "")));
    body.close().close().close();
    if (rows.rowCount() > MOST_PAIRS) {
      body.leaf("p", "The first " + MOST_PAIRS + " of " + rows.rowCount() + ".", "class", "note");
    }
    body.close();
  }

  private static void pair(Html body, Row row, String baseline) {
    body.open("tr").leaf("td", row.getString("steering_prompt"));
    body.leaf("td", row.getString("base_prompt"));
    body.leaf("td", shownText(baseline));
    body.open("td").add(marked(row.getString("text"), baseline)).close();
    body.leaf("td", Numbers.signed(row.getDouble(Measure.EVIDENCE.column())));
    body.leaf("td", flag(row, Measure.RECOGNISED)).leaf("td", flag(row, Measure.COHERENT));
    body.leaf("td", Numbers.fixed(row.getDouble(Measure.DAMAGE.column()), 2)).close().line();
  }

  private static String flag(Row row, Measure measure) {
    return row.isMissing(measure.column())
        ? Numbers.NOTHING
        : row.getInt(measure.column()) == 1 ? "yes" : "no";
  }
}
