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

/**
 * A table's columns as an Avro schema, a line a column: name, unit, meaning. The schema keeps all
 * three, and so does every file that is written with it.
 */
public final class Columns {
  /** Property of a field: what its numbers count; empty for what is no number. */
  private static final String UNIT = "unit";

  private final SchemaBuilder.FieldAssembler<Schema> fields;

  private Columns(SchemaBuilder.FieldAssembler<Schema> fields) {
    this.fields = fields;
  }

  public static Columns table(String name) {
    return new Columns(SchemaBuilder.record(name).namespace("steersweep").fields());
  }

  private SchemaBuilder.FieldTypeBuilder<Schema> field(String name, String unit, String meaning) {
    return fields.name(name).doc(meaning).prop(UNIT, unit).type();
  }

  public Columns int32(String name, String unit, String meaning) {
    return new Columns(field(name, unit, meaning).intType().noDefault());
  }

  public Columns int64(String name, String unit, String meaning) {
    return new Columns(field(name, unit, meaning).longType().noDefault());
  }

  public Columns float64(String name, String unit, String meaning) {
    return new Columns(field(name, unit, meaning).doubleType().noDefault());
  }

  public Columns bool(String name, String meaning) {
    return new Columns(field(name, "", meaning).booleanType().noDefault());
  }

  public Columns string(String name, String meaning) {
    return new Columns(field(name, "", meaning).stringType().noDefault());
  }

  public Columns optionalInt32(String name, String unit, String meaning) {
    return new Columns(field(name, unit, meaning).optional().intType());
  }

  public Columns optionalString(String name, String meaning) {
    return new Columns(field(name, "", meaning).optional().stringType());
  }

  public Columns optionalFloat64(String name, String unit, String meaning) {
    return new Columns(field(name, unit, meaning).optional().doubleType());
  }

  public Columns int32List(String name, String unit, String meaning) {
    return new Columns(field(name, unit, meaning).array().items().intType().noDefault());
  }

  public Columns float64List(String name, String unit, String meaning) {
    return new Columns(field(name, unit, meaning).array().items().doubleType().noDefault());
  }

  /** A column for each measure of a kind. */
  public Columns measures(Needs needs) {
    Columns all = this;
    for (Measure measure : Measure.that(needs)) {
      all =
          measure.kind() == Kind.NUMBER
              ? all.optionalFloat64(measure.column(), measure.unit(), measure.meaning())
              : all.optionalInt32(measure.column(), measure.unit(), measure.meaning());
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

  /** Columns of another table, as they are there; null where a row has none of them. */
  public Columns optional(Schema.Field field) {
    Schema type = field.schema();
    boolean already = type.getType() == Schema.Type.UNION;
    return new Columns(
        fields
            .name(field.name())
            .doc(field.doc())
            .prop(UNIT, unit(field))
            .type(already ? type : Schema.createUnion(Schema.create(Schema.Type.NULL), type))
            .withDefault(null));
  }

  public Columns as(Schema.Field field) {
    return new Columns(
        fields
            .name(field.name())
            .doc(field.doc())
            .prop(UNIT, unit(field))
            .type(field.schema())
            .noDefault());
  }

  /** What a column's numbers count; empty for what is no number. */
  public static String unit(Schema.Field field) {
    String unit = field.getProp(UNIT);
    return unit == null ? "" : unit;
  }

  public Schema schema() {
    return fields.endRecord();
  }
}
