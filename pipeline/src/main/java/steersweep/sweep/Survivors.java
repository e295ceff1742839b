package steersweep.sweep;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import steersweep.measure.Measures;
import steersweep.plan.CellGrid;
import steersweep.plan.CellKind;
import steersweep.plan.Guard;

/**
 * Which cells are worth a text. A steered cell is judged by the plan's guards. A control goes with
 * the steered cells that it is compared with: it is generated if one of them is, so that controls
 * are not chosen by what they do.
 */
final class Survivors {
  private final CellGrid grid;
  private final List<Guard> guards;
  private final Map<PlacedCell, Measures> scores;
  private final Map<Long, PlacedCell> steered = new HashMap<>();

  /**
   * @param scores of the cells to judge, and of every steered cell that one of them is compared
   *     with
   */
  Survivors(CellGrid grid, List<Guard> guards, Map<PlacedCell, Measures> scores) {
    this.grid = grid;
    this.guards = guards;
    this.scores = scores;
    for (PlacedCell cell : scores.keySet()) {
      if (cell.cell().kind() == CellKind.STEERED) {
        steered.put(cell.cell().index(), cell);
      }
    }
  }

  /** For each cell that is to be skipped, why. */
  Map<PlacedCell, String> skipped(List<PlacedCell> cells) {
    Map<PlacedCell, String> skipped = new IdentityHashMap<>();
    if (guards.isEmpty()) {
      return skipped;
    }
    for (PlacedCell cell : cells) {
      String why =
          switch (cell.cell().kind()) {
            case BASELINE, PROMPTED -> null;
            case STEERED -> broken(cell).orElse(null);
            case RANDOM, SHUFFLED, UNRELATED -> ofControl(cell);
          };
      if (why != null) {
        skipped.put(cell, why);
      }
    }
    return skipped;
  }

  private Optional<String> broken(PlacedCell cell) {
    Measures ofCell = Objects.requireNonNull(scores.get(cell));
    return guards.stream()
        .flatMap(
            guard -> broken(guard, ofCell.get(guard.measure()), cell.cell().setting()).stream())
        .findFirst();
  }

  private static Optional<String> broken(Guard guard, @Nullable Double score, double scale) {
    return score == null ? Optional.empty() : guard.broken(score, scale);
  }

  private @Nullable String ofControl(PlacedCell control) {
    List<Optional<String>> compared =
        grid.comparedWith(control.cell()).stream()
            .map(cell -> broken(Objects.requireNonNull(steered.get(cell.index()))))
            .toList();
    return compared.stream().anyMatch(Optional::isEmpty)
        ? null
        : "control of a skipped cell: " + compared.get(0).orElseThrow();
  }
}
