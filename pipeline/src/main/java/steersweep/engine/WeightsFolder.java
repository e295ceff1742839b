package steersweep.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A folder of weights, by a name that ONNX Runtime can read while it opens a model: Java hands
 * characters beyond U+FFFF to native code as two halves, each of which is written as three bytes,
 * and no file has such a name. A folder with one in its name is given a link without.
 *
 * @param name what the runtime is told
 * @param link to be deleted when the model is open; null where none was needed
 */
record WeightsFolder(String name, @Nullable Path link) implements AutoCloseable {
  private static final String PREFIX = "steersweep-weights-";

  static WeightsFolder of(String folder) throws IOException {
    if (folder.chars().noneMatch(unit -> Character.isSurrogate((char) unit))) {
      return new WeightsFolder(folder, null);
    }
    Path link = Files.createTempDirectory(PREFIX).resolve("folder"); // nobody else's to exchange
    Files.createSymbolicLink(link, Path.of(folder));
    return new WeightsFolder(link.toString(), link);
  }

  @Override
  public void close() throws IOException {
    if (link != null) {
      Files.deleteIfExists(link);
      Files.deleteIfExists(link.getParent());
    }
  }
}
