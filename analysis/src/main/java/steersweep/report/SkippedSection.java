package steersweep.report;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import steersweep.score.Findings;

/** What a two-stage sweep did not generate, and why. */
final class SkippedSection {
  /** Rows of either table. */
  private static final int MOST_ROWS = 300;

  private SkippedSection() {}

  static void add(Html body, Report report) {
    List<Findings.Skipped> skipped = report.findings().skipped();
    if (skipped.isEmpty()) {
      return;
    }
    ReportPage.section(body, "skipped", "Not generated");
    long cells = skipped.stream().mapToLong(Findings.Skipped::cells).sum();
    body.leaf(
        "p",
        Numbers.count(cells)
            + " steered cells at "
            + Numbers.count(skipped.stream().map(Findings.Skipped::point).distinct().count())
            + " sites x scales have no text: the first pass, which reads every cell along known"
            + " texts, found them outside the plan’s guards. They are in no mean. Their KL is in"
            + " the results.");
    Map<String, Integer> guards = new LinkedHashMap<>();
    skipped.forEach(of -> guards.merge(of.guard(), of.cells(), Integer::sum));
    body.open("div", "class", "scroll").open("table", "class", "facts").open("tbody");
    guards.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .limit(MOST_ROWS)
        .forEach(
            guard ->
                body.open("tr")
                    .leaf("th", Numbers.count(guard.getValue()) + " cells", "scope", "row")
                    .leaf("td", guard.getKey())
                    .close());
    body.close().close().close();
    points(body, skipped);
    body.close();
  }

  private static void points(Html body, List<Findings.Skipped> skipped) {
    body.open("details").leaf("summary", "Sites and scales");
    body.open("div", "class", "scroll").open("table", "class", "facts").open("tbody");
    skipped.stream()
        .limit(MOST_ROWS)
        .forEach(
            of ->
                body.open("tr")
                    .leaf("th", Labels.point(of.point()), "scope", "row")
                    .leaf("td", Numbers.count(of.cells()) + " cells: " + of.guard())
                    .close());
    body.close().close().close();
    if (skipped.size() > MOST_ROWS) {
      String rest = "The first " + MOST_ROWS + " of " + Numbers.count(skipped.size()) + ".";
      body.leaf("p", rest, "class", "note");
    }
    body.close();
  }
}
