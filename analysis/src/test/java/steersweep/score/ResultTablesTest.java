package steersweep.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.SyntheticRun;
import steersweep.SyntheticRun.Text;
import steersweep.measure.Measure;
import steersweep.model.HookPoint;
import steersweep.plan.CellKind;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;
import steersweep.plan.Stage;
import steersweep.plan.Unit;
import steersweep.result.CompletionRow;
import steersweep.result.ParquetFiles;
import steersweep.result.RunFolder;
import steersweep.result.ScoreRow;
import tech.tablesaw.api.ColumnType;

class ResultTablesTest {
  private static final Site SITE = SyntheticRun.whole(HookPoint.RESIDUAL_POST, 1);

  @TempDir Path folder;

  @Test
  void columnsHaveTheTypesOfTheSchemaAndListsAreColumns() {
    ResultTables tables = ResultTables.load(twoPairs().write());

    assertThat(tables.cells().column("cell").type()).isEqualTo(ColumnType.LONG);
    assertThat(tables.cells().column("layer").type()).isEqualTo(ColumnType.INTEGER);
    assertThat(tables.cells().column("pull").type()).isEqualTo(ColumnType.DOUBLE);
    assertThat(tables.cells().column("coherent").type()).isEqualTo(ColumnType.INTEGER);
    assertThat(tables.cells().column("same_as_baseline").type()).isEqualTo(ColumnType.BOOLEAN);
    assertThat(tables.cells().column("text").type()).isEqualTo(ColumnType.STRING);
    assertThat(tables.cells().columnNames())
        .contains("pulls_0", "alignments_0", "evidences_0")
        .doesNotContain("pulls_1", "tokens", "unit")
        .doesNotHaveDuplicates();
    assertThat(tables.of(CellKind.STEERED).column("head").isMissing(0)).isTrue();
    assertThat(tables.of(CellKind.STEERED).doubleColumn("pulls_0").get(1)).isEqualTo(0.75);
  }

  @Test
  void everyCellIsARowWithItsReadingItsTextAndItsScores() {
    ResultTables tables = ResultTables.load(twoPairs().write());

    assertThat(tables.of(CellKind.BASELINE).intColumn("pair").asList()).containsExactly(0, 1);
    assertThat(tables.of(CellKind.STEERED).doubleColumn("pull").asList()).containsExactly(1.0, 1.0);
    assertThat(tables.of(CellKind.STEERED).doubleColumn("evidence").asList())
        .containsExactly(8.0, 8.0);
    assertThat(tables.of(CellKind.BASELINE).column("pull").countMissing()).isEqualTo(2);
    assertThat(tables.texts(new Point(SITE, 2)).stringColumn("text").asList())
        .containsExactly("x", "x");
    assertThat(tables.progress()).isEqualTo(new Progress(4, 4, 4, 4, 0, 0, 0, 0));
    assertThat(tables.progress().complete()).isTrue();
  }

  @Test
  void failedCellsAreCountedAndInNoAverage() {
    SyntheticRun run = twoPairs();
    PromptPair third = run.pair("good", "I meet", "kind");
    run.failed(third, SITE, 2, "out of memory");

    ResultTables tables = ResultTables.load(run.write());

    assertThat(tables.progress().failed()).isEqualTo(1);
    assertThat(tables.failed().stringColumn("message").asList()).containsExactly("out of memory");
    assertThat(Analysis.of(tables, 8).all().scores().get(0).pairs()).isEqualTo(2);
    assertThat(tables.progress().complete()).isFalse();
  }

  @Test
  void aReadingWithoutATextCountsAndHasNoEvidence() throws Exception {
    RunFolder run = twoPairs().write();
    Unit unit = new Unit(Stage.WRITE, 0, 0, 64);
    ParquetFiles.write(run.completionsFile(unit), CompletionRow.SCHEMA, List.of(), Map.of());
    ParquetFiles.write(run.scoresFile(unit), ScoreRow.SCHEMA, List.of(), Map.of());

    SiteScore score = Analysis.of(ResultTables.load(run), 8).all().scores().get(0);

    assertThat(score.of(Measure.PULL).steered().n()).isEqualTo(2);
    assertThat(score.of(Measure.EVIDENCE).steered().n()).isZero();
  }

  @Test
  void aRunThatHasJustBegunHasEmptyTables() {
    ResultTables tables = ResultTables.load(new SyntheticRun(folder).planned(10).write());

    assertThat(tables.cells().isEmpty()).isTrue();
    Analysis analysis = Analysis.of(tables, 8);
    assertThat(analysis.concepts()).isEmpty();
    assertThat(analysis.all().scores()).isEmpty();
    assertThat(analysis.all().claims()).isEmpty();
  }

  private SyntheticRun twoPairs() {
    SyntheticRun run = new SyntheticRun(folder);
    for (String base : List.of("I eat", "I like")) {
      PromptPair pair = run.pair("vegan", base, "plants");
      run.baseline(pair, Text.same("b", 0));
      run.cell(pair, SITE, 2, Text.changed("x", 1).pulls(0.75));
    }
    return run;
  }
}
