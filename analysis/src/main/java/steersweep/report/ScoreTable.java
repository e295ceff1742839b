package steersweep.report;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import steersweep.plan.Site;
import steersweep.score.SiteScore;

/** Scores of sites as an HTML table, a row for each site and scale. */
final class ScoreTable {
  private static final List<String> HEADERS =
      List.of(
          "hook point",
          "layer",
          "head",
          "scale",
          "effect",
          "95 % interval",
          "fluency",
          "changed",
          "target words",
          "distinct-2",
          "zlib ratio",
          "KL last",
          "dose",
          "n",
          "verdict");

  /** Rows on the page; more would make it too heavy for a phone. */
  private static final int MOST_ROWS = 2000;

  private ScoreTable() {}

  /**
   * @param scores in the order of the sites
   * @param description which they are
   */
  record Excerpt(List<SiteScore> scores, String description) {}

  /** All scores, or those with the largest effects if there are too many for a page. */
  static Excerpt excerpt(List<SiteScore> all) {
    if (all.size() <= MOST_ROWS) {
      return new Excerpt(all, Numbers.count(all.size()) + " sites x scales, a row each.");
    }
    Comparator<SiteScore> weakest = Comparator.comparing(score -> Math.abs(score.meanEffect()));
    Set<SiteScore> kept =
        all.stream().sorted(weakest.reversed()).limit(MOST_ROWS).collect(Collectors.toSet());
    return new Excerpt(
        all.stream().filter(kept::contains).toList(),
        "The "
            + Numbers.count(MOST_ROWS)
            + " largest effects of "
            + Numbers.count(all.size())
            + " sites x scales; the run folder's Parquet files have all of them.");
  }

  static Html of(List<SiteScore> scores) {
    return of(scores, "class", "scores");
  }

  /** The table that the page's script makes sortable and searchable. */
  static Html all(List<SiteScore> scores) {
    return of(scores, "id", "all-scores", "class", "scores");
  }

  private static Html of(List<SiteScore> scores, Object... attributes) {
    Html table = new Html().open("table", attributes).open("thead").open("tr");
    HEADERS.forEach(header -> table.leaf("th", header, "scope", "col"));
    table.close().close().line().open("tbody");
    scores.forEach(score -> row(table, score));
    return table.close().close();
  }

  private static void row(Html table, SiteScore score) {
    Site site = score.site();
    table.open("tr", "class", score.verdict().outcome().word());
    for (String cell :
        List.of(
            site.hookPoint().word(),
            String.valueOf(site.layer()),
            head(site),
            Numbers.scale(score.scale()),
            Numbers.signed(score.meanEffect()),
            Numbers.interval(score.effect()),
            Numbers.signed(score.fluency()),
            Numbers.percent(score.changed()),
            Numbers.percent(score.targets()),
            Numbers.fixed(score.distinct2(), 2),
            Numbers.fixed(score.zlibRatio(), 2),
            Numbers.fixed(score.klLast(), 3),
            Numbers.fixed(score.dose(), 2),
            String.valueOf(score.n()),
            Labels.verdict(score))) {
      table.leaf("td", cell);
    }
    table.close().line();
  }

  private static String head(Site site) {
    if (!site.hookPoint().hasHeads()) {
      return Numbers.NOTHING;
    }
    return site.allHeads() ? "all" : String.valueOf(site.head());
  }
}
