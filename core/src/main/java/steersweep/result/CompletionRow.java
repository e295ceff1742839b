package steersweep.result;

import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import steersweep.plan.Cell;
import steersweep.plan.CellKind;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;

/**
 * One row of {@code completions/}: what was run and the text that came out.
 *
 * @param cell key of the row, joins it with its {@link ScoreRow}
 * @param unit the unit that ran it
 * @param kind what the cell is
 * @param draw which of several random draws, from 0; null where nothing is random
 * @param dose mean over the prompt's positions of |scale x addition| / |activation it is added to|,
 *     at the site; 0 for the baseline; NaN, and null in the file, where it was not measured
 * @param doseResidual norm of what the addition writes into the residual stream / norm of the
 *     unsteered residual stream after that block, mean over the prompt's positions; 0 where nothing
 *     is added; NaN, and null in the file, where it was not measured
 * @param tokens generated token ids, the end-of-text token included if there was one; empty where
 *     skipped
 * @param text the tokens decoded, special tokens left out; null where skipped
 * @param ended whether the text ended at an end-of-text token
 * @param sameAsBaseline whether the tokens equal the baseline's
 * @param status {@code ok}, {@code failed} or {@code skipped}: not generated, because a guard of
 *     the plan was not met
 * @param message why it failed, or the guard that skipped it; null if {@code ok}
 */
public record CompletionRow(
    Cell cell,
    CellKind kind,
    @Nullable Integer draw,
    String unit,
    double dose,
    double doseResidual,
    List<Integer> tokens,
    @Nullable String text,
    boolean ended,
    boolean sameAsBaseline,
    String status,
    @Nullable String message) {
  public static final String OK = "ok";
  public static final String FAILED = "failed";
  public static final String SKIPPED = "skipped";

  /**
   * Columns: the axes (prompt pair, site, scale, position rule), then the result. {@code
   * hook_point} and {@code layer} are null where there is no site, {@code head} is null for all
   * heads together.
   */
  public static final Schema SCHEMA =
      Columns.table("completion")
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
          .float64("scale")
          .optionalFloat64("dose")
          .optionalFloat64("dose_residual")
          .string("positions")
          .int32List("tokens")
          .optionalString("text")
          .bool("ended")
          .bool("same_as_baseline")
          .string("status")
          .optionalString("message")
          .schema();

  public CompletionRow {
    tokens = List.copyOf(tokens);
  }

  public GenericRecord toRecord() {
    PromptPair pair = cell.pair();
    Site site = cell.site();
    GenericRecord row = new GenericData.Record(SCHEMA);
    row.put("cell", cell.index());
    row.put("unit", unit);
    row.put("kind", kind.word());
    row.put("draw", draw);
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
    row.put("scale", cell.scale());
    row.put("dose", known(dose));
    row.put("dose_residual", known(doseResidual));
    row.put("positions", cell.positions().word());
    row.put("tokens", tokens);
    row.put("text", text);
    row.put("ended", ended);
    row.put("same_as_baseline", sameAsBaseline);
    row.put("status", status);
    row.put("message", message);
    return row;
  }

  private static @Nullable Double known(double value) {
    return Double.isNaN(value) ? null : value;
  }
}
