package steersweep.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import steersweep.error.Faults;

/**
 * What the header of a safetensors file says: 8 bytes of header length (little endian), the header
 * as JSON, then the tensors' bytes, which stay where they are. The format is described at
 * huggingface.co/docs/safetensors; {@link HeaderReader} is as strict as the reference
 * implementation.
 *
 * @param file the file
 * @param metadata the header's free texts, {@code __metadata__}; empty when it has none
 * @param tensors in the order of the header
 */
public record SafetensorsFile(Path file, Map<String, String> metadata, List<StoredTensor> tensors) {
  /** Where the header begins: after its length. */
  static final int LENGTH_BYTES = 8;

  static final String METADATA = "__metadata__";

  private static final Map<String, Integer> BITS =
      Map.ofEntries(
          Map.entry("F64", 64),
          Map.entry("F32", 32),
          Map.entry("F16", 16),
          Map.entry("BF16", 16),
          Map.entry("C64", 64),
          Map.entry("I64", 64),
          Map.entry("I32", 32),
          Map.entry("I16", 16),
          Map.entry("I8", 8),
          Map.entry("U64", 64),
          Map.entry("U32", 32),
          Map.entry("U16", 16),
          Map.entry("U8", 8),
          Map.entry("BOOL", 8),
          Map.entry("F8_E4M3", 8),
          Map.entry("F8_E5M2", 8),
          Map.entry("F8_E8M0", 8),
          Map.entry("F8_E4M3FNUZ", 8),
          Map.entry("F8_E5M2FNUZ", 8),
          Map.entry("F6_E2M3", 6),
          Map.entry("F6_E3M2", 6),
          Map.entry("F4", 4));

  public SafetensorsFile {
    metadata = Map.copyOf(metadata);
    tensors = List.copyOf(tensors);
  }

  /**
   * Reads the header. What is wrong goes to {@code faults}, all of it, and the tensors whose own
   * entries are right are returned.
   */
  public static SafetensorsFile read(Path file, Faults faults) {
    return new HeaderReader(file, faults).read();
  }

  /** Bits of one element, or 0 when {@code dtype} is no type of the format. */
  static int bits(String dtype) {
    return BITS.getOrDefault(dtype, 0);
  }

  /**
   * The file that holds tensors of these names, types, shapes and lengths one after the other, as
   * the reference implementation would lay it out: the header padded to a multiple of 8.
   */
  static SafetensorsFile layout(
      Path file, Map<String, String> metadata, List<StoredTensor> contents) {
    long position = header(metadata, contents).length;
    List<StoredTensor> tensors = new ArrayList<>();
    for (StoredTensor tensor : contents) {
      tensors.add(
          new StoredTensor(
              tensor.name(), tensor.dtype(), tensor.shape(), file, position, tensor.length()));
      position += tensor.length();
    }
    return new SafetensorsFile(file, metadata, tensors);
  }

  /** The file's first bytes, up to those of its first tensor. */
  byte[] header() {
    return header(metadata, tensors);
  }

  /** Bytes of the whole file. */
  long bytes() {
    return header().length + tensors.stream().mapToLong(StoredTensor::length).sum();
  }

  private static byte[] header(Map<String, String> metadata, List<StoredTensor> tensors) {
    ObjectNode header = JsonNodeFactory.instance.objectNode();
    ObjectNode texts = header.putObject(METADATA);
    new TreeMap<>(metadata).forEach(texts::put);
    long end = 0;
    for (StoredTensor tensor : tensors) {
      ObjectNode entry = header.putObject(tensor.name()).put("dtype", tensor.dtype());
      tensor.shape().forEach(entry.putArray("shape")::add);
      entry.putArray("data_offsets").add(end).add(end + tensor.length());
      end += tensor.length();
    }
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return ByteBuffer.allocate(LENGTH_BYTES + padded.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(padded.length)
        .put(padded)
        .array();
  }
}
