package steersweep.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.model.ModelShape;

/**
 * A checkpoint's {@code config.json}, understood. Keys and defaults are those of transformers'
 * {@code LlamaConfig}; what this program cannot compute is refused here, with the key that says so.
 *
 * @param modelType {@code model_type}
 * @param shape sizes
 * @param rmsNormEps added to the mean square before the root
 * @param ropeTheta base of the rotary frequencies
 * @param tiedEmbeddings whether the output layer uses the input embedding
 * @param bosToken put before every text; -1 for none
 * @param eosTokens tokens that end a text
 * @param defaulted keys that were missing and what was assumed, as {@code key = value}
 * @param json the file as read
 */
public record LlamaConfig(
    String modelType,
    ModelShape shape,
    double rmsNormEps,
    double ropeTheta,
    boolean tiedEmbeddings,
    int bosToken,
    List<Integer> eosTokens,
    List<String> defaulted,
    JsonNode json) {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  public LlamaConfig {
    eosTokens = List.copyOf(eosTokens);
    defaulted = List.copyOf(defaulted);
  }

  /**
   * Reads {@code folder/config.json}; no weights are touched.
   *
   * @throws UserError with every fault at once
   */
  public static LlamaConfig read(Path folder) {
    Path file = folder.resolve("config.json");
    if (!Files.isDirectory(folder)) {
      throw new UserError(
          folder.toString(),
          "no such folder; expected a checkpoint folder with config.json, *.safetensors and tokenizer.json");
    }
    try {
      JsonNode json = JSON.readTree(Files.readString(file));
      Faults faults = new Faults();
      if (!json.isObject()) {
        throw new UserError(
            file.toString(), "damaged; got " + json.getNodeType() + ", expected a JSON object");
      }
      return new ConfigReader(file, json, faults).read();
    } catch (NoSuchFileException e) {
      throw new UserError(file.toString(), "missing; is this a checkpoint folder?", e);
    } catch (JsonProcessingException e) {
      throw new UserError(file.toString(), "damaged; not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UserError(file.toString(), "cannot be read; " + e, e);
    }
  }
}
