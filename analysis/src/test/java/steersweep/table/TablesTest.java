package steersweep.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.SyntheticRun;
import steersweep.SyntheticRun.Text;
import steersweep.measure.Measure;
import steersweep.model.HookPoint;
import steersweep.plan.Choice;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;
import steersweep.plan.Stage;
import steersweep.plan.Unit;
import steersweep.report.Reports;
import steersweep.result.CompletionRow;
import steersweep.result.ParquetFiles;
import steersweep.result.RunFolder;
import steersweep.result.ScoreRow;
import steersweep.score.Analysis;
import steersweep.score.Interval;
import steersweep.score.ResultTables;
import steersweep.score.SiteScore;

/** The tables beside a report, opened with DuckDB. */
class TablesTest {
  private static final Site WHOLE = SyntheticRun.whole(HookPoint.RESIDUAL_POST, 1);
  private static final Site HEAD = new Site(HookPoint.VALUE, 2, 3);

  @TempDir Path folder;
  private Connection duckDb;

  @BeforeEach
  void open() throws Exception {
    duckDb = DriverManager.getConnection("jdbc:duckdb:");
  }

  @AfterEach
  void close() throws Exception {
    duckDb.close();
  }

  /** Rows as lists; null where a value is missing. */
  private List<List<Object>> query(String sql) throws Exception {
    List<List<Object>> rows = new ArrayList<>();
    try (ResultSet result =
        duckDb.createStatement().executeQuery(sql.replace("RUN", folder.toString()))) {
      while (result.next()) {
        List<Object> row = new ArrayList<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
          row.add(result.getObject(i));
        }
        rows.add(row);
      }
    }
    return rows;
  }

  private SyntheticRun run() {
    SyntheticRun run = new SyntheticRun(folder);
    for (int i = 0; i < 40; i++) {
      PromptPair pair = run.pair(i % 2 == 0 ? "good" : "sad", "base, \"" + i + "\"", "steer");
      run.baseline(pair, Text.same("b", 0))
          .cell(pair, WHOLE, 2, Text.changed("a text\nof " + i, 0.5 + 0.01 * i))
          .random(pair, 0, WHOLE, 2, Text.changed("r", 0.1))
          .cell(pair, HEAD, 2, Text.same("b", 0.01 * (i % 3)));
    }
    return run.choose("good", WHOLE, 2, Choice.Why.BEST);
  }

  @Test
  void aRowForEachCellWithItsReadingTextAndScores() throws Exception {
    SyntheticRun of = run();
    PromptPair last = of.pair("sad", "the last", "steer");
    of.skipped(last, WHOLE, 2, "damage above 1").failed(last, HEAD, 2, "out of memory");
    RunFolder run = of.write();
    CellTable.write(run, run.cellsFile());

    assertThat(query("select count(*), count(distinct cell) from 'RUN/cells.parquet'"))
        .containsExactly(List.of(162L, 162L));
    assertThat(
            query(
                "select concept, layer, head, setting, pull, evidence, coherent, text, status,"
                    + " tokens from 'RUN/cells.parquet' where cell = 5"))
        .extracting(row -> row.subList(0, 9))
        .containsExactly(
            new ArrayList<>(
                Arrays.asList("sad", 1, null, 2.0, 0.51, 8 * 0.51, 1, "a text\nof 1", "ok")));
    assertThat(
            query(
                "select status, message, text is null, pull is null, logprob is null, tokens is"
                    + " null, concept from 'RUN/cells.parquet' where cell >= 160 order by cell"))
        .containsExactly(
            List.of("skipped", "damage above 1", true, false, true, false, "sad"),
            List.of("failed", "out of memory", false, true, true, false, "sad"));
    assertThat(query("describe select * from 'RUN/cells.parquet'"))
        .extracting(row -> row.get(0))
        .doesNotHaveDuplicates()
        .doesNotContain("unit");
    assertThat(
            query(
                "select column_type from (describe select layer, cell, pull, coherent, same_as_baseline"
                    + " from 'RUN/cells.parquet')"))
        .extracting(row -> row.get(0))
        .containsExactly("INTEGER", "BIGINT", "DOUBLE", "INTEGER", "BOOLEAN");
  }

  @Test
  void joinsWhatAreOtherUnitsInWriting() throws Exception {
    RunFolder run = run().write();
    // texts of every third cell only, in one unit
    List<GenericRecord> texts = new ArrayList<>();
    List<GenericRecord> scores = new ArrayList<>();
    Unit first = new Unit(Stage.WRITE, 0, 0, 64);
    run.readCompletions(
        row -> {
          if ((Long) row.get("cell") % 3 == 0) {
            texts.add(GenericData.get().deepCopy(row.getSchema(), row));
            texts.get(texts.size() - 1).put("unit", first.id());
          }
        });
    run.readScores(
        row -> {
          if ((Long) row.get("cell") % 6 == 0) {
            scores.add(GenericData.get().deepCopy(row.getSchema(), row));
            scores.get(scores.size() - 1).put("unit", first.id());
          }
        });
    for (String unit : run.finishedUnits(Stage.WRITE)) {
      Files.delete(run.completions().resolve(unit + ".parquet"));
      Files.delete(run.scores().resolve(unit + ".parquet"));
    }
    ParquetFiles.write(run.completionsFile(first), CompletionRow.SCHEMA, texts, Map.of());
    ParquetFiles.write(run.scoresFile(first), ScoreRow.SCHEMA, scores, Map.of());
    CellTable.write(run, run.cellsFile());

    assertThat(
            query(
                "select count(*), count(text), count(logprob), bool_and((text is not null) = (cell"
                    + " % 3 = 0)), bool_and((logprob is not null) = (cell % 6 = 0)) from"
                    + " 'RUN/cells.parquet'"))
        .containsExactly(List.of(160L, 54L, 27L, true, true));
  }

  @Test
  void aRowForEachConceptSiteAndSettingWithWhatTheReportSays() throws Exception {
    RunFolder run = run().write();
    Reports.write(run);

    Analysis analysis = Analysis.of(ResultTables.load(run), run.manifest().layers());
    SiteScore score =
        analysis.concepts().get(0).scores().stream()
            .filter(of -> of.site().equals(WHOLE))
            .findFirst()
            .orElseThrow();
    Interval pull = score.pull();
    Interval evidence = score.of(Measure.EVIDENCE).net();
    assertThat(
            query(
                "select concept, hook_point, layer, head, setting, verdict, recommended, pull,"
                    + " pull_low, pull_high, pull_n, pull_control, evidence, tested_as,"
                    + " test_corrected from 'RUN/sites.parquet' where concept = 'good' and layer ="
                    + " 1"))
        .containsExactly(
            Arrays.asList(
                "good",
                "residual_post",
                1,
                null,
                2.0,
                "works",
                true,
                pull.mean(),
                pull.low(),
                pull.high(),
                20,
                0.1,
                evidence.mean(),
                "best",
                analysis.concepts().get(0).tests().get(0).corrected()));
    assertThat(query("select concept, count(*) from 'RUN/sites.parquet' group by 1 order by 1"))
        .containsExactly(List.of("all concepts", 2L), List.of("good", 2L), List.of("sad", 2L));
    assertThat(
            query(
                "select count(*) from (select * from 'RUN/sites.parquet' except select * from"
                    + " read_csv('RUN/sites.csv'))"))
        .containsExactly(List.of(0L));
  }

  @Test
  void whatIsThereOfAnUnfinishedRun() throws Exception {
    RunFolder run = run().planned(1000).write();
    Files.delete(run.readings().resolve("unit-000002.parquet"));
    Files.delete(run.completions().resolve("unit-000002.parquet"));
    CellTable.write(run, run.cellsFile());

    assertThat(query("select count(*) from 'RUN/cells.parquet'")).containsExactly(List.of(128L));
  }
}
