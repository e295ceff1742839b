package steersweep.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The cache that Hugging Face's tools download into: {@code models--ORGANISATION--NAME/snapshots/
 * COMMIT}, files in it links to {@code blobs/}.
 */
final class HubCache {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][\\w.-]*/[A-Za-z0-9][\\w.-]*");

  private final Path folder;

  HubCache(Path folder) {
    this.folder = folder;
  }

  static HubCache ofThisUser() {
    return of(System.getenv(), System.getProperty("user.home"));
  }

  /** Where huggingface_hub looks: HF_HUB_CACHE, HF_HOME, XDG_CACHE_HOME, the home folder. */
  static HubCache of(Map<String, String> environment, String home) {
    String cache = environment.getOrDefault("HF_HUB_CACHE", "");
    if (!cache.isBlank()) {
      return new HubCache(Path.of(cache));
    }
    String ofHub = environment.getOrDefault("HF_HOME", "");
    if (!ofHub.isBlank()) {
      return new HubCache(Path.of(ofHub, "hub"));
    }
    String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path root = caches.isBlank() ? Path.of(home, ".cache") : Path.of(caches);
    return new HubCache(root.resolve("huggingface").resolve("hub"));
  }

  /**
   * What to say of a model that is not there; empty where its name could be no model's on a hub.
   */
  String hint(Path model) {
    String id = model.toString();
    if (!ID.matcher(id).matches()) {
      return "";
    }
    return snapshot(folder.resolve("models--" + id.replace("/", "--")))
        .map(path -> "; the hub's cache has it: " + path)
        .orElse(
            "; nothing is downloaded here: if this is a model's name on a hub, hf download "
                + id
                + " --local-dir models/"
                + id.substring(id.indexOf('/') + 1));
  }

  /** The newest snapshot of a model's folder in the cache, if it is one and has any. */
  static Optional<Path> snapshot(Path ofModel) {
    Path snapshots = ofModel.resolve("snapshots");
    if (!Files.isDirectory(snapshots)) {
      return Optional.empty();
    }
    try (Stream<Path> entries = Files.list(snapshots)) {
      List<Path> whole =
          entries.filter(path -> Files.exists(path.resolve(ModelConfig.FILE))).toList();
      return whole.stream().max(Comparator.comparing(path -> path.toFile().lastModified()));
    } catch (IOException e) {
      return Optional.empty(); // a hint only
    }
  }
}
