package steersweep.report;

import java.util.ArrayList;
import java.util.List;
import steersweep.score.Interval;
import steersweep.score.ResultTables;
import steersweep.score.SiteScores;
import tech.tablesaw.api.BooleanColumn;
import tech.tablesaw.api.Table;

/** One site and scale, concept by concept, as rows of a table. Not escaped. */
final class ConceptRows {
  static final List<String> HEADERS =
      List.of("concept", "n", "effect", "95 % interval", "fluency", "target words", "wrong way");

  private ConceptRows() {}

  /**
   * @param cells rows of {@link ResultTables#steered} of one site and scale
   */
  static List<List<String>> of(Table cells) {
    List<List<String>> rows = new ArrayList<>();
    for (String concept : TextExamples.concepts(cells)) {
      rows.add(row(concept, cells.where(cells.stringColumn("concept").isEqualTo(concept))));
    }
    return rows;
  }

  private static List<String> row(String concept, Table cells) {
    Interval effect = SiteScores.effect(cells);
    int wrong = cells.doubleColumn(ResultTables.EFFECT).isLessThan(0).size();
    BooleanColumn targets = cells.booleanColumn(ResultTables.MORE_TARGET_WORDS);
    return List.of(
        concept,
        String.valueOf(cells.rowCount()),
        Numbers.signed(effect.mean()),
        Numbers.interval(effect),
        Numbers.signed(cells.doubleColumn("fluency").mean()),
        Numbers.percent(SiteScores.share(targets)),
        wrong + " of " + cells.rowCount());
  }
}
