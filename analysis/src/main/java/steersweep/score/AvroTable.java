package steersweep.score;

import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import tech.tablesaw.api.BooleanColumn;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.LongColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * A Tablesaw table that is filled from Avro records, its columns typed by the schema. Null becomes
 * a missing value. Tablesaw has no lists: a list of numbers becomes a column for each place ({@code
 * pulls_0}, {@code pulls_1}, ...), other lists are left out.
 */
public final class AvroTable {
  private record OfField(String name, Column<?> column) {}

  private record OfList(String name, List<DoubleColumn> columns) {}

  private final List<OfField> fields = new ArrayList<>();
  private final List<OfList> lists = new ArrayList<>();
  private final Table table;

  /**
   * @param width how many numbers of each list are kept
   */
  public AvroTable(Schema schema, int width) {
    table = Table.create(schema.getName());
    for (Schema.Field field : schema.getFields()) {
      Schema type = valueType(field.schema());
      if (type.getType() != Schema.Type.ARRAY) {
        fields.add(new OfField(field.name(), column(field.name(), type)));
        table.addColumns(fields.get(fields.size() - 1).column());
      } else if (type.getElementType().getType() == Schema.Type.DOUBLE) {
        List<DoubleColumn> columns = new ArrayList<>();
        for (int i = 0; i < width; i++) {
          columns.add(DoubleColumn.create(place(field.name(), i)));
        }
        lists.add(new OfList(field.name(), columns));
        columns.forEach(table::addColumns);
      }
    }
  }

  /** The column of a place in a list. */
  static String place(String list, int index) {
    return list + "_" + index;
  }

  public void append(GenericRecord row) {
    for (OfField field : fields) {
      Object value = row.hasField(field.name()) ? row.get(field.name()) : null;
      if (value == null) {
        field.column().appendMissing();
      } else if (field.column() instanceof StringColumn strings) {
        strings.append(value.toString());
      } else {
        field.column().appendObj(value);
      }
    }
    for (OfList list : lists) {
      List<?> values =
          row.hasField(list.name()) && row.get(list.name()) instanceof List<?> found
              ? found
              : List.of();
      for (int i = 0; i < list.columns().size(); i++) {
        if (i < values.size() && values.get(i) instanceof Double value) {
          list.columns().get(i).append(value);
        } else {
          list.columns().get(i).appendMissing();
        }
      }
    }
  }

  public Table table() {
    return table;
  }

  /** The type itself, or what an optional value is when it is there. */
  private static Schema valueType(Schema schema) {
    if (schema.getType() != Schema.Type.UNION) {
      return schema;
    }
    return schema.getTypes().stream()
        .filter(type -> type.getType() != Schema.Type.NULL)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("a column of nulls only"));
  }

  private static Column<?> column(String name, Schema type) {
    return switch (type.getType()) {
      case INT -> IntColumn.create(name);
      case LONG -> LongColumn.create(name);
      case DOUBLE -> DoubleColumn.create(name);
      case BOOLEAN -> BooleanColumn.create(name);
      case STRING -> StringColumn.create(name);
      default ->
          throw new IllegalArgumentException(
              "column " + name + ": no table column for " + type.getType());
    };
  }
}
