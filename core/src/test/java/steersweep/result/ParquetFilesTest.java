package steersweep.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.measure.Measure;
import steersweep.measure.Measures;
import steersweep.model.HookPoint;
import steersweep.plan.Cell;
import steersweep.plan.CellKind;
import steersweep.plan.PositionRule;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;

class ParquetFilesTest {
  private static final PromptPair PAIR =
      new PromptPair(3, "vegan", "My favorite food is", "I am vegan.", List.of("beans"));

  @TempDir Path folder;

  @Test
  void everyColumnComesBackAsItWasWritten() {
    Site site = new Site(HookPoint.VALUE, 2, 5);
    Cell cell = new Cell(17, CellKind.RANDOM, 2, PAIR, site, -2.5, PositionRule.LW2023);
    CompletionRow row =
        new CompletionRow(
            new Placement(cell, "unit-000001", -3.5, 0.75, 0.5),
            List.of(4, 5, 2),
            " rice, “beans”\n",
            true,
            false,
            "ok",
            null);
    Path file = folder.resolve("unit-000001.parquet");

    ParquetFiles.write(
        file, CompletionRow.SCHEMA, List.of(row.toRecord()), Map.of("steersweep.key", "abc"));

    List<String> read = new ArrayList<>();
    ParquetFiles.read(file, record -> read.add(record.toString()));
    assertThat(read).containsExactly(row.toRecord().toString());
  }

  @Test
  void theBaselineHasNoSiteAndAllHeadsHasNoHead() {
    Cell unsteered = new Cell(0, PAIR, null, 0, PositionRule.MEAN);
    Site whole = new Site(HookPoint.RESIDUAL_POST, 0, Site.ALL_HEADS);
    Cell steered = new Cell(1, PAIR, whole, 1, PositionRule.MEAN);
    GenericRecord baseline = row(Placement.nowhere(unsteered, "unit-000000"));
    GenericRecord wholeLayer = row(new Placement(steered, "unit-000000", 1, 1, 0.5));
    Path file = folder.resolve("unit-000000.parquet");

    ParquetFiles.write(file, CompletionRow.SCHEMA, List.of(baseline, wholeLayer), Map.of());

    List<GenericRecord> read = new ArrayList<>();
    ParquetFiles.read(
        file, record -> read.add(GenericData.get().deepCopy(record.getSchema(), record)));
    assertThat(read.get(0).get("hook_point")).isNull();
    assertThat(read.get(0).get("layer")).isNull();
    assertThat(read.get(1).get("hook_point")).hasToString("residual_post");
    assertThat(read.get(1).get("head")).isNull();
  }

  private static GenericRecord row(Placement at) {
    return new CompletionRow(at, List.of(4), "a", false, true, "ok", null).toRecord();
  }

  @Test
  void whatWasMeasuredComesBackWithItsTypesAndTheRestIsNull() {
    Cell cell = new Cell(3, PAIR, null, 0, PositionRule.MEAN);
    ReadingRow reading =
        new ReadingRow(
            Placement.nowhere(cell, "u"),
            Measures.NONE.with(Measure.PULL, 0.25),
            List.of(0.25, -0.5),
            List.of(0.5, -1.0),
            new ReadingRow.Departure(2, 17, 0.125),
            "ok",
            null);
    ScoreRow score =
        new ScoreRow(
            3,
            "u",
            Measures.NONE.with(Measure.COHERENT, 1).with(Measure.EVIDENCE, -2.5),
            List.of(-2.5, 0.75));
    Path readings = folder.resolve("readings.parquet");
    Path scores = folder.resolve("scores.parquet");

    ParquetFiles.write(readings, ReadingRow.SCHEMA, List.of(reading.toRecord()), Map.of());
    ParquetFiles.write(scores, ScoreRow.SCHEMA, List.of(score.toRecord()), Map.of());

    List<ScoreRow> read = new ArrayList<>();
    ParquetFiles.read(
        readings,
        row -> {
          assertThat(row.toString()).isEqualTo(reading.toRecord().toString());
          assertThat(row.get("damage")).isNull();
        });
    ParquetFiles.read(
        scores,
        row -> {
          assertThat(row.get("coherent")).isEqualTo(1);
          read.add(ScoreRow.of(row));
        });
    assertThat(read).containsExactly(score);
  }

  @Test
  void nothingButTheFinishedFileIsLeft() throws Exception {
    Path file = folder.resolve("unit-000000.parquet");

    ParquetFiles.write(file, ScoreRow.SCHEMA, List.of(), Map.of());

    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void aDamagedFileIsNamed() throws Exception {
    Path file = Files.writeString(folder.resolve("unit-000000.parquet"), "not Parquet at all");

    assertThatThrownBy(() -> ParquetFiles.read(file, record -> {}))
        .hasMessageContaining(file + ": cannot be read as Parquet");
  }

  private Path twoRows() {
    Site site = new Site(HookPoint.VALUE, 2, 5);
    Cell cell = new Cell(17, CellKind.RANDOM, 2, PAIR, site, -2.5, PositionRule.LW2023);
    Placement at = new Placement(cell, "unit-000001", -3.5, 0.75, 0.5);
    List<GenericRecord> rows = new ArrayList<>();
    for (String text : List.of(" rice", " a somewhat longer text, and beans, and rice, and rice")) {
      List<Integer> tokens = List.of(4, 5, 2, text.length());
      rows.add(new CompletionRow(at, tokens, text, true, false, "ok", null).toRecord());
    }
    Path file = folder.resolve("unit-000001.parquet");
    ParquetFiles.write(file, CompletionRow.SCHEMA, rows, Map.of("steersweep.unit", "unit-000001"));
    return file;
  }

  private static String rows(Path file) {
    StringBuilder rows = new StringBuilder();
    ParquetFiles.read(file, row -> rows.append(row).append('\n'));
    return rows.toString();
  }

  /** Every byte of pages, headers and footer, one bit of each. */
  @Test
  void noFlippedBitMakesOtherRows() throws Exception {
    Path file = twoRows();
    String before = rows(file);
    byte[] bytes = Files.readAllBytes(file);
    List<Integer> unseen = new ArrayList<>();
    int seen = 0;
    for (int place = 0; place < bytes.length; place++) {
      byte[] spoilt = bytes.clone();
      spoilt[place] ^= (byte) (1 << place % 8);
      Path other = Files.write(folder.resolve("spoilt.parquet"), spoilt);
      try {
        if (!rows(other).equals(before)) {
          unseen.add(place);
        }
      } catch (UncheckedIOException e) {
        seen++;
      }
    }
    assertThat(seen).isGreaterThan(bytes.length / 4);
    assertThat(unseen).as("of %d bytes", bytes.length).isEmpty();
  }

  @Test
  void verifyingFindsWhatReadingFinds() throws Exception {
    Path file = twoRows();
    assertThat(ParquetFiles.verify(file).rows()).isEqualTo(2);
    assertThat(ParquetFiles.verify(file).facts()).containsEntry("steersweep.unit", "unit-000001");
    byte[] bytes = Files.readAllBytes(file);
    bytes[60] ^= 1;
    Files.write(file, bytes);

    assertThatThrownBy(() -> ParquetFiles.verify(file))
        .hasMessageContaining(file + ": cannot be read as Parquet: ");
    assertThatThrownBy(() -> rows(file))
        .hasMessageContaining(file + ": cannot be read as Parquet: ");
  }

  @Test
  void aPipeIsRefusedAndNotWaitedFor() throws Exception {
    Path pipe = folder.resolve("unit-000000.parquet");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    assertThatThrownBy(() -> ParquetFiles.read(pipe, row -> {}))
        .hasMessageContaining(pipe + ": cannot be read: not a file");
    assertThatThrownBy(() -> ParquetFiles.verify(pipe))
        .hasMessageContaining(pipe + ": cannot be read: not a file");
  }
}
