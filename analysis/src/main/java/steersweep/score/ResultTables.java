package steersweep.score;

import it.unimi.dsi.fastutil.longs.Long2IntOpenHashMap;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import steersweep.measure.Measure;
import steersweep.model.HookPoint;
import steersweep.plan.CellKind;
import steersweep.plan.Concept;
import steersweep.plan.Site;
import steersweep.plan.TextChoice;
import steersweep.result.Chosen;
import steersweep.result.CompletionRow;
import steersweep.result.FactorRow;
import steersweep.result.Json;
import steersweep.result.ReadingRow;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.result.ScoreRow;
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
 * @param cells a row for each cell that was read or has a text, and did not fail: where it is,
 *     every {@link Measure}, the lists of numbers place by place, and its text
 * @param outOfReach a row for each cell whose setting no factor makes
 * @param skipped a row for each cell that was read and chosen, and not run further
 * @param failed a row for each failed cell, with its message
 * @param concepts the plan's, in its order
 * @param texts how the plan asks for sites to be chosen
 * @param chosen of which sites texts were written; null as long as that is not decided
 */
public record ResultTables(
    Table cells,
    Table outOfReach,
    Table skipped,
    Table failed,
    List<Concept> concepts,
    TextChoice texts,
    @Nullable Chosen chosen,
    Progress progress) {
  /** Columns of {@link CompletionRow} that are kept beside the measures. */
  private static final List<String> OF_TEXT = List.of("text", "same_as_baseline");

  private static final List<String> LISTS = List.of("pulls", "alignments");

  public ResultTables {
    concepts = List.copyOf(concepts);
  }

  public static ResultTables load(RunFolder run) {
    RunManifest manifest = run.manifest();
    int axes = manifest.plan().concepts().size();
    Table readings = read(ReadingRow.SCHEMA, axes, run::readReadings);
    Table completions = read(CompletionRow.SCHEMA, axes, run::readCompletions);
    Table scores = read(ScoreRow.SCHEMA, axes, run::readScores);
    Table failed = failed(readings, completions);
    Table outOfReach = readings.where(status(readings, FactorRow.OUT_OF_REACH));
    Table skipped =
        withoutThoseOf(completions.where(status(completions, CompletionRow.SKIPPED)), outOfReach);
    Table read = readings.where(status(readings, CompletionRow.OK));
    Table texts = completions.where(status(completions, CompletionRow.OK));
    Table cells = joined(read, texts, scores, axes);
    Chosen chosen =
        Files.exists(run.chosenFile()) ? Json.read(run.chosenFile(), Chosen.class) : null;
    Progress progress =
        new Progress(
            manifest.cells(),
            readings.rowCount() + withoutThoseOf(completions, readings).rowCount(),
            chosen == null ? Progress.NOT_DECIDED : chosen.size(),
            completions.rowCount(),
            failed.rowCount(),
            outOfReach.rowCount(),
            skipped.rowCount(),
            withoutThoseOf(texts, scores).rowCount());
    return new ResultTables(
        cells,
        outOfReach,
        skipped,
        failed,
        manifest.plan().concepts(),
        manifest.plan().texts(),
        chosen,
        progress);
  }

  /** Cells that failed in either stage, once each. */
  private static Table failed(Table readings, Table completions) {
    List<String> columns = shared(readings, completions, List.of("status", "message"));
    Table failed =
        readings
            .where(status(readings, CompletionRow.FAILED))
            .selectColumns(columns.toArray(String[]::new));
    Table later =
        completions
            .where(status(completions, CompletionRow.FAILED))
            .selectColumns(columns.toArray(String[]::new));
    return failed.append(withoutThoseOf(later, failed));
  }

  private static Table joined(Table read, Table texts, Table scores, int axes) {
    List<String> where = shared(read, texts, List.of());
    Table cells = read.selectColumns(where.toArray(String[]::new));
    Table others = withoutThoseOf(texts, cells).selectColumns(where.toArray(String[]::new));
    cells = cells.copy().append(others);
    int[] ofReadings = found(cells, read);
    int[] ofTexts = found(cells, texts);
    int[] ofScores = found(cells, scores);
    List<Column<?>> more = new ArrayList<>();
    for (Measure measure : Measure.values()) {
      boolean reading = measure.needs() == Measure.Needs.READING;
      more.add(
          at((reading ? read : scores).column(measure.column()), reading ? ofReadings : ofScores));
    }
    for (int axis = 0; axis < axes; axis++) {
      for (String list : LISTS) {
        more.add(at(read.column(AvroTable.place(list, axis)), ofReadings));
      }
      more.add(at(scores.column(AvroTable.place("evidences", axis)), ofScores));
    }
    OF_TEXT.forEach(column -> more.add(at(texts.column(column), ofTexts)));
    more.forEach(cells::addColumns);
    return cells;
  }

  /** Columns of both tables that say which cell a row is of, and some others. */
  private static List<String> shared(Table a, Table b, List<String> others) {
    List<String> columns = new ArrayList<>(a.columnNames());
    columns.retainAll(b.columnNames());
    columns.removeAll(List.of("status", "message", "unit"));
    columns.addAll(others);
    return columns;
  }

  private static Table withoutThoseOf(Table rows, Table others) {
    Long2IntOpenHashMap known = places(others);
    LongColumn keys = rows.longColumn("cell");
    return where(rows, i -> known.get(keys.getLong(i)) < 0);
  }

  private static Table where(Table rows, IntPredicate wanted) {
    return rows.where(Selection.with(IntStream.range(0, rows.rowCount()).filter(wanted).toArray()));
  }

  private static Long2IntOpenHashMap places(Table rows) {
    LongColumn keys = rows.longColumn("cell");
    Long2IntOpenHashMap places = new Long2IntOpenHashMap(keys.size());
    places.defaultReturnValue(-1);
    for (int i = 0; i < keys.size(); i++) {
      places.put(keys.getLong(i), i);
    }
    return places;
  }

  /** Of each cell its place in another table; -1 where it has none. */
  private static int[] found(Table cells, Table other) {
    Long2IntOpenHashMap places = places(other);
    LongColumn keys = cells.longColumn("cell");
    return IntStream.range(0, keys.size()).map(i -> places.get(keys.getLong(i))).toArray();
  }

  /** The values at some places; missing where a place is -1. */
  private static <T> Column<T> at(Column<T> column, int[] places) {
    Column<T> values = column.emptyCopy(0);
    Arrays.stream(places)
        .forEach(
            place -> {
              if (place < 0) {
                values.appendMissing();
              } else {
                values.append(column, place);
              }
            });
    return values;
  }

  private static Selection status(Table rows, String status) {
    return rows.stringColumn("status").isEqualTo(status);
  }

  private static Table read(Schema schema, int axes, Consumer<Consumer<GenericRecord>> reader) {
    AvroTable rows = new AvroTable(schema, axes);
    reader.accept(rows::append);
    return rows.table();
  }

  /** The cells of a kind. */
  public Table of(CellKind kind) {
    return cells.where(cells.stringColumn("kind").isEqualTo(kind.word()));
  }

  /** The steered cells at a site and setting that have a text. */
  public Table texts(Point point) {
    DoubleColumn setting = cells.doubleColumn("setting");
    IntColumn layer = cells.intColumn("layer");
    StringColumn kind = cells.stringColumn("kind");
    StringColumn text = cells.stringColumn("text");
    return where(
        cells,
        i ->
            setting.getDouble(i) == point.setting()
                && layer.getInt(i) == point.site().layer()
                && kind.get(i).equals(CellKind.STEERED.word())
                && !text.isMissing(i)
                && point.equals(point(cells.row(i))));
  }

  /** The site and setting of a row that has them. */
  public static Point point(Row row) {
    String word = row.getString("hook_point");
    HookPoint hookPoint =
        HookPoint.of(word)
            .orElseThrow(
                () ->
                    new IllegalArgumentException("unknown hook point in the results; got " + word));
    boolean allHeads = IntColumn.valueIsMissing(row.getInt("head"));
    Site site =
        new Site(hookPoint, row.getInt("layer"), allHeads ? Site.ALL_HEADS : row.getInt("head"));
    return new Point(site, row.getDouble("setting"));
  }
}
