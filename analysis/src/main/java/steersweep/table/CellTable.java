package steersweep.table;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import steersweep.plan.Stage;
import steersweep.result.Columns;
import steersweep.result.CompletionRow;
import steersweep.result.ParquetFiles;
import steersweep.result.ReadingRow;
import steersweep.result.RunFolder;
import steersweep.result.ScoreRow;

/**
 * {@code cells.parquet}: a row for each cell, its reading, text and scores beside each other. The
 * three are in the sweep's order, so that a unit's rows at a time are in memory, whatever the size
 * of the run.
 */
public final class CellTable {
  /** Where the row is of, not the results'. */
  private static final Set<String> LEFT_OUT = Set.of("unit");

  private static final Set<String> STATE = Set.of("status", "message");

  public static final Schema SCHEMA = schema();

  private CellTable() {}

  private static Schema schema() {
    Columns columns = Columns.table("cell");
    List<String> there = new ArrayList<>(LEFT_OUT);
    there.addAll(STATE);
    for (Schema.Field field : ReadingRow.SCHEMA.getFields()) {
      if (!there.contains(field.name())) {
        boolean ofBoth = CompletionRow.SCHEMA.getField(field.name()) != null;
        columns = ofBoth ? columns.as(field) : columns.optional(field);
        there.add(field.name());
      }
    }
    for (Schema of : List.of(CompletionRow.SCHEMA, ScoreRow.SCHEMA)) {
      for (Schema.Field field : of.getFields()) {
        if (!there.contains(field.name())) {
          columns = columns.optional(field);
          there.add(field.name());
        }
      }
    }
    return columns
        .string(
            "status",
            "ok; failed; out_of_reach: no factor makes the setting; skipped: read, but without a"
                + " text, because a smaller setting makes texts incoherent already")
        .optionalString("message", "what kept it from being read or from getting its text")
        .schema();
  }

  /** Writes the file, whole or not at all. */
  public static void write(RunFolder run, Path file) {
    ParquetFiles.write(file, SCHEMA, writer -> join(run, writer), Map.of());
  }

  private static void join(RunFolder run, Consumer<GenericRecord> rows) {
    Ahead texts = new Ahead(run, run::readCompletions);
    Ahead scores = new Ahead(run, run::readScores);
    Consumer<GenericRecord> withoutReading = text -> rows.accept(row(null, text, scores.at(text)));
    run.readReadings(
        reading ->
            rows.accept(row(reading, texts.at(reading, withoutReading), scores.at(reading))));
    texts.rest(withoutReading);
  }

  private static GenericRecord row(
      @Nullable GenericRecord reading,
      @Nullable GenericRecord text,
      @Nullable GenericRecord score) {
    GenericRecord row = new GenericData.Record(SCHEMA);
    for (Schema.Field field : SCHEMA.getFields()) {
      row.put(field.pos(), first(field.name(), reading, text, score));
    }
    boolean ofText = reading == null || (text != null && ok(reading));
    GenericRecord state = ofText ? text : reading;
    STATE.forEach(column -> row.put(column, state == null ? null : state.get(column)));
    return row;
  }

  private static boolean ok(GenericRecord row) {
    return CompletionRow.OK.equals(String.valueOf(row.get("status")));
  }

  /** Of the first row that has such a column. */
  private static @Nullable Object first(String column, @Nullable GenericRecord... rows) {
    for (GenericRecord row : rows) {
      if (row != null && row.hasField(column)) {
        return row.get(column);
      }
    }
    return null;
  }

  /** The rows of another table, which are in the same order, read a unit ahead. */
  private static final class Ahead {
    private final Iterator<String> units;
    private final BiConsumer<String, Consumer<GenericRecord>> reader;
    private final Deque<GenericRecord> rows = new ArrayDeque<>();

    Ahead(RunFolder run, BiConsumer<String, Consumer<GenericRecord>> reader) {
      units = run.finishedUnits(Stage.WRITE).stream().sorted().iterator();
      this.reader = reader;
    }

    /** The row of the same cell, if there is one. */
    @Nullable GenericRecord at(GenericRecord other) {
      return at(other, row -> {});
    }

    /**
     * @param before takes the rows of cells before it
     */
    @Nullable GenericRecord at(GenericRecord other, Consumer<GenericRecord> before) {
      long cell = cell(other);
      while (more() && cell(rows.element()) < cell) {
        before.accept(rows.remove());
      }
      return more() && cell(rows.element()) == cell ? rows.remove() : null;
    }

    void rest(Consumer<GenericRecord> consumer) {
      while (more()) {
        consumer.accept(rows.remove());
      }
    }

    private boolean more() {
      while (rows.isEmpty() && units.hasNext()) {
        reader.accept(
            units.next(), row -> rows.add(GenericData.get().deepCopy(row.getSchema(), row)));
      }
      return !rows.isEmpty();
    }

    private static long cell(GenericRecord row) {
      return (Long) row.get("cell");
    }
  }
}
