package steersweep.report;

/** Texts side by side, what differs from the baseline set off. */
final class TextsSection {
  private TextsSection() {}

  /**
   * @param note where texts are that the page has not; empty if it has all
   */
  static void add(Html body, Report report, String note) {
    if (report.examples().isEmpty()) {
      return;
    }
    body.section("texts", "Texts");
    body.leaf(
        "p",
        "For each concept the prompt pair with the middle evidence at its site, not the luckiest one."
            + " Marked: from the first word that differs from the baseline. Every name of a site and"
            + " setting leads to all its texts, as cells of maps, points of plots and rows of tables"
            + " do.",
        "class",
        "note");
    if (!note.isEmpty()) {
      body.leaf("p", note, "class", "note");
    }
    report.examples().forEach(example -> example(body, example));
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
      version(body, version, example);
    }
    body.close().close();
  }

  private static void version(Html body, TextExample.Version version, TextExample example) {
    String baseline = example.baseline();
    body.open("div", "class", "version").leaf("h4", version.role());
    body.open("p", "class", "where");
    if (version.point() == null) {
      body.text(version.where());
    } else {
      body.leaf("a", version.where(), "href", Labels.address(example.concept(), version.point()));
    }
    body.close();
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

  static String shownText(String text) {
    return text.isEmpty() ? "(no text)" : text.stripLeading();
  }
}
