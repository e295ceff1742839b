package steersweep.result;

import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import steersweep.plan.Cell;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;

/**
 * One row of {@code completions/}: what was run and the text that came out.
 *
 * @param cell key of the row, joins it with its {@link ScoreRow}
 * @param unit the unit that ran it
 * @param dose mean over the prompt's positions of |scale x addition| / |activation it is added to|,
 *     at the site; 0 for the baseline
 * @param tokens generated token ids, the end-of-text token included if there was one
 * @param text the tokens decoded, special tokens left out
 * @param ended whether the text ended at an end-of-text token
 * @param sameAsBaseline whether the tokens equal the baseline's
 * @param status {@code ok} or {@code failed}
 * @param message why it failed; null if it did not
 */
public record CompletionRow(
    Cell cell,
    String unit,
    double dose,
    List<Integer> tokens,
    String text,
    boolean ended,
    boolean sameAsBaseline,
    String status,
    @Nullable String message) {
  public static final String OK = "ok";
  public static final String FAILED = "failed";

  /**
   * Columns: the axes (prompt pair, site, scale, position rule), then the result. {@code
   * hook_point} and {@code layer} are null for the baseline, {@code head} is null for all heads
   * together.
   */
  public static final Schema SCHEMA =
      Columns.table("completion")
          .int64("cell")
          .string("unit")
          .int32("pair")
          .string("concept")
          .string("base_prompt")
          .string("steering_prompt")
          .optionalString("hook_point")
          .optionalInt32("layer")
          .optionalInt32("head")
          .float64("scale")
          .float64("dose")
          .string("positions")
          .int32List("tokens")
          .string("text")
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
    row.put("dose", dose);
    row.put("positions", cell.positions().word());
    row.put("tokens", tokens);
    row.put("text", text);
    row.put("ended", ended);
    row.put("same_as_baseline", sameAsBaseline);
    row.put("status", status);
    row.put("message", message);
    return row;
  }
}
