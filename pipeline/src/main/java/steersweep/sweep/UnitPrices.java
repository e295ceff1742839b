package steersweep.sweep;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.ToIntFunction;
import steersweep.model.ModelShape;
import steersweep.plan.CellGrid;
import steersweep.plan.Effort;
import steersweep.plan.Stage;
import steersweep.plan.SweepPlan;

/**
 * What units take, in tokens that go through the whole model: as the plan says until the first unit
 * of a stage has ended, and then as those took that have ended. Safe to share.
 */
final class UnitPrices {
  private final Map<Stage, Double> ofCell;
  private final Map<Stage, Double> took = new EnumMap<>(Stage.class);
  private final Map<Stage, Integer> cells = new EnumMap<>(Stage.class);

  /**
   * @param ofCell what the plan says of a stage's cells, or factors
   */
  UnitPrices(Map<Stage, Double> ofCell) {
    this.ofCell = Map.copyOf(ofCell);
  }

  static UnitPrices of(
      SweepPlan plan, CellGrid grid, ModelShape shape, ToIntFunction<String> length) {
    return new UnitPrices(Effort.of(plan, grid, shape, length).ofCell(plan, grid));
  }

  /**
   * @param number how many cells of the stage, or factors
   */
  synchronized double expected(Stage stage, int number) {
    double price =
        cells.containsKey(stage)
            ? took.getOrDefault(stage, 0.0) / cells.get(stage)
            : ofCell.getOrDefault(stage, 0.0);
    return price * number;
  }

  synchronized void took(Stage stage, int number, double tokens) {
    if (number > 0) {
      took.merge(stage, tokens, Double::sum);
      cells.merge(stage, number, Integer::sum);
    }
  }
}
