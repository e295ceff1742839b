package steersweep.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.SyntheticRun;
import steersweep.SyntheticRun.Text;
import steersweep.model.HookPoint;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;
import steersweep.plan.Stage;
import steersweep.plan.Unit;
import steersweep.result.RunFolder;
import tech.tablesaw.api.ColumnType;

class ResultTablesTest {
  private static final Site SITE = SyntheticRun.whole(HookPoint.RESIDUAL_POST, 1);

  @TempDir Path folder;

  @Test
  void columnsHaveTheTypesOfTheSchemaAndTokensAreLeftOut() {
    ResultTables tables = ResultTables.load(twoPairs().write());

    assertThat(tables.steered().column("cell").type()).isEqualTo(ColumnType.LONG);
    assertThat(tables.steered().column("layer").type()).isEqualTo(ColumnType.INTEGER);
    assertThat(tables.steered().column("uptake").type()).isEqualTo(ColumnType.DOUBLE);
    assertThat(tables.steered().column("same_as_baseline").type()).isEqualTo(ColumnType.BOOLEAN);
    assertThat(tables.steered().column("text").type()).isEqualTo(ColumnType.STRING);
    assertThat(tables.steered().column("head").isMissing(0)).isTrue();
    assertThat(tables.steered().columnNames()).doesNotContain("tokens");
  }

  @Test
  void baselinesAreARowForEachPromptPair() {
    ResultTables tables = ResultTables.load(twoPairs().write());

    assertThat(tables.baselines().intColumn("pair").asList()).containsExactly(0, 1);
    assertThat(tables.steered().intColumn("pair").asList()).containsExactly(0, 1);
    assertThat(tables.progress()).isEqualTo(new Progress(4, 4, 0, 0, 0, 0));
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
    assertThat(SiteScores.of(EffectGrid.of(tables)).get(0).n()).isEqualTo(2);
    assertThat(tables.progress().complete()).isFalse();
  }

  @Test
  void cellsOfAPairWhoseBaselineFailedAreLeftOutAndCounted() {
    SyntheticRun run = twoPairs();
    PromptPair third = run.pair("good", "I meet", "kind");
    run.failed(third, null, 0, "out of memory");
    run.cell(third, SITE, 2, Text.changed("x", 100));

    ResultTables tables = ResultTables.load(run.write());

    assertThat(tables.progress().withoutBaseline()).isEqualTo(1);
    assertThat(SiteScores.of(EffectGrid.of(tables)).get(0).n()).isEqualTo(2);
  }

  @Test
  void aCellWhoseUptakeIsNotANumberIsLeftOutAndCounted() {
    SyntheticRun run = twoPairs();
    PromptPair third = run.pair("good", "I meet", "kind");
    run.baseline(third, Text.same("b", 0));
    run.cell(third, SITE, 2, Text.changed("", Double.NaN));

    ResultTables tables = ResultTables.load(run.write());

    assertThat(tables.progress().unscored()).isEqualTo(1);
    assertThat(SiteScores.of(EffectGrid.of(tables)).get(0).n()).isEqualTo(2);
  }

  @Test
  void anUnfinishedUnitsScoresAreNotThereYet() throws Exception {
    SyntheticRun run = new SyntheticRun(folder);
    PromptPair pair = run.pair("vegan", "I eat", "plants");
    run.baseline(pair, Text.same("b", 0));
    for (int layer = 0; layer < 100; layer++) {
      run.cell(pair, SyntheticRun.whole(HookPoint.VALUE, layer), 1, Text.changed("x", 1));
    }
    RunFolder written = run.write();
    Files.delete(written.completionsFile(new Unit(Stage.WRITE, 1, 64, 101)));

    ResultTables tables = ResultTables.load(written);

    assertThat(tables.progress().finished()).isEqualTo(64);
    assertThat(tables.progress().planned()).isEqualTo(101);
    assertThat(SiteScores.of(EffectGrid.of(tables))).hasSize(63);
  }

  @Test
  void aRunThatHasJustBegunHasEmptyTables() {
    ResultTables tables = ResultTables.load(new SyntheticRun(folder).planned(10).write());

    assertThat(tables.steered().isEmpty()).isTrue();
    assertThat(SiteScores.of(EffectGrid.of(tables))).isEmpty();
    assertThat(Analysis.of(tables, 8).findings().best()).isEmpty();
  }

  private SyntheticRun twoPairs() {
    SyntheticRun run = new SyntheticRun(folder);
    for (String base : List.of("I eat", "I like")) {
      PromptPair pair = run.pair("vegan", base, "plants");
      run.baseline(pair, Text.same("b", 0));
      run.cell(pair, SITE, 2, Text.changed("x", 1));
    }
    return run;
  }
}
