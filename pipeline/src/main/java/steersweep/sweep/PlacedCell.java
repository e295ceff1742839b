package steersweep.sweep;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import steersweep.engine.Steer;
import steersweep.plan.Cell;
import steersweep.plan.CellKind;
import steersweep.result.FactorRow;
import steersweep.result.ReadingRow;

/**
 * A cell with all that running it takes.
 *
 * @param factor what the activations are multiplied by; NaN where no factor makes the cell's
 *     setting
 * @param dose size of the addition relative to the activation it is added to
 * @param unsolved why there is no factor, where one was searched for; null otherwise
 * @param context what it shares with the other cells of its pair
 * @param added what is added; null without a site
 * @param request for the engine; null where there is nothing to steer
 */
record PlacedCell(
    Cell cell,
    double factor,
    double dose,
    @Nullable FactorRow unsolved,
    PairContext context,
    PairContexts.@Nullable Added added,
    Steer.@Nullable Request request) {
  /** A baseline or prompted cell. */
  static PlacedCell of(Cell cell, PairContext context) {
    return new PlacedCell(cell, 0, 0, null, context, null, null);
  }

  /**
   * A cell with a site.
   *
   * @param factor NaN where none makes the cell's setting
   */
  static PlacedCell of(
      Cell cell, double factor, double dose, PairContext context, PairContexts.Added added) {
    Steer.Request request =
        Double.isNaN(factor)
            ? null
            : new Steer.Request(
                context.baseline(), added.activations(), cell.site(), factor, cell.positions());
    return new PlacedCell(cell, factor, dose, null, context, added, request);
  }

  /** A cell whose setting no factor makes. */
  static PlacedCell without(
      Cell cell, FactorRow why, PairContext context, PairContexts.Added added) {
    return new PlacedCell(cell, Double.NaN, Double.NaN, why, context, added, null);
  }

  /** A cell with a site, as it was read. */
  static PlacedCell of(ReadingRow reading, PairContext context, PairContexts.Added added) {
    Cell cell = reading.cell();
    double factor = reading.at().factor();
    return new PlacedCell(
        cell,
        factor,
        reading.at().dose(),
        null,
        context,
        added,
        new Steer.Request(
            context.baseline(), added.activations(), cell.site(), factor, cell.positions()));
  }

  /** The tokens that the model continues. */
  int[] prompt() {
    return cell.kind() == CellKind.PROMPTED ? context.joined() : context.baseline().base().tokens();
  }

  /**
   * The request at a factor where the addition is about as large as what it is added to, so that
   * its trace is neither lost in rounding nor makes the model overflow.
   */
  Steer.Request measurable() {
    double measurable = dose > 0 ? Math.abs(factor) / dose : 1;
    return new Steer.Request(
        context.baseline(),
        steered().steering(),
        cell.site(),
        Float.isFinite((float) measurable) && (float) measurable > 0 ? measurable : 1,
        cell.positions());
  }

  /** The request of a cell that has one. */
  Steer.Request steered() {
    return Objects.requireNonNull(request, "a cell that is steered");
  }
}
