package steersweep.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.gguf.GgufFile;

/**
 * A checkpoint: a folder as downloaded from a hub, with {@code config.json} and the weights in one
 * or several safetensors files, or one GGUF file. Only headers are read. (The tokenizer is none of
 * the exporter's business.)
 *
 * @param folder the folder, or the GGUF file
 * @param config its config.json, or what the metadata say
 * @param tensors every tensor, by name
 */
public record Checkpoint(Path folder, ModelConfig config, Map<String, StoredTensor> tensors) {
  public Checkpoint {
    tensors = Map.copyOf(tensors);
  }

  /**
   * @throws UserError with every fault at once: files missing or damaged, config not understood
   */
  public static Checkpoint open(Path folder) {
    if (GgufFile.isOne(folder)) {
      return of(GgufFile.read(folder));
    }
    if (Files.isDirectory(folder)) {
      WeightFiles.requireNotOfGguf(folder);
    }
    List<String> faults = new ArrayList<>();
    ModelConfig config = null;
    try {
      config = ModelConfig.read(folder);
    } catch (UserError e) {
      faults.addAll(e.faults());
    }
    Faults ofWeights = new Faults();
    Map<String, StoredTensor> tensors =
        Files.isDirectory(folder) ? WeightFiles.read(folder, ofWeights) : Map.of();
    faults.addAll(ofWeights.all());
    if (config == null || !faults.isEmpty()) {
      throw new UserError(faults);
    }
    return new Checkpoint(folder, config.with(tensors.keySet()), tensors);
  }

  private static Checkpoint of(GgufFile file) {
    ModelConfig config = ModelConfig.of(file);
    GgufTensors.ModelHeads heads = GgufTensors.ModelHeads.of(config);
    return new Checkpoint(file.path(), config, GgufTensors.of(file, heads));
  }
}
