package steersweep.table;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import steersweep.result.Columns;
import steersweep.result.CompletionRow;
import steersweep.result.FactorRow;
import steersweep.result.PairSite;
import steersweep.result.ReadingRow;
import steersweep.result.ScoreRow;

/** docs/columns.md says what the schemas say. */
class ColumnsDocTest {
  private static final Path PAGE = Path.of("..", "docs", "columns.md");

  private static final List<String> OF_A_MEAN = List.of("low", "high", "n", "control");

  @Test
  void isMadeFromTheSchemas() throws Exception {
    String page = page();
    if (Boolean.getBoolean("steersweep.write-columns")) {
      Files.writeString(PAGE, page);
    }
    assertThat(Files.readString(PAGE)).as("make columns writes it again").isEqualTo(page);
  }

  private static String page() {
    return """
        # Columns

        What `report` writes beside the report, and what the sweep itself wrote: a run folder's Parquet files, column by column. The
        files say the same of themselves (their Avro schema, in the footer, has units and meanings). Nothing is `null`
        unless its meaning says when, or it could not be measured there. `make columns` makes this page again.

        ## `sites.parquet`, `sites.csv`

        A row for each concept, site and setting, and for all concepts together. A column with `_low`, `_high` and `_n` beside it is a mean over
        prompt pairs, the ends of its 95 %% interval (over base prompts) and how many pairs it is over; `_control` is the mean of the
        random directions of the same size, which was taken off it.

        %s
        ## `cells.parquet`

        A row for each cell. `from` says which of the folders `readings/`, `completions/` and `scores/` has the same column; these have also
        `unit`, which unit of work wrote the row, and `status` and `message` of their own.

        %s
        ## `factors.parquet`

        Where settings are damages: a row for each steering source, site and setting.

        %s
        ## `pairs.parquet`

        Where something is steered with pairs of texts: a row for each of these concepts and each site, read before anything was steered.

        %s"""
        .formatted(
            sites(),
            cells(),
            table(FactorRow.SCHEMA.getFields()),
            table(PairSite.SCHEMA.getFields()));
  }

  private static String sites() {
    List<String> rows = new ArrayList<>();
    List<Schema.Field> fields = SiteTable.SCHEMA.getFields();
    for (Schema.Field field : fields) {
      String mean = field.name().replaceFirst("_(" + String.join("|", OF_A_MEAN) + ")$", "");
      if (mean.equals(field.name()) || SiteTable.SCHEMA.getField(mean) == null) {
        String more =
            OF_A_MEAN.stream()
                .filter(end -> SiteTable.SCHEMA.getField(field.name() + "_" + end) != null)
                .map(end -> ", `_" + end + "`")
                .collect(Collectors.joining());
        rows.add(row("`" + field.name() + "`" + more, field));
      }
    }
    return "| column | type | unit | meaning |\n|---|---|---|---|\n" + String.join("", rows);
  }

  private static String cells() {
    Map<String, Schema> tables =
        Map.of(
            "readings", ReadingRow.SCHEMA,
            "completions", CompletionRow.SCHEMA,
            "scores", ScoreRow.SCHEMA);
    return "| column | type | unit | from | meaning |\n|---|---|---|---|---|\n"
        + CellTable.SCHEMA.getFields().stream()
            .map(
                field ->
                    "| `%s` | %s | %s | %s | %s |\n"
                        .formatted(
                            field.name(),
                            type(field.schema()),
                            Columns.unit(field),
                            tables.entrySet().stream()
                                .filter(of -> of.getValue().getField(field.name()) != null)
                                .map(Map.Entry::getKey)
                                .sorted()
                                .collect(Collectors.joining(", ")),
                            words(field)))
            .collect(Collectors.joining());
  }

  private static String table(List<Schema.Field> fields) {
    return "| column | type | unit | meaning |\n|---|---|---|---|\n"
        + fields.stream()
            .map(field -> row("`" + field.name() + "`", field))
            .collect(Collectors.joining());
  }

  private static String row(String names, Schema.Field field) {
    return "| %s | %s | %s | %s |\n"
        .formatted(names, type(field.schema()), Columns.unit(field), words(field));
  }

  private static String words(Schema.Field field) {
    return field.doc().replace("|", "\\|");
  }

  private static String type(Schema schema) {
    return switch (schema.getType()) {
      case UNION ->
          type(
              schema.getTypes().stream()
                  .filter(type -> type.getType() != Schema.Type.NULL)
                  .findFirst()
                  .orElseThrow());
      case ARRAY -> "list of " + type(schema.getElementType());
      case INT -> "int32";
      case LONG -> "int64";
      case DOUBLE -> "float64";
      case BOOLEAN -> "bool";
      case STRING -> "text";
      default -> throw new IllegalArgumentException(schema.getType() + " has no word here");
    };
  }
}
