package steersweep.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A file that a model was exported from or is run from, and what it was then.
 *
 * @param name relative to the checkpoint folder, or absolute where it is not in there
 * @param bytes its size
 * @param hash of all of it, see {@link ContentHash}
 */
public record ModelFile(String name, long bytes, String hash) {
  /**
   * @param folder the checkpoint
   */
  public static ModelFile of(Path folder, Path file, FileHashes hashes) throws IOException {
    Path base = folder.toAbsolutePath().normalize();
    Path path = file.toAbsolutePath().normalize();
    String name = path.startsWith(base) ? base.relativize(path).toString() : path.toString();
    return new ModelFile(name, Files.size(file), hashes.of(file));
  }

  /** What changed since, file by file: {@code model.safetensors: 100 bytes, were 200}. */
  public static List<String> changes(List<ModelFile> files, Path folder, FileHashes hashes) {
    List<String> changes = new ArrayList<>();
    for (ModelFile before : files) {
      Path file = folder.resolve(before.name());
      try {
        changes.addAll(changes(List.of(before), List.of(of(folder, file, hashes))));
      } catch (IOException e) {
        changes.add(file + ": is gone or cannot be read");
      }
    }
    return changes;
  }

  /** The same between two states of a checkpoint. */
  public static List<String> changes(List<ModelFile> before, List<ModelFile> after) {
    Map<String, ModelFile> left = new HashMap<>();
    after.forEach(file -> left.put(file.name(), file));
    List<String> changes = new ArrayList<>();
    for (ModelFile file : before) {
      ModelFile now = left.remove(file.name());
      if (now == null) {
        changes.add(file.name() + ": is gone");
      } else if (now.bytes() != file.bytes()) {
        changes.add(file.name() + ": " + now.bytes() + " bytes, were " + file.bytes());
      } else if (!now.hash().equals(file.hash())) {
        changes.add(file.name() + ": other content");
      }
    }
    left.keySet().stream().sorted().map(name -> name + ": is new").forEach(changes::add);
    return changes;
  }
}
