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
import steersweep.result.FactorRow;
import steersweep.result.ReadingRow;

/**
 * Makes cells ready to run: with what they share, each thing once, so that the engine sees what is
 * the same.
 *
 * @param dose what settings are
 * @param factors of a run whose settings are damages
 */
record Placing(PairContexts contexts, DoseUnit dose, StoredFactors factors) {
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
              : placed(cell, site, context, shared.added(cell)));
    }
    return placed;
  }

  private PlacedCell placed(Cell cell, Site site, PairContext context, PairContexts.Added added) {
    return switch (dose) {
      case RAW ->
          PlacedCell.of(
              cell, cell.setting(), added.dose().at(site, cell.setting()), context, added);
      case RELATIVE ->
          PlacedCell.of(
              cell,
              added.dose().scale(site, cell.setting()),
              Math.abs(cell.setting()),
              context,
              added);
      case KL -> {
        FactorRow row = factors.of(cell, site);
        Double factor = row.factor();
        yield factor == null
            ? PlacedCell.without(cell, row, context, added)
            : PlacedCell.of(cell, factor, added.dose().at(site, factor), context, added);
      }
    };
  }

  /** Cells as they were read; in the order given. */
  List<PlacedCell> again(List<ReadingRow> readings) {
    Shared shared = new Shared(readings.stream().map(ReadingRow::cell).toList());
    List<PlacedCell> placed = new ArrayList<>();
    for (ReadingRow reading : readings) {
      Cell cell = reading.cell();
      PairContext context = shared.context(cell);
      placed.add(
          cell.site() == null || !reading.ok()
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
