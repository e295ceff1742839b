package steersweep.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HubCacheTest {
  @TempDir Path folder;

  @Test
  void whatIsInTheCacheIsNamed() throws IOException {
    Path snapshot = Files.createDirectories(folder.resolve("models--org--a-b/snapshots/123"));
    HubCache cache = new HubCache(folder);
    Path model = Path.of("org/a-b");

    assertThat(cache.hint(model)).contains("hf download org/a-b --local-dir models/a-b");
    Files.createFile(snapshot.resolve("config.json"));
    assertThat(cache.hint(model)).isEqualTo("; the hub's cache has it: " + snapshot);
  }

  @Test
  void pathsThatAreNoNamesOnAHubGetNoHint() {
    HubCache cache = new HubCache(folder);

    assertThat(cache.hint(Path.of("model"))).isEmpty();
    assertThat(cache.hint(Path.of("/models/a"))).isEmpty();
    assertThat(cache.hint(Path.of("a/b/c"))).isEmpty();
    assertThat(cache.hint(Path.of("../a"))).isEmpty();
  }

  @Test
  void itIsWhereTheHubsToolsHaveIt() throws IOException {
    make("other/models--o--m/snapshots/1");
    make("home/hub/models--o--m/snapshots/2");
    make("xdg/huggingface/hub/models--o--m/snapshots/3");
    make(".cache/huggingface/hub/models--o--m/snapshots/4");

    assertThat(hint("HF_HUB_CACHE", "other", "HF_HOME", "home")).endsWith("/1");
    assertThat(hint("HF_HOME", "home", "XDG_CACHE_HOME", "xdg")).endsWith("/2");
    assertThat(hint("XDG_CACHE_HOME", "xdg", "HF_HOME", "")).endsWith("/3");
    assertThat(hint("XDG_CACHE_HOME", "", "HF_HOME", "")).endsWith("/4");
  }

  /** With two variables that name folders here. */
  private String hint(String first, String there, String second, String elsewhere) {
    return HubCache.of(Map.of(first, path(there), second, path(elsewhere)), folder.toString())
        .hint(Path.of("o/m"));
  }

  private String path(String name) {
    return name.isEmpty() ? "" : folder.resolve(name).toString();
  }

  private void make(String snapshot) throws IOException {
    Path made = Files.createDirectories(folder.resolve(snapshot));
    Files.writeString(made.resolve("config.json"), "{}");
  }
}
