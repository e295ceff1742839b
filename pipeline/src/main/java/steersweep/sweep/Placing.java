package steersweep.sweep;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import steersweep.plan.Cell;
import steersweep.plan.DoseUnit;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;
import steersweep.result.ReadingRow;

/**
 * Makes cells ready to run: with what they share, each thing once, so that the engine sees what is
 * the same.
 *
 * @param dose what settings are
 */
record Placing(PairContexts contexts, DoseUnit dose) {
  /** Cells of the grid, their factors worked out; in the order given. */
  List<PlacedCell> place(List<Cell> cells) {
    Shared shared = new Shared(cells);
    List<PlacedCell> placed = new ArrayList<>();
    for (Cell cell : cells) {
      Site site = cell.site();
      PairContext context = shared.context(cell);
      placed.add(
          site == null
              ? PlacedCell.of(cell, context)
              : PlacedCell.of(cell, site, context, shared.added(cell), dose));
    }
    return placed;
  }

  /** Cells as they were read; in the order given. */
  List<PlacedCell> again(List<ReadingRow> readings) {
    Shared shared = new Shared(readings.stream().map(ReadingRow::cell).toList());
    List<PlacedCell> placed = new ArrayList<>();
    for (ReadingRow reading : readings) {
      Cell cell = reading.cell();
      PairContext context = shared.context(cell);
      placed.add(
          cell.site() == null || reading.failed()
              ? PlacedCell.of(cell, context)
              : PlacedCell.of(reading, context, shared.added(cell)));
    }
    return placed;
  }

  private final class Shared {
    private final Map<PromptPair, PairContext> ofPairs;
    private final Map<PairContexts.Source, PairContexts.Added> ofSources = new HashMap<>();

    Shared(List<Cell> cells) {
      ofPairs = contexts.of(cells.stream().map(Cell::pair).toList());
    }

    PairContext context(Cell cell) {
      return Objects.requireNonNull(ofPairs.get(cell.pair()));
    }

    PairContexts.Added added(Cell cell) {
      return ofSources.computeIfAbsent(
          PairContexts.Source.of(cell), source -> contexts.added(source, context(cell).baseline()));
    }
  }
}
