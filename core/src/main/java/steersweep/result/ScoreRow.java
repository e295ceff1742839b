package steersweep.result;

import java.util.List;
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
 * @param evidences evidence along the axis of each concept of the plan, in its order, nats; empty
 *     where it was not measured
 */
public record ScoreRow(long cell, String unit, Measures measures, List<Double> evidences) {
  public static final Schema SCHEMA =
      Columns.table("score")
          .int64("cell", "", "number of the cell in the sweep's order; joins the tables")
          .string("unit", "which unit of work scored it")
          .measures(Needs.TEXT)
          .float64List("evidences", "nats", "evidence for each concept of the plan")
          .schema();

  public ScoreRow {
    evidences = List.copyOf(evidences);
  }

  /** Without evidence along the axes of concepts. */
  public ScoreRow(long cell, String unit, Measures measures) {
    this(cell, unit, measures, List.of());
  }

  public GenericRecord toRecord() {
    GenericRecord row = new GenericData.Record(SCHEMA);
    row.put("cell", cell);
    row.put("unit", unit);
    Columns.put(row, measures, Needs.TEXT);
    row.put("evidences", evidences);
    return row;
  }

  public static ScoreRow of(GenericRecord row) {
    return new ScoreRow(
        (Long) row.get("cell"),
        String.valueOf(row.get("unit")),
        Columns.measures(row, Measure.that(Needs.TEXT)),
        Columns.float64List(row, "evidences"));
  }
}
