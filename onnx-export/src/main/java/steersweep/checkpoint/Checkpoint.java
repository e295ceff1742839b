package steersweep.checkpoint;

import java.nio.file.Path;
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
    LlamaConfig config = LlamaConfig.read(folder);
    Faults faults = new Faults();
    Map<String, StoredTensor> tensors = WeightFiles.read(folder, faults);
    faults.throwIfAny();
    return new Checkpoint(folder, config, tensors);
  }
}
