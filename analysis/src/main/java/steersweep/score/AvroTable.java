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
 * a missing value; Tablesaw has no lists, so list columns are left out.
 */
final class AvroTable {
  private final List<Column<?>> columns = new ArrayList<>();
  private final Table table;

  AvroTable(Schema schema) {
    for (Schema.Field field : schema.getFields()) {
      Schema type = valueType(field.schema());
      if (type.getType() != Schema.Type.ARRAY) {
        columns.add(column(field.name(), type));
      }
    }
    table = Table.create(schema.getName(), columns);
  }

  void append(GenericRecord row) {
    for (Column<?> column : columns) {
      Object value = row.get(column.name());
      if (value == null) {
        column.appendMissing();
      } else if (column instanceof StringColumn strings) {
        strings.append(value.toString());
      } else {
        column.appendObj(value);
      }
    }
  }

  Table table() {
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
