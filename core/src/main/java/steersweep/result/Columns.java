package steersweep.result;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecord;
import steersweep.measure.Measure;
import steersweep.measure.Measure.Kind;
import steersweep.measure.Measure.Needs;
import steersweep.measure.Measures;

/** A table's columns as an Avro schema, a line a column. */
final class Columns {
  private final SchemaBuilder.FieldAssembler<Schema> fields;

  private Columns(SchemaBuilder.FieldAssembler<Schema> fields) {
    this.fields = fields;
  }

  static Columns table(String name) {
    return new Columns(SchemaBuilder.record(name).namespace("steersweep").fields());
  }

  Columns int32(String name) {
    return new Columns(fields.requiredInt(name));
  }

  Columns int64(String name) {
    return new Columns(fields.requiredLong(name));
  }

  Columns float64(String name) {
    return new Columns(fields.requiredDouble(name));
  }

  Columns bool(String name) {
    return new Columns(fields.requiredBoolean(name));
  }

  Columns string(String name) {
    return new Columns(fields.requiredString(name));
  }

  Columns optionalInt32(String name) {
    return new Columns(fields.optionalInt(name));
  }

  Columns optionalString(String name) {
    return new Columns(fields.optionalString(name));
  }

  Columns optionalFloat64(String name) {
    return new Columns(fields.optionalDouble(name));
  }

  Columns int32List(String name) {
    return new Columns(fields.name(name).type().array().items().intType().noDefault());
  }

  Columns float64List(String name) {
    return new Columns(fields.name(name).type().array().items().doubleType().noDefault());
  }

  /** A column for each measure of a kind. */
  Columns measures(Needs needs) {
    Columns all = this;
    for (Measure measure : Measure.that(needs)) {
      all =
          measure.kind() == Kind.NUMBER
              ? all.optionalFloat64(measure.column())
              : all.optionalInt32(measure.column());
    }
    return all;
  }

  static void put(GenericRecord row, Measures measures, Needs needs) {
    for (Measure measure : Measure.that(needs)) {
      Double value = measures.get(measure);
      if (value != null) {
        row.put(
            measure.column(), measure.kind() == Kind.NUMBER ? value : (Number) value.intValue());
      }
    }
  }

  static List<Double> float64List(GenericRecord row, String name) {
    List<Double> values = new ArrayList<>();
    if (row.get(name) instanceof Iterable<?> found) {
      found.forEach(value -> values.add((Double) value));
    }
    return values;
  }

  static Measures measures(GenericRecord row, List<Measure> wanted) {
    Map<Measure, Double> values = new EnumMap<>(Measure.class);
    for (Measure measure : wanted) {
      if (row.get(measure.column()) instanceof Number value) {
        values.put(measure, value.doubleValue());
      }
    }
    return new Measures(values);
  }

  Schema schema() {
    return fields.endRecord();
  }
}
