package steersweep.sweep;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import steersweep.plan.Cell;
import steersweep.plan.CellGrid;
import steersweep.plan.Stage;
import steersweep.plan.Unit;
import steersweep.result.ParquetFiles;
import steersweep.result.ReadingRow;
import steersweep.result.RunFolder;

/**
 * The readings of a run that is screened.
 *
 * @param unitCells most cells in a unit
 */
record StoredReadings(RunFolder run, CellGrid grid, int unitCells) {
  /** Of each cell, in the order given. */
  List<ReadingRow> of(List<Cell> cells) {
    Map<Long, ReadingRow> rows = new HashMap<>();
    Map<Integer, Set<Long>> byUnit =
        cells.stream()
            .map(Cell::index)
            .collect(Collectors.groupingBy(cell -> (int) (cell / unitCells), Collectors.toSet()));
    byUnit.forEach((unit, wanted) -> read(unit, wanted, rows));
    List<ReadingRow> readings = new ArrayList<>();
    for (Cell cell : cells) {
      ReadingRow row = rows.get(cell.index());
      if (row == null) {
        throw new IllegalStateException("cell " + cell.index() + " was not read");
      }
      readings.add(row);
    }
    return readings;
  }

  private void read(int index, Set<Long> wanted, Map<Long, ReadingRow> rows) {
    Unit unit = new Unit(Stage.SCREEN, index, 0, 0);
    ParquetFiles.read(
        run.readingsFile(unit),
        row -> {
          Long cell = (Long) row.get("cell");
          if (wanted.contains(cell)) {
            rows.put(cell, ReadingRow.of(row, grid.cell(cell)));
          }
        });
  }
}
