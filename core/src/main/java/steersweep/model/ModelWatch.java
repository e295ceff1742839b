package steersweep.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Sees in a moment, without reading them, that a model's files are not what they were: weights are
 * mapped, so that a model whose files are written to goes on with other numbers, or ends the
 * process where they are shorter now.
 */
public final class ModelWatch {
  private final Map<Path, String> before = new LinkedHashMap<>();

  /** From now on. */
  public ModelWatch(List<ModelFile> files, Path folder) {
    for (ModelFile file : files) {
      Path path = folder.resolve(file.name());
      before.put(path, state(path));
    }
  }

  /** Files that were written to or exchanged since. */
  public List<Path> changed() {
    List<Path> changed = new ArrayList<>();
    before.forEach(
        (file, state) -> {
          if (!state(file).equals(state)) {
            changed.add(file);
          }
        });
    return changed;
  }

  private static String state(Path file) {
    try {
      return FileHashes.state(file.toRealPath());
    } catch (IOException e) {
      return "gone";
    }
  }
}
