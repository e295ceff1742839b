package steersweep.score;

import it.unimi.dsi.fastutil.ints.Int2IntOpenHashMap;
import it.unimi.dsi.fastutil.longs.Long2IntOpenHashMap;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import steersweep.measure.Measure;
import steersweep.plan.CellKind;
import steersweep.plan.Site;
import steersweep.result.Chosen;
import steersweep.result.CompletionRow;
import steersweep.result.Json;
import steersweep.result.ReadingRow;
import steersweep.result.RunFolder;
import steersweep.result.ScoreRow;
import tech.tablesaw.api.BooleanColumn;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;
import tech.tablesaw.selection.Selection;

/**
 * A run's rows as tables. Works on unfinished runs: what is not there yet is counted in {@code
 * progress} and missing from the tables.
 *
 * @param steered a row for each steered cell that finished, was scored and has a scored baseline:
 *     the columns of {@link CompletionRow} (without {@code tokens}) and {@link ScoreRow}, those of
 *     the pair's baseline that are compared with, and the columns named in this class
 * @param controls the same for the kinds {@code random}, {@code shuffled} and {@code unrelated}
 * @param prompted the same for the kind {@code prompted}, one for each prompt pair, without a site
 * @param baselines a row for each prompt pair with a scored baseline, the same columns without the
 *     comparison
 * @param skipped a row for each cell that was not generated, the columns of {@link CompletionRow},
 *     what was measured of its {@link ReadingRow}, and {@link #SITE_AND_SCALE}
 * @param failed a row for each failed cell, the columns of {@link CompletionRow}
 */
public record ResultTables(
    Table steered,
    Table controls,
    Table prompted,
    Table baselines,
    Table skipped,
    Table failed,
    Progress progress) {
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
    Table readings = readings(run);

    StringColumn status = completions.stringColumn("status");
    Table failed = completions.where(status.isEqualTo(CompletionRow.FAILED));
    Table skipped =
        joinScores(completions.where(status.isEqualTo(CompletionRow.SKIPPED)), readings);
    Table ok = completions.where(status.isEqualTo(CompletionRow.OK));
    Table scored = joinScores(joinScores(ok, readings), scores);
    scored = scored.where(scored.doubleColumn("uptake").eval(Double::isFinite));

    Table baselines = scored.where(is(scored, CellKind.BASELINE));
    Table others = scored.where(is(scored, CellKind.BASELINE).flip(0, scored.rowCount()));
    Table compared = joinBaselines(others, baselines);
    addComparison(compared);
    addSiteAndScale(compared);
    addSiteAndScale(skipped);
    Progress progress =
        new Progress(
            planned(run),
            completions.rowCount(),
            failed.rowCount(),
            skipped.rowCount(),
            ok.rowCount() - scored.rowCount(),
            others.rowCount() - compared.rowCount());
    return new ResultTables(
        compared.where(is(compared, CellKind.STEERED)),
        compared.where(
            is(compared, CellKind.RANDOM)
                .or(is(compared, CellKind.SHUFFLED))
                .or(is(compared, CellKind.UNRELATED))),
        compared.where(is(compared, CellKind.PROMPTED)),
        baselines,
        skipped,
        failed,
        progress);
  }

  /** Cells that are to have a row: those that were chosen, or all before there is a choice. */
  private static long planned(RunFolder run) {
    return Files.exists(run.chosenFile())
        ? Json.read(run.chosenFile(), Chosen.class).size()
        : run.manifest().cells();
  }

  /** The rows of {@link #steered} that a score averages over, a row for each prompt pair. */
  public Table rows(SiteScore score) {
    return rowsAt(steered, score.point());
  }

  /** The rows of a table of this record at a site and scale. */
  static Table rowsAt(Table rows, Point point) {
    String key = key(point.site(), point.scale());
    return rows.where(rows.stringColumn(SITE_AND_SCALE).isEqualTo(key));
  }

  private static String key(Site site, double scale) {
    return site.hookPoint().word() + "/" + site.layer() + "/" + site.head() + "/" + scale;
  }

  private static Selection is(Table rows, CellKind kind) {
    return rows.stringColumn("kind").isEqualTo(kind.word());
  }

  /** Of each reading the cell and what was measured. */
  private static Table readings(RunFolder run) {
    Table readings = read(ReadingRow.SCHEMA, run::readReadings);
    List<String> wanted = new ArrayList<>(List.of("cell"));
    Measure.that(Measure.Needs.READING).forEach(measure -> wanted.add(measure.column()));
    return readings.selectColumns(wanted.toArray(String[]::new));
  }

  private static Table read(Schema schema, Consumer<Consumer<GenericRecord>> reader) {
    AvroTable rows = new AvroTable(schema);
    reader.accept(rows::append);
    return rows.table();
  }

  /** The rows that have scores, with them. */
  private static Table joinScores(Table rows, Table scores) {
    LongColumn scored = scores.longColumn("cell");
    Long2IntOpenHashMap places = new Long2IntOpenHashMap(scored.size());
    places.defaultReturnValue(-1);
    for (int i = 0; i < scored.size(); i++) {
      places.put(scored.getLong(i), i);
    }
    LongColumn cells = rows.longColumn("cell");
    int[] found = IntStream.range(0, cells.size()).map(i -> places.get(cells.getLong(i))).toArray();
    return beside(rows, found, scores.rejectColumns("cell").columns(), "");
  }

  /** The rows whose prompt pair has a scored baseline, with what they are compared with. */
  private static Table joinBaselines(Table rows, Table baselines) {
    IntColumn known = baselines.intColumn("pair");
    Int2IntOpenHashMap places = new Int2IntOpenHashMap(known.size());
    places.defaultReturnValue(-1);
    for (int i = 0; i < known.size(); i++) {
      places.put(known.getInt(i), i);
    }
    IntColumn pairs = rows.intColumn("pair");
    int[] found = IntStream.range(0, pairs.size()).map(i -> places.get(pairs.getInt(i))).toArray();
    List<Column<?>> compared = COMPARED.stream().<Column<?>>map(baselines::column).toList();
    return beside(rows, found, compared, BASELINE);
  }

  /** The rows with a place that is not -1, and beside each the values at that place. */
  private static Table beside(Table rows, int[] places, List<Column<?>> values, String prefix) {
    int[] kept = IntStream.range(0, places.length).filter(i -> places[i] >= 0).toArray();
    int[] from = Arrays.stream(kept).map(i -> places[i]).toArray();
    Table result = kept.length == places.length ? rows : rows.where(Selection.with(kept));
    for (Column<?> column : values) {
      result.addColumns(column.subset(from).setName(prefix + column.name()));
    }
    return result;
  }

  private static void addComparison(Table rows) {
    DoubleColumn effect =
        rows.doubleColumn("uptake").subtract(rows.doubleColumn(BASELINE + "uptake"));
    DoubleColumn repetition =
        rows.doubleColumn(BASELINE + "distinct_2").subtract(rows.doubleColumn("distinct_2"));
    BooleanColumn targets = BooleanColumn.create(MORE_TARGET_WORDS);
    for (int i = 0; i < rows.rowCount(); i++) {
      appendMore(
          targets, rows.intColumn("target_hits"), rows.intColumn(BASELINE + "target_hits"), i);
    }
    rows.addColumns(effect.setName(EFFECT), repetition.setName(MORE_REPETITION), targets);
  }

  private static void addSiteAndScale(Table rows) {
    StringColumn key = StringColumn.create(SITE_AND_SCALE);
    StringColumn hookPoint = rows.stringColumn("hook_point");
    for (Row row : rows) {
      if (hookPoint.isMissing(row.getRowNumber())) {
        key.appendMissing();
      } else {
        key.append(key(SiteScores.site(row), row.getDouble("setting")));
      }
    }
    rows.addColumns(key);
  }

  private static void appendMore(BooleanColumn more, IntColumn hits, IntColumn baseline, int row) {
    if (hits.isMissing(row) || baseline.isMissing(row)) {
      more.appendMissing();
    } else {
      more.append(hits.getInt(row) > baseline.getInt(row));
    }
  }
}
