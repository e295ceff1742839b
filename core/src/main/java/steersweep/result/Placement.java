package steersweep.result;

import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import steersweep.plan.Cell;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;

/**
 * Which cell a row is of, and what was added there: the columns that {@code readings/} and {@code
 * completions/} share. {@code hook_point} and {@code layer} are null where there is no site, {@code
 * head} is null for all heads together.
 *
 * @param cell its setting is what the plan asks for, with its sign; 0 where nothing is added
 * @param unit the unit that ran it
 * @param factor what the activations were multiplied by; 0 where nothing is added; NaN, and null in
 *     the file, where no factor makes the setting
 * @param dose mean over the prompt's positions of |addition| / |activation it is added to|, at the
 *     site; 0 where nothing is added; NaN, and null in the file, where it was not measured
 * @param doseResidual norm of what the addition writes into the residual stream / norm of the
 *     unsteered residual stream after that block, mean over the prompt's positions; 0 and NaN as
 *     for {@code dose}
 */
public record Placement(Cell cell, String unit, double factor, double dose, double doseResidual) {
  /** Of a cell without a site. */
  public static Placement nowhere(Cell cell, String unit) {
    return new Placement(cell, unit, 0, 0, 0);
  }

  /** Of a cell of which nothing was measured. */
  public static Placement unknown(Cell cell, String unit) {
    return new Placement(cell, unit, Double.NaN, Double.NaN, Double.NaN);
  }

  /** A cell's in a row of a file. */
  static Placement of(GenericRecord row, Cell cell) {
    return new Placement(
        cell,
        String.valueOf(row.get("unit")),
        number(row, "factor"),
        number(row, "dose"),
        number(row, "dose_residual"));
  }

  private static double number(GenericRecord row, String column) {
    return row.get(column) instanceof Double number ? number : Double.NaN;
  }

  /** The same as another unit has it. */
  public Placement inUnit(String other) {
    return new Placement(cell, other, factor, dose, doseResidual);
  }

  static Columns columns(Columns table) {
    return table
        .int64("cell")
        .string("unit")
        .string("kind")
        .optionalInt32("draw")
        .int32("pair")
        .string("concept")
        .string("base_prompt")
        .string("steering_prompt")
        .optionalString("hook_point")
        .optionalInt32("layer")
        .optionalInt32("head")
        .float64("setting")
        .optionalFloat64("factor")
        .optionalFloat64("dose")
        .optionalFloat64("dose_residual")
        .string("positions");
  }

  void put(GenericRecord row) {
    PromptPair pair = cell.pair();
    Site site = cell.site();
    row.put("cell", cell.index());
    row.put("unit", unit);
    row.put("kind", cell.kind().word());
    row.put("draw", cell.draw());
    row.put("pair", pair.index());
    row.put("concept", pair.concept());
    row.put("base_prompt", pair.basePrompt());
    row.put("steering_prompt", pair.steeringPrompt());
    if (site != null) {
      row.put("hook_point", site.hookPoint().word());
      row.put("layer", site.layer());
      if (!site.allHeads()) {
        row.put("head", site.head());
      }
    }
    row.put("setting", cell.setting());
    row.put("factor", known(factor));
    row.put("dose", known(dose));
    row.put("dose_residual", known(doseResidual));
    row.put("positions", cell.positions().word());
  }

  private static @Nullable Double known(double value) {
    return Double.isNaN(value) ? null : value;
  }
}
