package steersweep.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.gguf.GgufFile;
import steersweep.model.ModelShape;
import steersweep.result.TextFile;

/**
 * A checkpoint's {@code config.json}, understood. Keys and defaults are those of transformers; what
 * this program cannot compute is refused here, with the key that says so.
 *
 * @param family which architecture
 * @param own what its family says of the model: sizes, tensors, and how it computes
 * @param bosToken first token of every text; -1 for none
 * @param eosTokens tokens that end a text, from {@code generation_config.json} if it names any
 * @param defaulted keys that were missing and what was assumed, as {@code key = value}
 * @param ignored keys that are there and make no difference to the model's output
 * @param unknown keys that this program does not know; transformers ignores them too
 * @param json the file as read
 */
public record ModelConfig(
    Family family,
    FamilyConfig own,
    int bosToken,
    List<Integer> eosTokens,
    List<String> defaulted,
    List<String> ignored,
    List<String> unknown,
    JsonNode json) {
  static final String FILE = "config.json";
  private static final String GENERATION_FILE = "generation_config.json";

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  public ModelConfig {
    eosTokens = List.copyOf(eosTokens);
    defaulted = List.copyOf(defaulted);
    ignored = List.copyOf(ignored);
    unknown = List.copyOf(unknown);
  }

  /** The same, of a checkpoint that holds these tensors. */
  ModelConfig with(Set<String> tensors) {
    return new ModelConfig(
        family, own.with(tensors), bosToken, eosTokens, defaulted, ignored, unknown, json);
  }

  public ModelShape shape() {
    return own.shape();
  }

  /**
   * Reads {@code config.json} and, if there is one, {@code generation_config.json} of {@code
   * folder}, or the metadata of a GGUF file; no weights are touched.
   *
   * @throws UserError with every fault at once
   */
  public static ModelConfig read(Path folder) {
    if (GgufFile.isOne(folder)) {
      return of(GgufFile.read(folder));
    }
    if (!Files.isDirectory(folder)) {
      throw new UserError(
          folder.toString(),
          "no such folder; expected a checkpoint folder with config.json, *.safetensors and"
              + " tokenizer.json, or a .gguf file"
              + HubCache.ofThisUser().hint(folder));
    }
    Path file = folder.resolve(FILE);
    JsonNode json = object(file);
    if (json.isMissingNode()) {
      WeightFiles.requireNotOfGguf(folder);
      throw new UserError(
          file.toString(),
          HubCache.snapshot(folder)
              .map(path -> "missing; this is a model's folder in a hub's cache, expected " + path)
              .orElse("missing; is this a checkpoint folder?"));
    }
    return new ConfigReader(file, json, object(folder.resolve(GENERATION_FILE)), new Faults())
        .read();
  }

  /** What the metadata of a GGUF file say. */
  static ModelConfig of(GgufFile file) {
    ObjectNode json = GgufConfig.of(file);
    return new ConfigReader(file.path(), json, MissingNode.getInstance(), new Faults()).read();
  }

  /** The JSON object of a file; a missing node if there is no file. */
  private static JsonNode object(Path file) {
    try {
      JsonNode json = JSON.readTree(TextFile.read(file));
      if (!json.isObject()) {
        throw new UserError(
            file.toString(), "damaged; got " + json.getNodeType() + ", expected a JSON object");
      }
      return json;
    } catch (NoSuchFileException e) {
      return MissingNode.getInstance();
    } catch (JsonProcessingException e) {
      throw new UserError(file.toString(), "damaged; not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UserError(file.toString(), "cannot be read; " + e, e);
    }
  }
}
