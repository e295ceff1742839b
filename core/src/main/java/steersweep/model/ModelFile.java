package steersweep.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import steersweep.gguf.GgufFile;

/**
 * A file that a model was exported from or is run from, and what it was then.
 *
 * @param name relative to the checkpoint's folder, or absolute where it is not in there
 * @param bytes its size
 * @param hash of all of it, see {@link ContentHash}
 */
public record ModelFile(String name, long bytes, String hash) {
  /**
   * @param checkpoint a folder, or a single file
   */
  public static ModelFile of(Path checkpoint, Path file, FileHashes hashes) throws IOException {
    Path base = folder(checkpoint);
    Path path = file.toAbsolutePath().normalize();
    String name = path.startsWith(base) ? base.relativize(path).toString() : path.toString();
    return new ModelFile(name, Files.size(file), hashes.of(file));
  }

  /** What changed since, file by file: {@code model.safetensors: 100 bytes, were 200}. */
  public static List<String> changes(List<ModelFile> files, Path checkpoint, FileHashes hashes) {
    List<String> changes = new ArrayList<>();
    for (ModelFile before : files) {
      Path file = folder(checkpoint).resolve(before.name());
      try {
        changes.addAll(changes(List.of(before), List.of(of(checkpoint, file, hashes))));
      } catch (IOException e) {
        changes.add(file + ": is gone or cannot be read");
      }
    }
    return changes;
  }

  /** Of a checkpoint that is gone, too: what has a name like a file was one. */
  private static Path folder(Path checkpoint) {
    Path path = checkpoint.toAbsolutePath().normalize();
    return GgufFile.isOne(path) ? path.resolveSibling("") : path;
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
