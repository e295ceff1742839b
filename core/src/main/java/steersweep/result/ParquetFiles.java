package steersweep.result;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.avro.AvroWriteSupport;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.LocalOutputFile;

/**
 * Reads and writes whole Parquet files on a local or mounted file system, ZSTD-compressed, without
 * a Hadoop installation.
 */
public final class ParquetFiles {
  /**
   * Ending of a file that is being written; such files left behind by a killed process may be
   * deleted.
   */
  public static final String TEMPORARY_SUFFIX = ".tmp";

  private ParquetFiles() {}

  /**
   * Writes a file that appears whole or not at all: under a temporary name first, then renamed.
   *
   * @param footer key facts put into the file's footer
   * @throws UncheckedIOException naming the file
   */
  public static void write(
      Path file, Schema schema, List<GenericRecord> rows, Map<String, String> footer) {
    Path temporary = temporary(file);
    try {
      try (ParquetWriter<GenericRecord> writer =
          AvroParquetWriter.<GenericRecord>builder(new LocalOutputFile(temporary))
              .withConf(configuration())
              .withCodecFactory(new ZstdCodecs())
              .withCompressionCodec(CompressionCodecName.ZSTD)
              .withSchema(schema)
              .withDataModel(GenericData.get())
              .withExtraMetaData(footer)
              .build()) {
        for (GenericRecord row : rows) {
          writer.write(row);
        }
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  /** A name beside a file that no other process takes, on whatever host. */
  static Path temporary(Path file) {
    return file.resolveSibling(
        ".%s.%d.%s%s"
            .formatted(
                file.getFileName(),
                ProcessHandle.current().pid(),
                UUID.randomUUID(),
                TEMPORARY_SUFFIX));
  }

  /**
   * Hands every row to {@code consumer}. The row given may be reused for the next one.
   *
   * @throws UncheckedIOException naming the file
   */
  public static void read(Path file, Consumer<GenericRecord> consumer) {
    try (ParquetReader<GenericRecord> reader =
        AvroParquetReader.<GenericRecord>builder(new LocalInputFile(file), configuration())
            .withDataModel(GenericData.get())
            .withCodecFactory(new ZstdCodecs())
            .build()) {
      for (GenericRecord row = reader.read(); row != null; row = reader.read()) {
        consumer.accept(row);
      }
    } catch (IOException | RuntimeException e) {
      throw new UncheckedIOException(
          new IOException(file + ": cannot be read as Parquet: " + e.getMessage(), e));
    }
  }

  private static ParquetConfiguration configuration() {
    ParquetConfiguration configuration = new PlainParquetConfiguration();
    // The three-level list layout that DuckDB, pandas and Spark agree on.
    configuration.setBoolean(AvroWriteSupport.WRITE_OLD_LIST_STRUCTURE, false);
    return configuration;
  }
}
