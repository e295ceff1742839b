package steersweep.report;

import steersweep.score.ResultTables;
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
        "For each concept the prompt pair with the middle effect at the best site, not the luckiest"
            + " one; effects are against the baseline. Marked: from the first word that differs from the baseline.",
        "class",
        "note");
    report.examples().forEach(example -> example(body, example));
    TextExamples.shown(report.findings()).ifPresent(score -> allPairs(body, report, score));
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
            + "effect "
            + Numbers.signed(version.effect())
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

  private static void allPairs(Html body, Report report, SiteScore score) {
    Table rows = report.tables().rows(score).sortOn("pair");
    body.open("details", "class", "all-pairs");
    body.leaf("summary", "All prompt pairs at " + Labels.siteAndScale(score));
    body.open("div", "class", "scroll").open("table", "class", "texts").open("thead").open("tr");
    for (String header :
        new String[] {
          "concept", "steering prompt", "base prompt", "baseline", "steered", "effect", "fluency"
        }) {
      body.leaf("th", header, "scope", "col");
    }
    body.close().close().open("tbody");
    rows.first(MOST_PAIRS).forEach(row -> pair(body, row));
    body.close().close().close();
    if (rows.rowCount() > MOST_PAIRS) {
      body.leaf("p", "The first " + MOST_PAIRS + " of " + rows.rowCount() + ".", "class", "note");
    }
    body.close();
  }

  private static void pair(Html body, Row row) {
    String baseline = row.getString(ResultTables.BASELINE_TEXT);
    body.open("tr").leaf("td", row.getString("concept"));
    body.leaf("td", row.getString("steering_prompt")).leaf("td", row.getString("base_prompt"));
    body.leaf("td", shownText(baseline));
    body.open("td").add(marked(row.getString("text"), baseline)).close();
    body.leaf("td", Numbers.signed(row.getDouble(ResultTables.EFFECT)));
    body.leaf("td", Numbers.signed(row.getDouble("fluency"))).close().line();
  }
}
