package steersweep.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    Cell cell = new Cell(17, PAIR, new Site(HookPoint.VALUE, 2, 5), -2.5, PositionRule.LW2023);
    CompletionRow row =
        new CompletionRow(
            cell,
            CellKind.RANDOM,
            2,
            "unit-000001",
            0.75,
            0.5,
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
    GenericRecord baseline =
        new CompletionRow(
                new Cell(0, PAIR, null, 0, PositionRule.MEAN),
                CellKind.BASELINE,
                null,
                "unit-000000",
                0,
                0,
                List.of(4),
                "a",
                false,
                true,
                "ok",
                null)
            .toRecord();
    GenericRecord wholeLayer =
        new CompletionRow(
                new Cell(
                    1,
                    PAIR,
                    new Site(HookPoint.RESIDUAL_POST, 0, Site.ALL_HEADS),
                    1,
                    PositionRule.MEAN),
                CellKind.STEERED,
                null,
                "unit-000000",
                1,
                0.5,
                List.of(4),
                "a",
                false,
                true,
                "ok",
                null)
            .toRecord();
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
}
