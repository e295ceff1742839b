package steersweep.result;

import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import steersweep.measure.Measure;
import steersweep.measure.Measure.Needs;
import steersweep.measure.Measures;
import steersweep.plan.Cell;

/**
 * One row of {@code readings/}: what a cell does to the model along the baseline's text, before any
 * text of its own.
 *
 * @param at the cell
 * @param measures those that need no text
 * @param pulls pull along the axis of each concept of the plan, in its order, nats per token; empty
 *     where nothing is added
 * @param alignments alignment with the same axes
 * @param departure where the cell's greedy text leaves the baseline's; null where nothing is added
 *     or it failed
 * @param status {@code ok}, {@code failed}, or {@code out_of_reach}: no factor makes the setting
 * @param message why it was not read; null if {@code ok}
 */
public record ReadingRow(
    Placement at,
    Measures measures,
    List<Double> pulls,
    List<Double> alignments,
    @Nullable Departure departure,
    String status,
    @Nullable String message) {
  public static final Schema SCHEMA =
      Placement.columns(Columns.table("reading"))
          .measures(Needs.READING)
          .float64List("pulls", "nats per token", "pull along the axis of each concept of the plan")
          .float64List("alignments", "-1 to 1", "alignment with the same axes")
          .optionalInt32(
              "agreed", "tokens", "so much of the baseline's text the cell's text begins with")
          .optionalInt32(
              "next_token", "token id", "what it goes on with instead; null if it never leaves")
          .optionalFloat64(
              "margin", "nats", "least lead of a token it chose over the next best one")
          .string("status", "ok, failed, or out_of_reach: no factor makes the setting")
          .optionalString("message", "why it was not read")
          .schema();

  /**
   * Where a cell's greedy text leaves the baseline's.
   *
   * @param agreed how many tokens of the baseline's text it begins with
   * @param nextToken the token that it chooses instead of the baseline's next one; null where it
   *     never leaves
   * @param margin least difference of log-probability between a token it chose and the next best,
   *     nats
   */
  public record Departure(int agreed, @Nullable Integer nextToken, double margin) {}

  public ReadingRow {
    pulls = List.copyOf(pulls);
    alignments = List.copyOf(alignments);
  }

  /** The row of a cell that was not read. */
  public static ReadingRow failed(Placement at, String message) {
    return new ReadingRow(
        at, Measures.NONE, List.of(), List.of(), null, CompletionRow.FAILED, message);
  }

  /** The row of a cell whose setting no factor makes. */
  public static ReadingRow outOfReach(Placement at, String message) {
    return new ReadingRow(
        at, Measures.NONE, List.of(), List.of(), null, FactorRow.OUT_OF_REACH, message);
  }

  /**
   * A row of a file.
   *
   * @param cell the row's
   */
  public static ReadingRow of(GenericRecord row, Cell cell) {
    Object message = row.get("message");
    return new ReadingRow(
        Placement.of(row, cell),
        Columns.measures(row, Measure.that(Needs.READING)),
        Columns.float64List(row, "pulls"),
        Columns.float64List(row, "alignments"),
        row.get("agreed") instanceof Integer agreed
            ? new Departure(agreed, (Integer) row.get("next_token"), (Double) row.get("margin"))
            : null,
        String.valueOf(row.get("status")),
        message == null ? null : message.toString());
  }

  public boolean ok() {
    return status.equals(CompletionRow.OK);
  }

  public boolean failed() {
    return status.equals(CompletionRow.FAILED);
  }

  public Cell cell() {
    return at.cell();
  }

  public GenericRecord toRecord() {
    GenericRecord row = new GenericData.Record(SCHEMA);
    at.put(row);
    Columns.put(row, measures, Needs.READING);
    row.put("pulls", pulls);
    row.put("alignments", alignments);
    if (departure != null) {
      row.put("agreed", departure.agreed());
      row.put("next_token", departure.nextToken());
      row.put("margin", departure.margin());
    }
    row.put("status", status);
    row.put("message", message);
    return row;
  }
}
