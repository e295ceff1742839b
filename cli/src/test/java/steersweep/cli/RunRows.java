package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import steersweep.result.ParquetFiles;
import steersweep.result.RunFolder;

/**
 * What stands in the Parquet files of a run: every column of every row, by cell.
 *
 * @param readings rows of {@code readings/}
 * @param completions rows of {@code completions/}
 * @param scores rows of {@code scores/}
 */
record RunRows(
    SortedMap<Long, Map<String, Object>> readings,
    SortedMap<Long, Map<String, Object>> completions,
    SortedMap<Long, Map<String, Object>> scores) {
  /** Fails when a cell has two rows. */
  static RunRows of(RunFolder run) {
    return new RunRows(
        byCell(run::readReadings), byCell(run::readCompletions), byCell(run::readScores));
  }

  /** The rows of one file. */
  static SortedMap<Long, Map<String, Object>> of(Path file) {
    return byCell(rows -> ParquetFiles.read(file, rows));
  }

  /** Every run folder below {@code runs}, the oldest first. */
  static List<RunFolder> runs(Path runs) throws IOException {
    try (Stream<Path> folders = Files.list(runs)) {
      return folders
          .filter(folder -> !Files.isSymbolicLink(folder) && Files.isDirectory(folder))
          .sorted()
          .map(RunFolder::new)
          .toList();
    }
  }

  private static SortedMap<Long, Map<String, Object>> byCell(
      Consumer<Consumer<GenericRecord>> reader) {
    SortedMap<Long, Map<String, Object>> rows = new TreeMap<>();
    reader.accept(
        row -> {
          Map<String, Object> columns = columns(row);
          Long cell = (Long) columns.get("cell");
          assertThat(rows.put(cell, columns)).as("another row of cell " + cell).isNull();
        });
    return rows;
  }

  /** A copy: the reader may use its record again for the next row. */
  private static Map<String, Object> columns(GenericRecord row) {
    Map<String, Object> columns = new HashMap<>();
    for (Schema.Field field : row.getSchema().getFields()) {
      Object value = row.get(field.pos());
      if (value instanceof CharSequence text) {
        value = text.toString();
      } else if (value instanceof List<?> list) {
        value = new ArrayList<>(list);
      }
      columns.put(field.name(), value);
    }
    return columns;
  }
}
