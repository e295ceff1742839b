package steersweep.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import steersweep.error.UserError;
import steersweep.error.Visible;

/**
 * Reads the head of one GGUF file. Every count and length is compared with what is left of the file
 * and with a limit before memory is taken for it.
 */
final class GgufReader {
  /** Ten times the vocabulary of any model. */
  private static final long MOST_HEAD_BYTES = 1L << 27;

  private static final int MOST_VALUES = 1 << 23;
  private static final int MOST_KEYS = 10_000;
  private static final int MOST_TENSORS = 200_000;
  private static final int MOST_NAME_BYTES = 1 << 16;
  private static final int MOST_SHOWN = 100;
  private static final int ARRAY = 9;

  private final Path path;
  private final ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
  private InputStream in = InputStream.nullInputStream();
  private long fileBytes;
  private long position;
  private int values;

  /** What is being read, for messages. */
  private String reading = "its head";

  GgufReader(Path path) {
    this.path = path;
  }

  GgufFile read() {
    if (!Files.exists(path)) {
      throw fault("no such file");
    }
    if (!Files.isRegularFile(path)) {
      throw fault("not a file; expected one, or a link to one");
    }
    try (InputStream stream = new BufferedInputStream(Files.newInputStream(path), 1 << 16)) {
      in = stream;
      fileBytes = Files.size(path);
      return contents();
    } catch (EOFException e) {
      throw fault(
          "cut off or damaged; the file has " + fileBytes + " bytes, and ends in " + reading);
    } catch (IOException e) {
      throw fault("cannot be read; " + e);
    }
  }

  private GgufFile contents() throws IOException {
    byte[] magic = in.readNBytes(4);
    position = magic.length;
    if (!new String(magic, StandardCharsets.ISO_8859_1).equals("GGUF")) {
      throw fault("not a GGUF file; expected one, or a checkpoint folder");
    }
    long version = unsigned(4);
    if (version != 2 && version != 3) {
      boolean swapped = (version & 0xffff) == 0;
      throw fault(
          "got version "
              + (swapped ? Integer.reverseBytes((int) version) + ", big endian" : version)
              + ", expected 2 or 3"
              + (swapped ? ", little endian" : ""));
    }
    long tensors = count("tensors", MOST_TENSORS);
    long keys = count("keys", MOST_KEYS);
    Map<String, JsonNode> metadata = metadata((int) keys);
    requireWhole(metadata.get("split.count"));
    GgufTable table = new GgufTable(path, fileBytes);
    for (int i = 0; i < tensors; i++) {
      reading = "the table of tensors";
      String name = text(MOST_NAME_BYTES);
      List<Long> shape = shape(name);
      table.add(name, shape, unsigned(4), unsigned(8));
    }
    long dataStart = aligned(position, metadata.get("general.alignment"));
    return new GgufFile(path, metadata, table.tensors(dataStart), dataStart);
  }

  private Map<String, JsonNode> metadata(int keys) throws IOException {
    Map<String, JsonNode> metadata = new LinkedHashMap<>();
    for (int i = 0; i < keys; i++) {
      reading = "its metadata";
      String key = text(MOST_NAME_BYTES);
      reading = "the value of " + Visible.text(key, MOST_SHOWN);
      JsonNode value = value((int) unsigned(4));
      if (metadata.put(key, value) != null) {
        throw fault("damaged; " + Visible.text(key, MOST_SHOWN) + " stands there twice");
      }
    }
    return metadata;
  }

  private void requireWhole(@Nullable JsonNode parts) {
    if (parts != null && parts.asInt() > 1) {
      throw fault(
          "one of "
              + parts
              + " parts of a model; expected one file: llama-gguf-split --merge FIRST_PART WHOLE.gguf"
              + " makes it");
    }
  }

  private List<Long> shape(String name) throws IOException {
    long axes = unsigned(4);
    if (axes < 1 || axes > 4) {
      throw fault("damaged; " + Visible.text(name, MOST_SHOWN) + " has " + axes + " axes");
    }
    List<Long> shape = new ArrayList<>();
    for (int axis = 0; axis < axes; axis++) {
      shape.add(0, unsigned(8));
    }
    return shape;
  }

  private long aligned(long end, @Nullable JsonNode alignment) {
    long to = alignment == null ? 32 : alignment.asLong();
    if (to < 1 || to > 1 << 20 || Long.bitCount(to) != 1) {
      throw fault("damaged; general.alignment: got " + alignment + ", expected a power of two");
    }
    return (end + to - 1) / to * to;
  }

  // ---- values ----

  private JsonNode value(int type) throws IOException {
    if (++values > MOST_VALUES) {
      throw fault("more than " + MOST_VALUES + " values in its metadata");
    }
    return switch (type) {
      case 0 -> IntNode.valueOf((int) unsigned(1));
      case 1 -> IntNode.valueOf((byte) unsigned(1));
      case 2 -> IntNode.valueOf((int) unsigned(2));
      case 3 -> IntNode.valueOf((short) unsigned(2));
      case 4 -> whole(unsigned(4));
      case 5 -> IntNode.valueOf((int) unsigned(4));
      case 6 -> DoubleNode.valueOf(Float.intBitsToFloat((int) unsigned(4)));
      case 7 -> BooleanNode.valueOf(unsigned(1) != 0);
      case 8 -> TextNode.valueOf(text(MOST_HEAD_BYTES));
      case ARRAY -> array();
      case 10, 11 -> whole(unsigned(8));
      case 12 -> DoubleNode.valueOf(Double.longBitsToDouble(unsigned(8)));
      default ->
          throw fault("damaged; " + reading + " has a type " + type + ", which there is not");
    };
  }

  private static JsonNode whole(long value) {
    return value == (int) value ? IntNode.valueOf((int) value) : LongNode.valueOf(value);
  }

  private ArrayNode array() throws IOException {
    int type = (int) unsigned(4);
    if (type == ARRAY) {
      throw fault(reading + " is a list of lists, which is not read");
    }
    long length = count("values in " + reading, MOST_VALUES);
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (int i = 0; i < length; i++) {
      array.add(value(type));
    }
    return array;
  }

  private long count(String what, long most) throws IOException {
    long count = unsigned(8);
    // none of what is counted takes less than a byte
    if (count < 0 || count > most || count > fileBytes - position) {
      throw fault("damaged or cut off; got " + Long.toUnsignedString(count) + " " + what);
    }
    return count;
  }

  private String text(long most) throws IOException {
    long length = count("bytes of a text in " + reading, most);
    require(length);
    byte[] bytes = in.readNBytes((int) length);
    position += bytes.length;
    if (bytes.length < length) {
      throw new EOFException();
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw fault("damaged; a text in " + reading + " is not UTF-8");
    }
  }

  /** A little-endian number without sign; one of 8 bytes may come out negative. */
  private long unsigned(int bytes) throws IOException {
    require(bytes);
    number.clear().putLong(0, 0);
    if (in.readNBytes(number.array(), 0, bytes) < bytes) {
      throw new EOFException();
    }
    position += bytes;
    return number.getLong(0);
  }

  private void require(long bytes) {
    if (position + bytes > MOST_HEAD_BYTES) {
      throw fault("its metadata take more than " + MOST_HEAD_BYTES + " bytes");
    }
  }

  private UserError fault(String what) {
    return new UserError(path.toString(), what);
  }
}
