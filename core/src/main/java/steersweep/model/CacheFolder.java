package steersweep.model;

import java.nio.file.Path;
import java.util.Map;

/** Where this program keeps what it can make again, for this user; safe to delete at any time. */
public final class CacheFolder {
  private CacheFolder() {}

  public static Path ofThisUser() {
    return of(System.getenv(), System.getProperty("user.home"));
  }

  /** By the XDG base directory specification. */
  public static Path of(Map<String, String> environment, String home) {
    String caches = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path folder = caches.isBlank() ? Path.of(home, ".cache") : Path.of(caches);
    return folder.resolve("steersweep");
  }
}
