package steersweep.result;

import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;

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

  Schema schema() {
    return fields.endRecord();
  }
}
