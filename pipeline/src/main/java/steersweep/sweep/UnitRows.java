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
import steersweep.result.RunFolder;
import steersweep.result.ScoreRow;

/**
 * Rows of one unit, by cell.
 *
 * @param completions a row for each cell
 * @param scores a row for each of these cells that did not fail
 */
record UnitRows(SortedMap<Long, GenericRecord> completions, SortedMap<Long, GenericRecord> scores) {
  UnitRows() {
    this(new TreeMap<>(), new TreeMap<>());
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
    ParquetFiles.read(
        run.scoresFile(unit),
        row -> {
          if (rows.completions.containsKey((Long) row.get("cell"))) {
            rows.scores.put((Long) row.get("cell"), copy(row));
          }
        });
    return rows;
  }

  void add(CompletionRow row) {
    completions.put(row.cell().index(), row.toRecord());
  }

  void add(ScoreRow row) {
    scores.put(row.cell(), row.toRecord());
  }

  void addAll(UnitRows others) {
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
   * Writes the unit's two files, scores first. What failed is noted before, so that a unit with
   * failed cells is always known as one.
   */
  void write(RunFolder run, Unit unit, Map<String, String> footer) {
    List<String> failures = failures();
    if (!failures.isEmpty()) {
      run.noteFailure(unit, failures.size(), failures.get(0));
    }
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
