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
 * @param results a row for each cell: of readings where the sweep is screened, of completions where
 *     texts are written
 * @param scores a row for each text that did not fail
 */
record UnitRows(SortedMap<Long, GenericRecord> results, SortedMap<Long, GenericRecord> scores) {
  UnitRows() {
    this(new TreeMap<>(), new TreeMap<>());
  }

  /** The rows of {@code unit} in a file of its results, and their scores; without failed ones. */
  static UnitRows good(RunFolder run, Unit unit, Path results) {
    UnitRows rows = new UnitRows();
    ParquetFiles.read(
        results,
        row -> {
          if (!failed(row)) {
            rows.results.put((Long) row.get("cell"), copy(row));
          }
        });
    switch (unit.stage()) {
      case SOLVE, SCREEN -> {}
      case WRITE ->
          ParquetFiles.read(
              run.scoresFile(unit),
              row -> {
                if (rows.results.containsKey((Long) row.get("cell"))) {
                  rows.scores.put((Long) row.get("cell"), copy(row));
                }
              });
    }
    return rows;
  }

  private static boolean failed(GenericRecord row) {
    return String.valueOf(row.get("status")).equals(CompletionRow.FAILED);
  }

  static boolean skipped(GenericRecord row) {
    return String.valueOf(row.get("status")).equals(CompletionRow.SKIPPED);
  }

  void add(ReadingRow row) {
    results.put(row.cell().index(), row.toRecord());
  }

  void add(CompletionRow row) {
    results.put(row.cell().index(), row.toRecord());
  }

  void add(ScoreRow row) {
    scores.put(row.cell(), row.toRecord());
  }

  void addAll(UnitRows others) {
    results.putAll(others.results);
    scores.putAll(others.scores);
  }

  boolean has(Cell cell) {
    return results.containsKey(cell.index());
  }

  /** Messages of the failed cells, in order. */
  List<String> failures() {
    return results.values().stream()
        .filter(UnitRows::failed)
        .map(row -> "cell " + row.get("cell") + ": " + row.get("message"))
        .toList();
  }

  /**
   * Writes the unit's files, the one that makes it finished last. What failed is noted before, so
   * that a unit with failed cells is always known as one.
   */
  void write(RunFolder run, Unit unit, Map<String, String> footer) {
    List<String> failures = failures();
    if (!failures.isEmpty()) {
      run.noteFailure(unit, failures.size(), failures.get(0));
    }
    List<GenericRecord> rows = new ArrayList<>(results.values());
    switch (unit.stage()) {
      case SOLVE -> throw new IllegalArgumentException("factors are no rows of cells");
      case SCREEN -> ParquetFiles.write(run.readingsFile(unit), ReadingRow.SCHEMA, rows, footer);
      case WRITE -> {
        ParquetFiles.write(
            run.scoresFile(unit), ScoreRow.SCHEMA, new ArrayList<>(scores.values()), footer);
        ParquetFiles.write(run.completionsFile(unit), CompletionRow.SCHEMA, rows, footer);
      }
    }
    run.clearAttempts(unit, failures.isEmpty());
  }

  static GenericRecord copy(GenericRecord row) {
    return GenericData.get().deepCopy(row.getSchema(), row);
  }
}
