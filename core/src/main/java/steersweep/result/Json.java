package steersweep.result;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import steersweep.error.UserError;

/** The program's own JSON files: indented, keys in a fixed order, written whole or not at all. */
public final class Json {
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .disable(MapperFeature.AUTO_DETECT_IS_GETTERS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private static final ObjectMapper SHOWN =
      MAPPER.copy().setSerializationInclusion(JsonInclude.Include.NON_NULL);

  private Json() {}

  public static String text(Object value) {
    try {
      return MAPPER.writeValueAsString(value) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not writable as JSON: " + value.getClass(), e);
    }
  }

  /** For people: what is null is left out. */
  public static String shown(Object value) {
    try {
      return SHOWN.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not writable as JSON: " + value.getClass(), e);
    }
  }

  /** Keys of maps in their own order. */
  public static void writeInOrder(Path file, Map<String, ?> values) throws IOException {
    try {
      byte[] bytes =
          MAPPER
              .writer()
              .without(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
              .writeValueAsBytes(values);
      writeBytes(file, bytes);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not writable as JSON: " + values.keySet(), e);
    }
  }

  /** Without line breaks but for one in the end. */
  public static String line(Object value) {
    try {
      return MAPPER
              .writer()
              .without(SerializationFeature.INDENT_OUTPUT)
              .without(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
              .writeValueAsString(value)
          + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not writable as JSON: " + value.getClass(), e);
    }
  }

  public static void write(Path file, Object value) throws IOException {
    writeBytes(file, text(value).getBytes(StandardCharsets.UTF_8));
  }

  /** Writes a file that appears whole or not at all. */
  public static void writeBytes(Path file, byte[] bytes) throws IOException {
    Path temporary = ParquetFiles.temporary(file);
    try {
      Files.write(temporary, bytes);
      Durable.move(temporary, file);
    } catch (IOException e) {
      IoFaults.deleteQuietly(temporary);
      throw new IOException(file + ": cannot be written: " + IoFaults.words(e), e);
    }
  }

  /**
   * @throws UserError naming the file when it is missing or is not what {@code type} describes
   */
  public static <T> T read(Path file, Class<T> type) {
    try {
      T value = MAPPER.readValue(TextFile.read(file), type);
      if (value == null) {
        throw new UserError(file.toString(), "damaged; got null");
      }
      Missing.in(value)
          .ifPresent(
              key -> {
                throw new UserError(file.toString(), "damaged; " + key + " is missing");
              });
      return value;
    } catch (JsonProcessingException e) {
      throw new UserError(file.toString(), "damaged; " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UserError(file.toString(), "cannot be read; " + IoFaults.words(e), e);
    }
  }
}
