package steersweep.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import steersweep.measure.Measure;
import steersweep.plan.Site;
import steersweep.score.Estimate;
import steersweep.score.SiteScore;

/** Scores of sites as an HTML table, a row for each site and setting. */
final class ScoreTable {
  /** A row of a table over all concepts. */
  record OfConcept(String concept, SiteScore score) {}

  private record Column(String header, Function<SiteScore, String> cell) {}

  /** Rows on the page; more would make it too heavy for a phone. */
  private static final int MOST_ROWS = 1000;

  /** It leads to the texts. */
  private static final String SETTING = "setting";

  private static final Set<Measure> FIRST =
      Set.of(Measure.PULL, Measure.DAMAGE, Measure.EVIDENCE, Measure.COHERENT);

  private ScoreTable() {}

  private static Column column(Measure measure) {
    return new Column(measure.label(), score -> mean(measure, score));
  }

  /**
   * In this order, the twelve that are printed first; a column that no row has anything for is left
   * out.
   */
  private static List<Column> columns() {
    List<Column> columns =
        new ArrayList<>(
            List.of(
                new Column("hook point", score -> score.site().hookPoint().word()),
                new Column("layer", score -> String.valueOf(score.site().layer())),
                new Column("head", score -> head(score.site())),
                new Column(SETTING, score -> Numbers.scale(score.setting())),
                new Column("verdict", Labels::verdict),
                new Column("pull", score -> Numbers.signed(score.pull().mean())),
                new Column("95 % interval", score -> interval(score)),
                column(Measure.DAMAGE),
                column(Measure.EVIDENCE),
                column(Measure.COHERENT),
                new Column("n", score -> String.valueOf(score.pairs())),
                new Column("median", score -> Numbers.signed(score.of(Measure.PULL).median())),
                new Column("steered", score -> beside(score.of(Measure.PULL), true)),
                new Column("random", score -> beside(score.of(Measure.PULL), false)),
                new Column("specificity", score -> Numbers.signed(score.specificity().mean()))));
    for (Measure measure : Measure.values()) {
      if (!FIRST.contains(measure)) {
        columns.add(column(measure));
      }
    }
    columns.addAll(
        List.of(
            new Column("changed", score -> Numbers.percent(score.placement().changed())),
            new Column("factor", score -> Numbers.signed(score.placement().factor())),
            new Column("dose", score -> Numbers.fixed(score.placement().dose(), 2)),
            new Column(
                "dose in residual", score -> Numbers.fixed(score.placement().doseResidual(), 3)),
            new Column("base prompts", score -> clusters(score))));
    return columns;
  }

  private static String clusters(SiteScore score) {
    return score.pull().n() == 0 ? Numbers.NOTHING : String.valueOf(score.pull().clusters());
  }

  private static String interval(SiteScore score) {
    return score.pull().n() == 0 ? Numbers.NOTHING : Numbers.interval(score.pull());
  }

  private static String mean(Measure measure, SiteScore score) {
    double mean = score.of(measure).net().mean();
    return switch (measure.kind()) {
      case FLAG -> Numbers.percent(mean);
      case COUNT -> Numbers.fixed(mean, 2);
      case NUMBER -> measure.signed() ? Numbers.signed(mean) : Numbers.fixed(mean, 2);
    };
  }

  /** What a net mean is made of, where a control is taken off. */
  private static String beside(Estimate estimate, boolean steered) {
    return estimate.control().n() == 0
        ? Numbers.NOTHING
        : Numbers.signed((steered ? estimate.steered() : estimate.control()).mean());
  }

  /**
   * @param rows in the order of concepts and sites
   * @param description which they are
   */
  record Excerpt(List<OfConcept> rows, String description) {}

  /** All scores, or those with the largest pulls if there are too many for a page. */
  static Excerpt excerpt(List<OfConcept> all) {
    if (all.size() <= MOST_ROWS) {
      return new Excerpt(
          all, Numbers.count(all.size()) + " concepts x sites x settings, a row each.");
    }
    Comparator<OfConcept> strongest =
        Comparator.<OfConcept, Boolean>comparing(of -> !of.score().works())
            .thenComparing(of -> -Math.abs(pull(of)));
    List<OfConcept> kept = all.stream().sorted(strongest).limit(MOST_ROWS).toList();
    return new Excerpt(
        kept,
        "The "
            + Numbers.count(MOST_ROWS)
            + " largest pulls of "
            + Numbers.count(all.size())
            + " concepts x sites x settings; the run folder's Parquet files have all of them.");
  }

  private static double pull(OfConcept of) {
    double pull = of.score().pull().mean();
    return Double.isNaN(pull) ? 0 : pull;
  }

  /** Of one concept, which is named elsewhere. */
  static Html of(String concept, List<SiteScore> scores) {
    List<OfConcept> rows = scores.stream().map(score -> new OfConcept(concept, score)).toList();
    return of(rows, false, "class", "scores");
  }

  /** The table that the page's script makes sortable and searchable. */
  static Html all(List<OfConcept> rows) {
    return of(rows, true, "id", "all-scores", "class", "scores");
  }

  private static Html of(List<OfConcept> rows, boolean named, Object... attributes) {
    List<Column> columns =
        columns().stream()
            .filter(
                column ->
                    rows.stream()
                        .anyMatch(of -> !column.cell().apply(of.score()).equals(Numbers.NOTHING)))
            .toList();
    List<String> headers = new ArrayList<>(columns.stream().map(Column::header).toList());
    if (named) {
      headers.add(0, "concept");
    }
    Html table = new Html().open("table", attributes).columns(headers);
    for (OfConcept of : rows) {
      table.open("tr", "class", of.score().verdict().outcome().word());
      if (named) {
        table.leaf("td", of.concept());
      }
      for (Column column : columns) {
        String text = column.cell().apply(of.score());
        if (column.header().equals(SETTING)) {
          String address = Labels.address(of.concept(), of.score().point());
          table.open("td").leaf("a", text, "href", address).close();
        } else {
          table.leaf("td", text);
        }
      }
      table.close().line();
    }
    return table.close().close();
  }

  private static String head(Site site) {
    if (!site.hookPoint().hasHeads()) {
      return Numbers.NOTHING;
    }
    return site.allHeads() ? "all" : String.valueOf(site.head());
  }
}
