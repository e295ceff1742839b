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
        .int64("cell", "", "number of the cell in the sweep's order; joins the tables")
        .string("unit", "which unit of work ran it")
        .string("kind", "baseline, steered, random, shuffled, unrelated or prompted")
        .optionalInt32("draw", "", "which random direction or order; null where nothing is drawn")
        .int32("pair", "", "number of the prompt pair in the plan's order")
        .string("concept", "the concept of the plan that the prompts are of")
        .string("base_prompt", "what the model continues")
        .string("steering_prompt", "what the added activations come from; what names the source")
        .optionalString("hook_point", "where in a block is added; null where nothing is")
        .optionalInt32("layer", "blocks, from 0", "in which block; null where nothing is added")
        .optionalInt32("head", "heads, from 0", "to which head; null for all together")
        .float64("setting", "as planned", "what the plan asks for, with its sign; 0 for a baseline")
        .optionalFloat64(
            "factor", "times", "what the activations were multiplied by; null if none was found")
        .optionalFloat64(
            "dose", "ratio", "|addition| / |activation it is added to|, mean over positions")
        .optionalFloat64(
            "dose_residual",
            "ratio",
            "|what the addition writes into the residual stream| / |residual stream after the"
                + " block|, mean over positions")
        .string("positions", "the rule by which activations and positions are matched");
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
