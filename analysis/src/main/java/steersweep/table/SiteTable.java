package steersweep.table;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import steersweep.measure.Measure;
import steersweep.result.Columns;
import steersweep.result.ParquetFiles;
import steersweep.score.Analysis;
import steersweep.score.AvroTable;
import steersweep.score.ConceptFindings;
import steersweep.score.Interval;
import steersweep.score.SiteScore;
import steersweep.score.TextTest;

/**
 * {@code sites.parquet} and {@code sites.csv}: a row for each concept, site and setting, with every
 * measure's mean over prompt pairs, and what it comes to.
 */
public final class SiteTable {
  private record Row(ConceptFindings of, SiteScore score, @Nullable TextTest test) {}

  /** What a column is called and what stands in it. */
  private record Column(
      UnaryOperator<Columns> declaration, String name, Function<Row, @Nullable Object> value) {}

  private static final List<Column> COLUMNS = columns();

  public static final Schema SCHEMA = schema();

  private final List<GenericRecord> rows;

  private SiteTable(List<GenericRecord> rows) {
    this.rows = rows;
  }

  private static Schema schema() {
    Columns columns = Columns.table("site");
    for (Column column : COLUMNS) {
      columns = column.declaration().apply(columns);
    }
    return columns.schema();
  }

  private static List<Column> columns() {
    List<Column> columns = new ArrayList<>(where());
    columns.addAll(outcome());
    for (Measure measure : Measure.values()) {
      columns.addAll(interval(measure.column(), measure.unit(), words(measure), net(measure)));
      if (measure.signed()) {
        columns.add(
            number(
                measure.column() + "_control",
                measure.unit(),
                "mean of the random directions beside it",
                row -> row.score().of(measure).control().mean()));
      }
    }
    columns.addAll(
        interval(
            "specificity",
            "nats per token",
            "pull towards the concept minus the mean pull towards the plan's other concepts",
            row -> row.score().specificity()));
    columns.addAll(test());
    return List.copyOf(columns);
  }

  private static String words(Measure measure) {
    return measure.signed()
        ? measure.meaning() + "; the random control's taken off, or else the baseline's"
        : measure.meaning();
  }

  private static Function<Row, Interval> net(Measure measure) {
    return row -> row.score().of(measure).net();
  }

  private static List<Column> where() {
    return List.of(
        word(
            "concept", "of the plan; \"all concepts\" for all together", row -> row.of().concept()),
        word(
            "hook_point",
            "where in a block is added",
            row -> row.score().site().hookPoint().word()),
        whole("layer", "blocks, from 0", "in which block", row -> row.score().site().layer()),
        whole(
            "head",
            "heads, from 0",
            "to which head; null for all together",
            row -> row.score().site().allHeads() ? null : row.score().site().head()),
        number("setting", "as planned", "what the plan asks for", row -> row.score().setting()),
        number(
            "factor",
            "times",
            "what the activations were multiplied by, mean over prompt pairs",
            row -> row.score().placement().factor()),
        number(
            "dose",
            "ratio",
            "|addition| / |activation it is added to|",
            row -> row.score().placement().dose()),
        number(
            "dose_residual",
            "ratio",
            "|what the addition writes into the residual stream| / |residual stream|",
            row -> row.score().placement().doseResidual()),
        whole("pairs", "prompt pairs", "steered here", row -> row.score().pairs()),
        whole(
            "base_prompts",
            "base prompts",
            "different ones, of those whose pull is known: what intervals are over",
            row -> row.score().pull().clusters()));
  }

  private static List<Column> outcome() {
    return List.of(
        word(
            "verdict",
            "works, pulls, unclear, negligible or damaging",
            row -> row.score().verdict().outcome().word()),
        word("reason", "why", row -> row.score().verdict().reason()),
        new Column(
            columns -> columns.bool("recommended", "whether it is the concept's site to use"),
            "recommended",
            row -> row.score().equals(row.of().recommendation().score())),
        number(
            "changed",
            "0 to 1",
            "share of the texts that are not the baseline's",
            row -> row.score().placement().changed()));
  }

  private static List<Column> test() {
    List<Column> columns = new ArrayList<>();
    columns.add(
        word(
            "tested_as",
            "best or opposite: put to the test by texts of base prompts that had no say in the"
                + " choice; null if not",
            row -> row.test() == null ? null : row.test().why().name().toLowerCase(Locale.ROOT)));
    columns.addAll(
        interval(
            "test_evidence",
            "nats",
            "evidence of these texts, control taken off",
            row -> row.test() == null ? null : row.test().evidence()));
    columns.add(
        number(
            "test_chance",
            "probability",
            "of evidence this far in the direction asked for, by chance",
            row -> row.test() == null ? Double.NaN : row.test().chance()));
    columns.add(
        number(
            "test_corrected",
            "probability",
            "the same for all of the concept's candidates together",
            row -> row.test() == null ? Double.NaN : row.test().corrected()));
    columns.add(
        number(
            "test_coherent",
            "0 to 1",
            "share of these texts that are coherent",
            row -> row.test() == null ? Double.NaN : row.test().coherent().mean()));
    columns.add(
        number(
            "test_recognised",
            "0 to 1",
            "share of these texts that are recognised",
            row -> row.test() == null ? Double.NaN : row.test().recognised().mean()));
    return columns;
  }

  private static Column word(String name, String meaning, Function<Row, @Nullable Object> value) {
    return new Column(columns -> columns.optionalString(name, meaning), name, value);
  }

  private static Column whole(
      String name, String unit, String meaning, Function<Row, @Nullable Object> value) {
    return new Column(columns -> columns.optionalInt32(name, unit, meaning), name, value);
  }

  private static Column number(
      String name, String unit, String meaning, ToDoubleFunction<Row> value) {
    return new Column(
        columns -> columns.optionalFloat64(name, unit, meaning),
        name,
        row -> {
          double number = value.applyAsDouble(row);
          return Double.isNaN(number) ? null : number;
        });
  }

  private static List<Column> interval(
      String name, String unit, String meaning, Function<Row, @Nullable Interval> value) {
    return List.of(
        number(name, unit, meaning, row -> of(value.apply(row), Interval::mean)),
        number(
            name + "_low",
            unit,
            "lower end of its 95 % interval",
            row -> of(value.apply(row), Interval::low)),
        number(name + "_high", unit, "upper end", row -> of(value.apply(row), Interval::high)),
        whole(
            name + "_n",
            "prompt pairs",
            "that have it",
            row -> {
              Interval interval = value.apply(row);
              return interval == null ? null : interval.n();
            }));
  }

  private static double of(@Nullable Interval interval, ToDoubleFunction<Interval> value) {
    return interval == null ? Double.NaN : value.applyAsDouble(interval);
  }

  private static List<GenericRecord> rows(Analysis analysis) {
    List<GenericRecord> rows = new ArrayList<>();
    for (ConceptFindings of : analysis.each()) {
      for (SiteScore score : of.scores()) {
        TextTest test =
            of.tests().stream()
                .filter(tested -> tested.point().equals(score.point()))
                .findFirst()
                .orElse(null);
        rows.add(row(new Row(of, score, test)));
      }
    }
    return rows;
  }

  private static GenericRecord row(Row of) {
    GenericRecord row = new GenericData.Record(SCHEMA);
    COLUMNS.forEach(column -> row.put(column.name(), column.value().apply(of)));
    return row;
  }

  public static SiteTable of(Analysis analysis) {
    return new SiteTable(rows(analysis));
  }

  /** Writes the Parquet file, whole or not at all. */
  public void write(Path file) {
    ParquetFiles.write(file, SCHEMA, rows, Map.of());
  }

  /** The same as comma-separated values; nothing stands for null. */
  public String csv() {
    AvroTable table = new AvroTable(SCHEMA, 0);
    rows.forEach(table::append);
    return table.table().write().toString("csv");
  }
}
