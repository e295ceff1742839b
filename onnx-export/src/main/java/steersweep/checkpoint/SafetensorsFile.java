package steersweep.checkpoint;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import steersweep.error.Faults;

/**
 * Reads the header of a safetensors file: 8 bytes of header length (little endian), the header as
 * JSON, then the tensors' bytes, which stay where they are. The format is described at
 * huggingface.co/docs/safetensors.
 */
public final class SafetensorsFile {
  /** The reference implementation refuses longer headers too. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  private static final Map<String, Integer> BITS =
      Map.ofEntries(
          Map.entry("F64", 64),
          Map.entry("F32", 32),
          Map.entry("F16", 16),
          Map.entry("BF16", 16),
          Map.entry("I64", 64),
          Map.entry("I32", 32),
          Map.entry("I16", 16),
          Map.entry("I8", 8),
          Map.entry("U8", 8),
          Map.entry("BOOL", 8),
          Map.entry("F8_E4M3", 8),
          Map.entry("F8_E5M2", 8));

  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(16).build())
              .build());

  private final Path file;
  private final Faults faults;
  private final List<String> beyondTheEnd = new ArrayList<>();

  private SafetensorsFile(Path file, Faults faults) {
    this.file = file;
    this.faults = faults;
  }

  /**
   * The tensors of one file; what is wrong with it goes to {@code faults}, and the tensors that are
   * right are returned.
   */
  public static List<StoredTensor> read(Path file, Faults faults) {
    return new SafetensorsFile(file, faults).tensors();
  }

  private List<StoredTensor> tensors() {
    try (FileChannel channel = FileChannel.open(file)) {
      long fileBytes = channel.size();
      ByteBuffer lengthBytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      if (fileBytes < 8 || !fill(channel, lengthBytes, 0)) {
        return fault(
            "not a safetensors file; got " + fileBytes + " bytes, expected a header of at least 8");
      }
      long headerBytes = lengthBytes.getLong(0);
      if (headerBytes < 2 || headerBytes > MAX_HEADER_BYTES || headerBytes > fileBytes - 8) {
        return fault(
            "damaged or cut off; its header claims "
                + Long.toUnsignedString(headerBytes)
                + " bytes, the whole file has "
                + fileBytes);
      }
      ByteBuffer header = ByteBuffer.allocate((int) headerBytes);
      fill(channel, header, 8);
      JsonNode root = JSON.readTree(header.array());
      return root.isObject()
          ? tensors(root, 8 + headerBytes, fileBytes)
          : fault("damaged; its header is not a JSON object");
    } catch (JacksonException e) {
      return fault("damaged; its header is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      return fault("cannot be read; " + e);
    }
  }

  private List<StoredTensor> fault(String what) {
    faults.add(file.toString(), what);
    return List.of();
  }

  private static boolean fill(FileChannel channel, ByteBuffer buffer, long position)
      throws IOException {
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, position + buffer.position());
      if (read < 0) {
        return false;
      }
    }
    return true;
  }

  private List<StoredTensor> tensors(JsonNode root, long dataStart, long fileBytes) {
    List<StoredTensor> tensors = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : root.properties()) {
      if (!entry.getKey().equals("__metadata__")) {
        tensor(entry.getKey(), entry.getValue(), dataStart, fileBytes).ifPresent(tensors::add);
      }
    }
    if (!beyondTheEnd.isEmpty()) {
      int more = beyondTheEnd.size() - 1;
      fault(
          "cut off; "
              + beyondTheEnd.get(0)
              + (more == 0 ? "" : " (and " + more + " more like it)")
              + ", the file has "
              + (fileBytes - dataStart));
    }
    return tensors;
  }

  private Optional<StoredTensor> tensor(
      String name, JsonNode entry, long dataStart, long fileBytes) {
    String dtype = entry.path("dtype").asText();
    JsonNode offsets = entry.path("data_offsets");
    JsonNode shape = entry.path("shape");
    Integer bits = BITS.get(dtype);
    if (bits == null
        || !wholeNumbers(shape)
        || !wholeNumbers(offsets)
        || offsets.size() != 2
        || offsets.get(0).asLong() > offsets.get(1).asLong()) {
      fault(name + ": header entry not understood; got " + entry);
      return Optional.empty();
    }
    long begin = offsets.get(0).asLong();
    long end = offsets.get(1).asLong();
    if (end > fileBytes - dataStart) {
      beyondTheEnd.add(name + " lies at bytes " + begin + ".." + end + " of the data");
      return Optional.empty();
    }
    List<Long> sizes = new ArrayList<>();
    shape.forEach(size -> sizes.add(size.asLong()));
    Optional<Long> expected = bytes(sizes, bits);
    if (expected.isEmpty() || expected.get() != end - begin) {
      fault(name + ": " + dtype + " " + sizes + " does not fill bytes " + begin + ".." + end);
      return Optional.empty();
    }
    return Optional.of(new StoredTensor(name, dtype, sizes, file, dataStart + begin, end - begin));
  }

  private static boolean wholeNumbers(JsonNode list) {
    if (!list.isArray()) {
      return false;
    }
    for (JsonNode number : list) {
      if (!number.isIntegralNumber() || !number.canConvertToLong() || number.asLong() < 0) {
        return false;
      }
    }
    return true;
  }

  /** Bytes of a tensor; empty when the number is beyond a long. */
  private static Optional<Long> bytes(List<Long> shape, int bits) {
    try {
      long elements = 1;
      for (long size : shape) {
        elements = Math.multiplyExact(elements, size);
      }
      return Optional.of(Math.multiplyExact(elements, bits) / 8);
    } catch (ArithmeticException e) {
      return Optional.empty();
    }
  }
}
