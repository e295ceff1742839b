package steersweep.checkpoint;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import steersweep.error.Faults;

/** Reads one safetensors header and checks it against the file's length. */
final class HeaderReader {
  /** The reference implementation refuses longer headers too. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(16).build())
              .build());

  private final Path file;
  private final Faults faults;

  HeaderReader(Path file, Faults faults) {
    this.file = file;
    this.faults = faults;
  }

  SafetensorsFile read() {
    try (FileChannel channel = FileChannel.open(file)) {
      long fileBytes = channel.size();
      if (fileBytes < SafetensorsFile.LENGTH_BYTES) {
        return fault(
            "not a safetensors file; got " + fileBytes + " bytes, expected a header of at least 8");
      }
      long headerBytes = bytes(channel, SafetensorsFile.LENGTH_BYTES, 0).getLong(0);
      if (headerBytes < 2
          || headerBytes > MAX_HEADER_BYTES
          || headerBytes > fileBytes - SafetensorsFile.LENGTH_BYTES) {
        return fault(
            "damaged or cut off; its header claims "
                + Long.toUnsignedString(headerBytes)
                + " bytes, the whole file has "
                + fileBytes);
      }
      ByteBuffer header = bytes(channel, (int) headerBytes, SafetensorsFile.LENGTH_BYTES);
      String text = StandardCharsets.UTF_8.newDecoder().decode(header).toString();
      return contents(text, SafetensorsFile.LENGTH_BYTES + headerBytes, fileBytes);
    } catch (CharacterCodingException e) {
      return fault("damaged; its header is not UTF-8");
    } catch (JacksonException e) {
      return fault("damaged; its header is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      return fault("cannot be read; " + e);
    }
  }

  private SafetensorsFile fault(String what) {
    faults.add(file.toString(), what);
    return new SafetensorsFile(file, Map.of(), List.of());
  }

  private static ByteBuffer bytes(FileChannel channel, int bytes, long position)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException("the file became shorter while it was read");
      }
    }
    return buffer.flip();
  }

  private SafetensorsFile contents(String header, long dataStart, long fileBytes)
      throws IOException {
    if (!header.startsWith("{")) {
      return fault("damaged; its header does not begin with '{'");
    }
    JsonNode root;
    int end;
    try (JsonParser parser = JSON.createParser(header)) {
      root = parser.readValueAsTree();
      end = (int) parser.currentLocation().getCharOffset();
    }
    if (!header.substring(end).matches("[ \t\r\n]*")) {
      return fault("damaged; its header goes on after the JSON object");
    }
    return new SafetensorsFile(
        file,
        metadata(root.path(SafetensorsFile.METADATA)),
        tensors(root, dataStart, fileBytes - dataStart));
  }

  private Map<String, String> metadata(JsonNode node) {
    Map<String, String> metadata = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (entry.getValue().isTextual()) {
        metadata.put(entry.getKey(), entry.getValue().asText());
      }
    }
    if (metadata.size() < node.size() || node.isValueNode() && !node.isNull()) {
      fault(SafetensorsFile.METADATA + ": expected texts; got " + node);
    }
    return metadata;
  }

  private List<StoredTensor> tensors(JsonNode root, long dataStart, long dataBytes) {
    List<StoredTensor> tensors = new ArrayList<>();
    DataCoverage coverage = new DataCoverage();
    for (Map.Entry<String, JsonNode> entry : root.properties()) {
      if (!entry.getKey().equals(SafetensorsFile.METADATA)) {
        tensor(entry.getKey(), entry.getValue(), dataStart, coverage)
            .filter(tensor -> tensor.offset() + tensor.length() <= dataStart + dataBytes)
            .ifPresent(tensors::add);
      }
    }
    coverage.faults(dataBytes).forEach(this::fault);
    return tensors;
  }

  private Optional<StoredTensor> tensor(
      String name, JsonNode entry, long dataStart, DataCoverage coverage) {
    String dtype = entry.path("dtype").asText();
    JsonNode offsets = entry.path("data_offsets");
    JsonNode shape = entry.path("shape");
    boolean placed =
        wholeNumbers(offsets)
            && offsets.size() == 2
            && offsets.get(0).asLong() <= offsets.get(1).asLong()
            && offsets.get(1).asLong() <= Long.MAX_VALUE - dataStart;
    if (placed) {
      coverage.add(name, offsets.get(0).asLong(), offsets.get(1).asLong());
    } else {
      coverage.addUnplaced();
    }
    if (!placed || SafetensorsFile.bits(dtype) == 0 || !wholeNumbers(shape)) {
      fault(name + ": header entry not understood; got " + entry);
      return Optional.empty();
    }
    long begin = offsets.get(0).asLong();
    long end = offsets.get(1).asLong();
    List<Long> sizes = new ArrayList<>();
    shape.forEach(size -> sizes.add(size.asLong()));
    if (!fills(sizes, SafetensorsFile.bits(dtype), end - begin)) {
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

  /** Whether a shape has exactly so many bytes; no when a number on the way is beyond a long. */
  private static boolean fills(List<Long> shape, int bits, long bytes) {
    try {
      long elements = 1;
      for (long size : shape) {
        elements = Math.multiplyExact(elements, size);
      }
      long all = Math.multiplyExact(elements, bits);
      return all % 8 == 0 && all / 8 == bytes;
    } catch (ArithmeticException e) {
      return false;
    }
  }
}
