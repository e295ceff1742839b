package steersweep.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";

  public Checkpoint {
    tensors = Map.copyOf(tensors);
  }

  /**
   * @throws UserError with every fault at once: files missing or damaged, config not understood
   */
  public static Checkpoint open(Path folder) {
    LlamaConfig config = LlamaConfig.read(folder);
    Faults faults = new Faults();
    Map<String, StoredTensor> tensors = new LinkedHashMap<>();
    for (Path file : weightFiles(folder, faults)) {
      for (StoredTensor tensor : SafetensorsFile.read(file, faults)) {
        StoredTensor other = tensors.put(tensor.name(), tensor);
        if (other != null) {
          faults.add(
              file.toString(), tensor.name() + " stands in " + other.file().getFileName() + " too");
        }
      }
    }
    faults.throwIfAny();
    return new Checkpoint(folder, config, tensors);
  }

  private static List<Path> weightFiles(Path folder, Faults faults) {
    Path index = folder.resolve(INDEX);
    if (Files.isRegularFile(index)) {
      return shards(folder, index, faults);
    }
    Path single = folder.resolve(SINGLE);
    if (!Files.isRegularFile(single)) {
      faults.add(
          single.toString(),
          "missing; expected the weights in " + SINGLE + " or in the files named by " + INDEX);
      return List.of();
    }
    return List.of(single);
  }

  private static List<Path> shards(Path folder, Path index, Faults faults) {
    try {
      JsonNode map = new ObjectMapper().readTree(Files.readString(index)).path("weight_map");
      Set<String> names = new TreeSet<>();
      map.forEach(shard -> names.add(shard.asText()));
      if (names.isEmpty()) {
        faults.add(index.toString(), "names no files; expected a weight_map");
      }
      return names.stream()
          .filter(name -> usable(folder, index, name, faults))
          .map(folder::resolve)
          .toList();
    } catch (JsonProcessingException e) {
      faults.add(index.toString(), "damaged; not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      faults.add(index.toString(), "cannot be read; " + e);
    }
    return List.of();
  }

  private static boolean usable(Path folder, Path index, String name, Faults faults) {
    if (name.contains("/") || name.contains("\\") || !name.endsWith(".safetensors")) {
      faults.add(
          index.toString(),
          "names a file that is not used; got "
              + name
              + ", expected a .safetensors file of the same folder");
      return false;
    }
    if (!Files.isRegularFile(folder.resolve(name))) {
      faults.add(folder.resolve(name).toString(), "missing; named by " + INDEX);
      return false;
    }
    return true;
  }
}
