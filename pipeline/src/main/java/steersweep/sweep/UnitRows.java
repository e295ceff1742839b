package steersweep.sweep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import steersweep.plan.Cell;
import steersweep.plan.Unit;
import steersweep.result.CompletionRow;
import steersweep.result.ParquetFiles;
import steersweep.result.ReadingRow;
import steersweep.result.RunFolder;
import steersweep.result.ScoreRow;

/**
 * Rows of one unit, by cell.
 *
 * @param readings a row for each cell that did not fail
 * @param completions a row for each cell
 * @param scores a row for each of these cells that did not fail
 */
record UnitRows(
    SortedMap<Long, GenericRecord> readings,
    SortedMap<Long, GenericRecord> completions,
    SortedMap<Long, GenericRecord> scores) {
  UnitRows() {
    this(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
  }

  /** The rows of {@code unit} in a file of completions, and their scores; without failed ones. */
  static UnitRows good(RunFolder run, Unit unit, Path completions) {
    UnitRows rows = new UnitRows();
    ParquetFiles.read(
        completions,
        row -> {
          if (!String.valueOf(row.get("status")).equals(CompletionRow.FAILED)) {
            rows.completions.put((Long) row.get("cell"), copy(row));
          }
        });
    rows.readBeside(run.readingsFile(unit), rows.readings);
    rows.readBeside(run.scoresFile(unit), rows.scores);
    return rows;
  }

  private void readBeside(Path file, SortedMap<Long, GenericRecord> into) {
    ParquetFiles.read(
        file,
        row -> {
          if (completions.containsKey((Long) row.get("cell"))) {
            into.put((Long) row.get("cell"), copy(row));
          }
        });
  }

  void add(ReadingRow row) {
    readings.put(row.cell().index(), row.toRecord());
  }

  void add(CompletionRow row) {
    completions.put(row.cell().index(), row.toRecord());
  }

  void add(ScoreRow row) {
    scores.put(row.cell(), row.toRecord());
  }

  void addAll(UnitRows others) {
    readings.putAll(others.readings);
    completions.putAll(others.completions);
    scores.putAll(others.scores);
  }

  boolean has(Cell cell) {
    return completions.containsKey(cell.index());
  }

  /** Messages of the failed cells, in order. */
  List<String> failures() {
    return completions.values().stream()
        .filter(row -> String.valueOf(row.get("status")).equals(CompletionRow.FAILED))
        .map(row -> "cell " + row.get("cell") + ": " + row.get("message"))
        .toList();
  }

  /**
   * Writes the unit's files, completions last. What failed is noted before, so that a unit with
   * failed cells is always known as one.
   */
  void write(RunFolder run, Unit unit, Map<String, String> footer) {
    List<String> failures = failures();
    if (!failures.isEmpty()) {
      run.noteFailure(unit, failures.size(), failures.get(0));
    }
    ParquetFiles.write(
        run.readingsFile(unit), ReadingRow.SCHEMA, new ArrayList<>(readings.values()), footer);
    ParquetFiles.write(
        run.scoresFile(unit), ScoreRow.SCHEMA, new ArrayList<>(scores.values()), footer);
    ParquetFiles.write(
        run.completionsFile(unit),
        CompletionRow.SCHEMA,
        new ArrayList<>(completions.values()),
        footer);
    run.clearAttempts(unit, failures.isEmpty());
  }

  static GenericRecord copy(GenericRecord row) {
    return GenericData.get().deepCopy(row.getSchema(), row);
  }
}
