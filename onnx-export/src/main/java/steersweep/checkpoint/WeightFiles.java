package steersweep.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.result.TextFile;

/**
 * Finds the weights in a checkpoint folder: one file, or shards and their index. Where both are
 * there, the one file is read and the index left alone, as transformers does.
 */
final class WeightFiles {
  static final String SINGLE = "model.safetensors";
  static final String INDEX = "model.safetensors.index.json";

  private final Path folder;
  private final Path index;
  private final Faults faults;
  private final Map<String, StoredTensor> tensors = new LinkedHashMap<>();

  /** Names of files that are missing or damaged: what they hold is not known. */
  private final Set<String> unknown = new HashSet<>();

  private WeightFiles(Path folder, Faults faults) {
    this.folder = folder;
    this.index = folder.resolve(INDEX);
    this.faults = faults;
  }

  /** Every tensor by name; what is wrong goes to {@code faults}, all of it. */
  static Map<String, StoredTensor> read(Path folder, Faults faults) {
    WeightFiles files = new WeightFiles(folder, faults);
    if (Files.isRegularFile(folder.resolve(SINGLE))) {
      files.add(folder.resolve(SINGLE));
    } else if (Files.isRegularFile(files.index)) {
      files.addShards();
    } else {
      faults.add(folder.resolve(SINGLE).toString(), "missing; " + expected(folder));
    }
    return files.tensors;
  }

  private void add(Path file) {
    int faultsBefore = faults.all().size();
    SafetensorsFile contents = SafetensorsFile.read(file, faults);
    if (faults.all().size() > faultsBefore) {
      unknown.add(file.getFileName().toString());
    }
    for (StoredTensor tensor : contents.tensors()) {
      StoredTensor other = tensors.putIfAbsent(tensor.name(), tensor);
      if (other != null) {
        faults.add(
            file.toString(), tensor.name() + " stands in " + other.file().getFileName() + " too");
      }
    }
  }

  private void addShards() {
    Map<String, String> shardOf = shardOf();
    for (String shard : new TreeSet<>(shardOf.values())) {
      if (usable(shard)) {
        add(folder.resolve(shard));
      } else {
        unknown.add(shard);
      }
    }
    checkIndex(shardOf);
  }

  /** The index: name of each tensor to name of its file. */
  private Map<String, String> shardOf() {
    Map<String, String> shardOf = new LinkedHashMap<>();
    try {
      JsonNode map = new ObjectMapper().readTree(TextFile.read(index)).path("weight_map");
      map.properties().forEach(entry -> shardOf.put(entry.getKey(), entry.getValue().asText()));
      if (shardOf.isEmpty()) {
        faults.add(index.toString(), "names no files; expected a weight_map");
      }
    } catch (JsonProcessingException e) {
      faults.add(index.toString(), "damaged; not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      faults.add(index.toString(), "cannot be read; " + e);
    }
    return shardOf;
  }

  private boolean usable(String name) {
    if (!isPlainName(name) || !name.endsWith(".safetensors")) {
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

  private static boolean isPlainName(String name) {
    try {
      return !name.contains("\\") && Path.of(name).getNameCount() == 1 && !name.contains("/");
    } catch (InvalidPathException e) {
      return false;
    }
  }

  /** One fault for all tensors that should lie in the same file and lie in the same other one. */
  private void checkIndex(Map<String, String> shardOf) {
    Map<String, List<String>> misplaced = new TreeMap<>();
    shardOf.forEach(
        (name, shard) -> {
          StoredTensor tensor = tensors.get(name);
          String found = tensor == null ? "" : tensor.file().getFileName().toString();
          boolean mayBeThere = tensor == null && !unknown.isEmpty();
          if (!found.equals(shard) && !mayBeThere) {
            misplaced
                .computeIfAbsent(
                    "should lie in "
                        + shard
                        + " and "
                        + (tensor == null ? "lies in no file" : "lies in " + found),
                    places -> new ArrayList<>())
                .add(name);
          }
        });
    misplaced.forEach(
        (places, names) ->
            faults.add(index.toString(), DataCoverage.withCount(names) + " " + places));
  }

  // ---- no weights ----

  /** What to do about a folder without weights, by what it has instead. */
  private static String expected(Path folder) {
    List<String> names = names(folder);
    List<String> pickled = names.stream().filter(n -> n.matches("pytorch_model.*\\.bin")).toList();
    List<String> original = names.stream().filter(n -> n.endsWith(".pth")).toList();
    List<String> shards =
        names.stream().filter(n -> n.matches("model-\\d+-of-\\d+\\.safetensors")).toList();
    if (!shards.isEmpty()) {
      return "got "
          + DataCoverage.withCount(shards)
          + ", expected "
          + INDEX
          + " beside them, which names them";
    }
    if (!pickled.isEmpty()) {
      return notRead(pickled) + "; to make it: " + save(folder, ", dtype='auto'");
    }
    if (!original.isEmpty()) {
      return notRead(original) + "; take the model in the transformers format";
    }
    return "expected the weights in " + SINGLE + " or in the files named by " + INDEX;
  }

  /**
   * @throws UserError where a folder has GGUF files and no others: each of them is a checkpoint
   */
  static void requireNotOfGguf(Path folder) {
    List<String> names = names(folder);
    List<String> gguf = names.stream().filter(name -> name.endsWith(".gguf")).toList();
    if (!gguf.isEmpty() && !names.contains(SINGLE) && !names.contains(INDEX)) {
      throw new UserError(
          folder.toString(),
          "got a folder with "
              + String.join(", ", gguf)
              + ", expected the file itself: "
              + folder.resolve(gguf.get(0)));
    }
  }

  private static List<String> names(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be read: " + e, e);
    }
  }

  private static String notRead(List<String> files) {
    return "got " + DataCoverage.withCount(files) + ", which is not read, expected " + SINGLE;
  }

  private static String save(Path folder, String options) {
    return ("python3 -c \"from transformers import AutoModelForCausalLM as M;"
            + " M.from_pretrained('%1$s'%2$s).save_pretrained('%1$s')\"")
        .formatted(folder, options);
  }
}
