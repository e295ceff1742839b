package steersweep.report;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import steersweep.plan.Site;
import steersweep.score.SiteScore;

/** Scores of sites as an HTML table, a row for each site and scale. */
final class ScoreTable {
  /** In this order; a column that no row has anything for is left out. */
  private static final List<Column> COLUMNS =
      List.of(
          new Column("hook point", score -> score.site().hookPoint().word()),
          new Column("layer", score -> String.valueOf(score.site().layer())),
          new Column("head", score -> head(score.site())),
          new Column("scale", score -> Numbers.scale(score.scale())),
          new Column("verdict", Labels::verdict),
          new Column("effect", score -> Numbers.signed(score.meanEffect())),
          new Column("95 % interval", score -> Numbers.interval(score.effect())),
          new Column("steered", score -> beside(score, score.againstBaseline().mean())),
          new Column("random", score -> Numbers.signed(score.control().mean().mean())),
          new Column("random ±", score -> Numbers.fixed(score.control().spread(), 2)),
          new Column("shuffled", score -> Numbers.signed(score.control().shuffled())),
          new Column("unrelated", score -> Numbers.signed(score.control().unrelated())),
          new Column("p", score -> Numbers.chance(score.chance())),
          new Column("p, whole grid", score -> Numbers.chance(score.corrected())),
          new Column("wrong way", score -> Numbers.percent(score.wrongWay())),
          new Column("fluency", score -> Numbers.signed(score.fluency())),
          new Column("changed", score -> Numbers.percent(score.changed())),
          new Column("target words", score -> Numbers.percent(score.targets())),
          new Column("distinct-2", score -> Numbers.fixed(score.distinct2(), 2)),
          new Column("zlib ratio", score -> Numbers.fixed(score.zlibRatio(), 2)),
          new Column("damage after the prompt", score -> Numbers.fixed(score.damageLast(), 3)),
          new Column("log-odds", score -> Numbers.signed(score.means().logOdds())),
          new Column("dose", score -> Numbers.fixed(score.dose(), 2)),
          new Column("dose in residual", score -> Numbers.fixed(score.doseResidual(), 3)),
          new Column("n", score -> String.valueOf(score.n())),
          new Column("base prompts", score -> String.valueOf(score.effect().clusters())),
          new Column(
              "skipped",
              score -> score.skipped() == 0 ? Numbers.NOTHING : String.valueOf(score.skipped())));

  /** Rows on the page; more would make it too heavy for a phone. */
  private static final int MOST_ROWS = 1000;

  private ScoreTable() {}

  private record Column(String header, Function<SiteScore, String> cell) {}

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
    List<Column> columns =
        COLUMNS.stream()
            .filter(
                column ->
                    scores.stream().anyMatch(s -> !column.cell().apply(s).equals(Numbers.NOTHING)))
            .toList();
    Html table = new Html().open("table", attributes).open("thead").open("tr");
    columns.forEach(column -> table.leaf("th", column.header(), "scope", "col"));
    table.close().close().line().open("tbody");
    for (SiteScore score : scores) {
      table.open("tr", "class", score.verdict().outcome().word());
      columns.forEach(column -> table.leaf("td", column.cell().apply(score)));
      table.close().line();
    }
    return table.close().close();
  }

  /** What the effect is made of, where it is more than the effect against the baseline. */
  private static String beside(SiteScore score, double effect) {
    return score.control().known() ? Numbers.signed(effect) : Numbers.NOTHING;
  }

  private static String head(Site site) {
    if (!site.hookPoint().hasHeads()) {
      return Numbers.NOTHING;
    }
    return site.allHeads() ? "all" : String.valueOf(site.head());
  }
}
