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

/** Which cells of the plan were not run, and why. */
final class SkippedSection {
  /** Rows of either table. */
  private static final int MOST_ROWS = 300;

  private SkippedSection() {}

  /** Steered cells of one site and setting that were not run. */
  record Skipped(Point point, String why, int cells) {}

  static List<Skipped> of(Table cells) {
    Map<Skipped, Integer> counts = new LinkedHashMap<>();
    for (Row row : cells) {
      if (row.getString("kind").equals(CellKind.STEERED.word())) {
        counts.merge(
            new Skipped(ResultTables.point(row), row.getString("message"), 0), 1, Integer::sum);
      }
    }
    return counts.entrySet().stream()
        .map(of -> new Skipped(of.getKey().point(), of.getKey().why(), of.getValue()))
        .sorted(Comparator.comparing(of -> Labels.point(of.point()) + of.why()))
        .toList();
  }

  static void add(Html body, Report report) {
    List<Skipped> unreached = of(report.tables().outOfReach());
    List<Skipped> skipped = of(report.tables().skipped());
    if (unreached.isEmpty() && skipped.isEmpty()) {
      return;
    }
    body.section("skipped", "Not run");
    add(
        body,
        unreached,
        " are out of reach: no factor does the damage that their setting asks for.");
    add(
        body,
        skipped,
        " have no text: a smaller setting makes the site’s texts incoherent already. What they do to"
            + " the model along the baseline’s text was read.");
    body.close();
  }

  private static void add(Html body, List<Skipped> skipped, String why) {
    if (skipped.isEmpty()) {
      return;
    }
    long cells = skipped.stream().mapToLong(Skipped::cells).sum();
    long points = skipped.stream().map(Skipped::point).distinct().count();
    body.leaf(
        "p",
        Numbers.count(cells)
            + " steered cells at "
            + Numbers.count(points)
            + " sites x settings"
            + why);
    points(body, skipped);
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
                    .leaf("td", Numbers.count(of.cells()) + " cells: " + of.why())
                    .close());
    body.close().close().close();
    if (skipped.size() > MOST_ROWS) {
      String rest = "The first " + MOST_ROWS + " of " + Numbers.count(skipped.size()) + ".";
      body.leaf("p", rest, "class", "note");
    }
    body.close();
  }
}
