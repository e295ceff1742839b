package steersweep.result;

import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import steersweep.measure.Measure;
import steersweep.measure.Measure.Needs;
import steersweep.measure.Measures;

/**
 * One row of {@code scores/}: what the unsteered model and plain counting say about one completion.
 * Cells without a text have no row.
 *
 * @param cell key of the completion
 * @param unit the unit that scored it
 * @param measures those that need a text
 */
public record ScoreRow(long cell, String unit, Measures measures) {
  public static final Schema SCHEMA =
      Columns.table("score").int64("cell").string("unit").measures(Needs.TEXT).schema();

  public GenericRecord toRecord() {
    GenericRecord row = new GenericData.Record(SCHEMA);
    row.put("cell", cell);
    row.put("unit", unit);
    Columns.put(row, measures, Needs.TEXT);
    return row;
  }

  public static ScoreRow of(GenericRecord row) {
    return new ScoreRow(
        (Long) row.get("cell"),
        String.valueOf(row.get("unit")),
        Columns.measures(row, Measure.that(Needs.TEXT)));
  }
}
