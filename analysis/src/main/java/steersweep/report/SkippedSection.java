package steersweep.report;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import steersweep.plan.CellKind;
import steersweep.score.Point;
import steersweep.score.ResultTables;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;

/** What a two-stage sweep did not generate, and why. */
final class SkippedSection {
  /** Rows of either table. */
  private static final int MOST_ROWS = 300;

  private SkippedSection() {}

  /**
   * Steered cells of one site and setting that were not generated.
   *
   * @param guard the plan's guard that was not met
   */
  record Skipped(Point point, String guard, int cells) {}

  static List<Skipped> of(Table cells) {
    Map<Skipped, Integer> counts = new LinkedHashMap<>();
    for (Row row : cells) {
      if (row.getString("kind").equals(CellKind.STEERED.word())) {
        counts.merge(
            new Skipped(ResultTables.point(row), row.getString("message"), 0), 1, Integer::sum);
      }
    }
    return counts.entrySet().stream()
        .map(of -> new Skipped(of.getKey().point(), of.getKey().guard(), of.getValue()))
        .sorted(Comparator.comparing(of -> Labels.point(of.point()) + of.guard()))
        .toList();
  }

  static void add(Html body, Report report) {
    List<Skipped> skipped = of(report.tables().skipped());
    if (skipped.isEmpty()) {
      return;
    }
    ReportPage.section(body, "skipped", "Not generated");
    long cells = skipped.stream().mapToLong(Skipped::cells).sum();
    body.leaf(
        "p",
        Numbers.count(cells)
            + " steered cells at "
            + Numbers.count(skipped.stream().map(Skipped::point).distinct().count())
            + " sites x settings have no text: their readings are outside the plan’s guards.");
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

  private static void points(Html body, List<Skipped> skipped) {
    body.open("details").leaf("summary", "Sites and settings");
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
