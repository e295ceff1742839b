package steersweep.score;

import java.util.List;
import java.util.function.Consumer;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import steersweep.plan.Site;
import steersweep.result.CompletionRow;
import steersweep.result.RunFolder;
import steersweep.result.ScoreRow;
import tech.tablesaw.api.BooleanColumn;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/**
 * A run's rows as tables. Works on unfinished runs: what is not there yet is counted in {@code
 * progress} and missing from the tables.
 *
 * @param steered a row for each steered cell that finished, was scored and has a scored baseline:
 *     the columns of {@link CompletionRow} (without {@code tokens}) and {@link ScoreRow}, those of
 *     the pair's baseline that are compared with, and the columns named in this class
 * @param baselines a row for each prompt pair with a scored baseline, the same columns without the
 *     comparison
 * @param failed a row for each failed cell, the columns of {@link CompletionRow}
 */
public record ResultTables(Table steered, Table baselines, Table failed, Progress progress) {
  /** Uptake minus the uptake of the same prompt pair's baseline, nats per token. */
  public static final String EFFECT = "effect";

  /** distinct_2 of the baseline minus distinct_2, 0..1: how much more the text repeats itself. */
  public static final String MORE_REPETITION = "more_repetition";

  /** Whether more target words stand in the text than in the baseline; missing without any. */
  public static final String MORE_TARGET_WORDS = "more_target_words";

  /** Hook point, layer, head and scale in one word: what rows are grouped by. */
  public static final String SITE_AND_SCALE = "site_and_scale";

  private static final String BASELINE = "baseline_";

  /** Text of the same prompt pair's baseline. */
  public static final String BASELINE_TEXT = BASELINE + "text";

  private static final List<String> COMPARED =
      List.of("uptake", "distinct_2", "target_hits", "text");

  public static ResultTables load(RunFolder run) {
    Table completions = read(CompletionRow.SCHEMA, run::readCompletions);
    Table scores = read(ScoreRow.SCHEMA, run::readScores);
    scores.removeColumns("unit");

    StringColumn status = completions.stringColumn("status");
    Table ok = completions.where(status.isEqualTo(CompletionRow.OK));
    Table failed = completions.where(status.isEqualTo(CompletionRow.FAILED));
    Table scored = join(ok, scores, "cell");
    scored = scored.where(scored.doubleColumn("uptake").eval(Double::isFinite));

    Table baselines = scored.where(scored.stringColumn("hook_point").isMissing());
    Table steered = scored.where(scored.stringColumn("hook_point").isNotMissing());
    Table compared = join(steered, toCompareWith(baselines), "pair");
    addComparison(compared);
    Progress progress =
        new Progress(
            run.manifest().cells(),
            completions.rowCount(),
            failed.rowCount(),
            ok.rowCount() - scored.rowCount(),
            steered.rowCount() - compared.rowCount(),
            run.failedUnits().size());
    return new ResultTables(compared, baselines, failed, progress);
  }

  /** The rows of {@link #steered} that a score averages over, a row for each prompt pair. */
  public Table rows(SiteScore score) {
    String key = key(score.site(), score.scale());
    return steered.where(steered.stringColumn(SITE_AND_SCALE).isEqualTo(key));
  }

  private static String key(Site site, double scale) {
    return site.hookPoint().word() + "/" + site.layer() + "/" + site.head() + "/" + scale;
  }

  private static Table read(Schema schema, Consumer<Consumer<GenericRecord>> reader) {
    AvroTable rows = new AvroTable(schema);
    reader.accept(rows::append);
    return rows.table();
  }

  private static Table join(Table left, Table right, String column) {
    return left.joinOn(column).with(right).join();
  }

  private static Table toCompareWith(Table baselines) {
    Table result = Table.create("baseline", baselines.intColumn("pair").copy());
    for (String name : COMPARED) {
      result.addColumns(baselines.column(name).copy().setName(BASELINE + name));
    }
    return result;
  }

  private static void addComparison(Table rows) {
    DoubleColumn effect =
        rows.doubleColumn("uptake").subtract(rows.doubleColumn(BASELINE + "uptake"));
    DoubleColumn repetition =
        rows.doubleColumn(BASELINE + "distinct_2").subtract(rows.doubleColumn("distinct_2"));
    BooleanColumn targets = BooleanColumn.create(MORE_TARGET_WORDS);
    StringColumn key = StringColumn.create(SITE_AND_SCALE);
    for (Row row : rows) {
      int i = row.getRowNumber();
      key.append(key(SiteScores.site(row), row.getDouble("scale")));
      appendMore(
          targets, rows.intColumn("target_hits"), rows.intColumn(BASELINE + "target_hits"), i);
    }
    rows.addColumns(effect.setName(EFFECT), repetition.setName(MORE_REPETITION), targets, key);
  }

  private static void appendMore(BooleanColumn more, IntColumn hits, IntColumn baseline, int row) {
    if (hits.isMissing(row) || baseline.isMissing(row)) {
      more.appendMissing();
    } else {
      more.append(hits.getInt(row) > baseline.getInt(row));
    }
  }
}
