package steersweep.result;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.avro.AvroSchemaConverter;
import org.apache.parquet.avro.AvroWriteSupport;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import steersweep.model.ContentHash;

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

  /** Fact: a hash of names and types of all columns, which no checksum of a page is over. */
  private static final String COLUMNS = "steersweep.columns";

  /** How names of facts in the footer begin. */
  private static final String OURS = "steersweep.";

  private ParquetFiles() {}

  /** What hands rows to a file. */
  public interface Rows {
    void to(Consumer<GenericRecord> file);
  }

  /** The same of rows that are all there. */
  public static void write(
      Path file, Schema schema, List<GenericRecord> rows, Map<String, String> footer) {
    write(file, schema, (Rows) rows::forEach, footer);
  }

  /**
   * Writes a file that appears whole or not at all: under a temporary name first, then renamed.
   *
   * @param rows hands over every row, once asked
   * @param footer key facts put into the file's footer
   * @throws UncheckedIOException naming the file
   */
  public static void write(Path file, Schema schema, Rows rows, Map<String, String> footer) {
    Path temporary = temporary(file);
    Map<String, String> facts = new HashMap<>(footer);
    facts.put(COLUMNS, hash(new AvroSchemaConverter(configuration()).convert(schema)));
    try {
      try (ParquetWriter<GenericRecord> writer =
          AvroParquetWriter.<GenericRecord>builder(new LocalOutputFile(temporary))
              .withConf(configuration())
              .withCodecFactory(new ZstdCodecs())
              .withCompressionCodec(CompressionCodecName.ZSTD)
              .withSchema(schema)
              .withDataModel(GenericData.get())
              .withExtraMetaData(facts)
              .build()) {
        rows.to(
            row -> {
              try {
                writer.write(row);
              } catch (IOException e) {
                throw new WriteFault(e);
              }
            });
      } catch (WriteFault e) {
        throw e.why;
      }
      Durable.move(temporary, file);
    } catch (IOException e) {
      IoFaults.deleteQuietly(temporary);
      throw new UncheckedIOException(file + ": cannot be written: " + IoFaults.words(e), e);
    } catch (RuntimeException e) {
      IoFaults.deleteQuietly(temporary);
      throw e;
    }
  }

  /** On its way out of a lambda. */
  private static final class WriteFault extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient IOException why;

    WriteFault(IOException why) {
      super(why);
      this.why = why;
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
   * Hands every row to {@code consumer}, its page's checksum verified. The row given may be reused
   * for the next one.
   *
   * @throws UncheckedIOException naming the file
   */
  public static void read(Path file, Consumer<GenericRecord> consumer) {
    footer(file);
    try (ParquetReader<GenericRecord> reader =
        AvroParquetReader.<GenericRecord>builder(new LocalInputFile(file), configuration())
            .withDataModel(GenericData.get())
            .withCodecFactory(new ZstdCodecs())
            .usePageChecksumVerification()
            .build()) {
      for (GenericRecord row = reader.read(); row != null; row = reader.read()) {
        consumer.accept(row);
      }
    } catch (IOException | RuntimeException | StackOverflowError e) {
      throw unreadable(file, e);
    }
  }

  /**
   * What a file says of itself.
   *
   * @param rows how many it has
   * @param facts what this program put into its footer
   */
  public record Footer(long rows, Map<String, String> facts) {}

  /**
   * Reads a file's footer, and all else of it for nothing but its checksums.
   *
   * @throws UncheckedIOException naming the file
   */
  public static Footer verify(Path file) {
    return open(
        file,
        reader -> {
          while (reader.readNextRowGroup() != null) {
            // reading verifies
          }
          return footer(reader);
        });
  }

  private static Footer footer(Path file) {
    return open(file, ParquetFiles::footer);
  }

  private static Footer footer(ParquetFileReader reader) throws IOException {
    FileMetaData of = reader.getFooter().getFileMetaData();
    Map<String, String> facts = new HashMap<>(of.getKeyValueMetaData());
    facts.keySet().removeIf(fact -> !fact.startsWith(OURS));
    String columns = facts.remove(COLUMNS);
    if (columns != null && !columns.equals(hash(of.getSchema()))) {
      throw new IOException("the columns are not those that were written");
    }
    return new Footer(reader.getRecordCount(), facts);
  }

  private static String hash(MessageType columns) {
    ContentHash hash = new ContentHash();
    hash.updateText(columns.toString());
    return hash.digits();
  }

  /** What is done with an open file. */
  private interface Use<T> {
    T of(ParquetFileReader reader) throws IOException;
  }

  private static <T> T open(Path file, Use<T> use) {
    requireFile(file);
    ParquetReadOptions options =
        ParquetReadOptions.builder(configuration())
            .withCodecFactory(new ZstdCodecs())
            .usePageChecksumVerification()
            .build();
    try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(file), options)) {
      return use.of(reader);
    } catch (IOException | RuntimeException | StackOverflowError e) {
      throw unreadable(file, e);
    }
  }

  /** A pipe would wait for a writer, a device would never end. */
  private static void requireFile(Path file) {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      String message = file + ": cannot be read: not a file";
      throw new UncheckedIOException(message, new IOException(message));
    }
  }

  /** A damaged footer may be nested without end. */
  private static UncheckedIOException unreadable(Path file, Throwable e) {
    String why = String.valueOf(e.getMessage()).replaceAll("[a-z.]+LocalInputFile@\\w+", "it");
    String message = file + ": cannot be read as Parquet: " + why;
    return new UncheckedIOException(message, new IOException(message, e));
  }

  private static ParquetConfiguration configuration() {
    ParquetConfiguration configuration = new PlainParquetConfiguration();
    // The three-level list layout that DuckDB, pandas and Spark agree on.
    configuration.setBoolean(AvroWriteSupport.WRITE_OLD_LIST_STRUCTURE, false);
    // Lists are the same where the footer has lost the schema that they were written with.
    configuration.setBoolean(AvroSchemaConverter.ADD_LIST_ELEMENT_RECORDS, false);
    return configuration;
  }
}
