package steersweep.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import steersweep.error.UserError;

/**
 * What the head of a GGUF file says. Format: github.com/ggml-org/ggml/blob/master/docs/gguf.md,
 * versions 2 and 3, little endian.
 *
 * @param path the file
 * @param metadata its keys and values; arrays as JSON arrays
 * @param tensors in the order of the file
 * @param dataStart first byte after metadata and tensor table
 */
public record GgufFile(
    Path path, Map<String, JsonNode> metadata, List<GgufTensor> tensors, long dataStart) {
  public GgufFile {
    metadata = Map.copyOf(metadata);
    tensors = List.copyOf(tensors);
  }

  /** Whether a model that is named so is to be read as a GGUF file: any file that is no folder. */
  public static boolean isOne(Path model) {
    return Files.exists(model)
        ? !Files.isDirectory(model)
        : model.toString().toLowerCase(Locale.ROOT).endsWith(".gguf");
  }

  /**
   * Reads metadata and tensor table; no tensor's bytes.
   *
   * @throws UserError when it is none, is damaged or cut off, or has tensors of types that are not
   *     read
   */
  public static GgufFile read(Path path) {
    return new GgufReader(path).read();
  }

  /** A value; a missing node where there is none. */
  public JsonNode get(String key) {
    JsonNode value = metadata.get(key);
    return value == null ? MissingNode.getInstance() : value;
  }

  public boolean has(String key) {
    return metadata.containsKey(key);
  }

  /** Names the file and one of its keys in messages. */
  public String where(String key) {
    return path + ": " + key;
  }

  public Optional<GgufTensor> tensor(String name) {
    return tensors.stream().filter(tensor -> tensor.name().equals(name)).findFirst();
  }

  /**
   * An array of texts.
   *
   * @throws UserError when it is missing or something else
   */
  public List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (JsonNode text : array(key, "texts")) {
      if (!text.isTextual()) {
        throw notA(key, "texts");
      }
      texts.add(text.textValue());
    }
    return texts;
  }

  /**
   * An array of numbers.
   *
   * @throws UserError when it is missing or something else
   */
  public List<Double> numbers(String key) {
    List<Double> numbers = new ArrayList<>();
    for (JsonNode number : array(key, "numbers")) {
      if (!number.isNumber()) {
        throw notA(key, "numbers");
      }
      numbers.add(number.doubleValue());
    }
    return numbers;
  }

  private JsonNode array(String key, String of) {
    JsonNode array = get(key);
    if (!array.isArray()) {
      throw notA(key, of);
    }
    return array;
  }

  private UserError notA(String key, String of) {
    return new UserError(
        where(key), (has(key) ? "got something else, " : "missing; ") + "expected a list of " + of);
  }
}
