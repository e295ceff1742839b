package steersweep.checkpoint;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import steersweep.error.Faults;
import steersweep.error.UserError;

/**
 * A checkpoint folder as downloaded from a hub: {@code config.json} and the weights in one or
 * several safetensors files. Only headers are read. (The tokenizer beside them is none of the
 * exporter's business.)
 *
 * @param folder the folder
 * @param config its config.json
 * @param tensors every tensor, by name
 */
public record Checkpoint(Path folder, LlamaConfig config, Map<String, StoredTensor> tensors) {
  public Checkpoint {
    tensors = Map.copyOf(tensors);
  }

  /**
   * @throws UserError with every fault at once: files missing or damaged, config not understood
   */
  public static Checkpoint open(Path folder) {
    List<String> faults = new ArrayList<>();
    LlamaConfig config = null;
    try {
      config = LlamaConfig.read(folder);
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
    return new Checkpoint(folder, config, tensors);
  }
}
