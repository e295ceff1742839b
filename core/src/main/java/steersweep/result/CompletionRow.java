package steersweep.result;

import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import steersweep.plan.Cell;

/**
 * One row of {@code completions/}: what was run and the text that came out.
 *
 * @param at the cell, which joins it with its {@link ReadingRow} and {@link ScoreRow}
 * @param tokens generated token ids, the end-of-text token included if there was one; empty where
 *     there is no text
 * @param text the tokens decoded, special tokens left out; null where there is none
 * @param ended whether the text ended at an end-of-text token
 * @param sameAsBaseline whether the tokens equal the baseline's
 * @param status {@code ok}, {@code failed} or {@code skipped}: not run
 * @param message why it failed, or was not run; null if {@code ok}
 */
public record CompletionRow(
    Placement at,
    List<Integer> tokens,
    @Nullable String text,
    boolean ended,
    boolean sameAsBaseline,
    String status,
    @Nullable String message) {
  public static final String OK = "ok";
  public static final String FAILED = "failed";
  public static final String SKIPPED = "skipped";

  public static final Schema SCHEMA =
      Placement.columns(Columns.table("completion"))
          .int32List("tokens", "token ids", "what was generated, the end-of-text token included")
          .optionalString("text", "the tokens decoded; null where there is no text")
          .bool("ended", "whether the text ended at an end-of-text token")
          .bool("same_as_baseline", "whether the tokens are the baseline's")
          .string("status", "ok, failed, or skipped: not run")
          .optionalString("message", "why there is no text")
          .schema();

  public CompletionRow {
    tokens = List.copyOf(tokens);
  }

  /** The row of a cell without a text. */
  public static CompletionRow without(Placement at, String status, String message) {
    return new CompletionRow(at, List.of(), null, false, false, status, message);
  }

  public Cell cell() {
    return at.cell();
  }

  public GenericRecord toRecord() {
    GenericRecord row = new GenericData.Record(SCHEMA);
    at.put(row);
    row.put("tokens", tokens);
    row.put("text", text);
    row.put("ended", ended);
    row.put("same_as_baseline", sameAsBaseline);
    row.put("status", status);
    row.put("message", message);
    return row;
  }
}
