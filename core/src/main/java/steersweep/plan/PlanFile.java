package steersweep.plan;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import steersweep.error.Faults;
import steersweep.error.UserError;

/**
 * A plan file as a tree of keys and values. Where YAML or its parser would go on with something
 * other than what the user sees, this is stricter: a key given twice, an alias (which the parser
 * reads as its own name), a second document and numbers that are not plainly decimal (010 is 8 in
 * YAML) are not accepted; {@code yes} and {@code no} are words.
 */
final class PlanFile {
  private static final int MOST_BYTES = 1 << 20;
  static final int MOST_DEPTH = 16;

  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?(?:(?:0|[1-9]\\d*)(?:\\.\\d*)?|\\.\\d+)(?:[eE][-+]?\\d+)?");

  /** The longest whole numbers that surely fit into a long. */
  private static final Pattern WHOLE = Pattern.compile("[-+]?\\d{1,18}");

  private static final YAMLFactory YAML =
      YAMLFactory.builder()
          .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(MOST_DEPTH).build())
          .build();

  private final String file;
  private final Faults faults;
  private final YAMLParser parser;

  private PlanFile(String file, Faults faults, YAMLParser parser) {
    this.file = file;
    this.faults = faults;
    this.parser = parser;
  }

  /**
   * Reads a file. What {@code faults} is told about is a missing node in the tree.
   *
   * @throws UserError when there is no tree: the file cannot be read, or is not YAML
   */
  static JsonNode tree(Path file, Faults faults) {
    String text = text(file);
    try (YAMLParser parser = YAML.createParser(text)) {
      return new PlanFile(file.toString(), faults, parser).document();
    } catch (IOException e) {
      throw BrokenYaml.error(file.toString(), text, e);
    } catch (IndexOutOfBoundsException e) { // the parser's own, on some broken files
      throw new UserError(file.toString(), "broken YAML", e);
    }
  }

  private static String text(Path file) {
    byte[] bytes = bytes(file);
    if (bytes.length > MOST_BYTES) {
      throw new UserError(
          file.toString(), "too large for a plan; expected at most " + MOST_BYTES + " bytes");
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    try {
      return decoder.decode(buffer).toString();
    } catch (CharacterCodingException e) {
      String before = new String(Arrays.copyOf(bytes, buffer.position()), StandardCharsets.UTF_8);
      throw new UserError(
          BrokenYaml.where(file.toString(), before),
          String.format(
              "not UTF-8 text; got the byte 0x%02X, expected a plan saved as UTF-8",
              bytes[buffer.position()]),
          e);
    }
  }

  /** The file's content, at most one byte more than a plan may have. */
  private static byte[] bytes(Path file) {
    if (Files.isDirectory(file)) {
      throw new UserError(file.toString(), "a directory; expected a plan file");
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new UserError(file.toString(), "not a file; expected a plan file, or a link to one");
    }
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(MOST_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw new UserError(file.toString(), "no such file; expected a plan file", e);
    } catch (AccessDeniedException e) {
      throw new UserError(file.toString(), "no permission to read it; expected a plan file", e);
    } catch (FileSystemException e) {
      throw new UserError(file.toString(), "cannot be read: " + e.getReason(), e);
    } catch (IOException e) {
      throw new UserError(file.toString(), "cannot be read: " + e.getMessage(), e);
    }
  }

  private JsonNode document() throws IOException {
    JsonToken first = parser.nextToken();
    if (first == null || (first.isScalarValue() && parser.getText().isBlank())) {
      throw new UserError(file, "empty; expected a plan with the keys concepts and grid");
    }
    JsonNode tree = value("");
    if (parser.nextToken() != null) {
      faults.add(
          file + ": line " + parser.currentTokenLocation().getLineNr(),
          "a second document; expected one plan in a file");
    }
    return tree;
  }

  /** The value that starts at the current token. */
  private JsonNode value(String path) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      return block(path);
    }
    if (token == JsonToken.START_ARRAY) {
      return list(path);
    }
    String text = parser.getText();
    if (parser.isCurrentAlias()) {
      faults.add(
          path.isEmpty() ? file : file + ": " + path,
          "an alias; got '*" + text + "', expected the value written out");
      return MissingNode.getInstance();
    }
    return switch (token) {
      case VALUE_NULL -> JsonNodeFactory.instance.nullNode();
      case VALUE_TRUE, VALUE_FALSE ->
          JsonNodeFactory.instance.booleanNode(token == JsonToken.VALUE_TRUE);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(text);
      default -> JsonNodeFactory.instance.textNode(text);
    };
  }

  private static JsonNode number(String text) {
    if (!DECIMAL.matcher(text).matches()) {
      return JsonNodeFactory.instance.textNode(text);
    }
    return WHOLE.matcher(text).matches()
        ? JsonNodeFactory.instance.numberNode(Long.parseLong(text))
        : JsonNodeFactory.instance.numberNode(Double.parseDouble(text));
  }

  private ObjectNode block(String path) throws IOException {
    ObjectNode block = JsonNodeFactory.instance.objectNode();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String key = parser.currentName();
      int line = parser.currentTokenLocation().getLineNr();
      parser.nextToken();
      String keyPath = (path.isEmpty() ? "" : path + ".") + PlanValue.shortened(key);
      JsonNode value = value(keyPath);
      if (block.has(key)) {
        faults.add(
            file + ": " + keyPath,
            "key given twice; got it again in line " + line + ", expected each key once");
      } else {
        block.set(key, value);
      }
    }
    return block;
  }

  private ArrayNode list(String path) throws IOException {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      list.add(value(path + "[" + list.size() + "]"));
    }
    return list;
  }
}
