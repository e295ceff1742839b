package steersweep.device;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Finds shared libraries where the dynamic loader would (ld.so(8)): LD_LIBRARY_PATH, the folders
 * that the asking library names, the loader's cache, the system's own folders.
 */
final class LibrarySearch {
  private static final List<String> SYSTEM = List.of("/lib64", "/usr/lib64", "/lib", "/usr/lib");
  private static final Pattern CACHED =
      Pattern.compile("(?m)^\\s*(\\S+) \\([^)]*x86-64[^)]*\\) => (/.*)$");

  private final Host host;
  private final List<String> libraryPath;
  private final Map<String, String> cache = new LinkedHashMap<>();

  LibrarySearch(Host host) {
    this.host = host;
    this.libraryPath = folders(host.environment().getOrDefault("LD_LIBRARY_PATH", ""));
    String cached =
        Stream.of("ldconfig", "/sbin/ldconfig", "/usr/sbin/ldconfig")
            .flatMap(command -> host.run(command, "-p").stream())
            .findFirst()
            .orElse("");
    Matcher matcher = CACHED.matcher(cached);
    while (matcher.find()) {
      cache.putIfAbsent(matcher.group(1), matcher.group(2));
    }
  }

  private static List<String> folders(String path) {
    return Arrays.stream(path.split("[:;]")).filter(folder -> !folder.isEmpty()).toList();
  }

  /**
   * @param asking the library that needs it
   * @param folder where that one is
   */
  Optional<Path> find(String name, SharedLibrary asking, Path folder) {
    List<Path> folders = new ArrayList<>();
    libraryPath.forEach(entry -> folders.add(place(entry)));
    for (String entry : asking.searched()) {
      String own = folder.toString();
      folders.add(
          entry.contains("ORIGIN")
              ? Path.of(entry.replace("${ORIGIN}", own).replace("$ORIGIN", own))
              : place(entry));
    }
    Optional<Path> found = in(folders, name);
    return found
        .or(() -> Optional.ofNullable(cache.get(name)).map(host::path).filter(Files::exists))
        .or(() -> in(SYSTEM.stream().map(this::place).toList(), name));
  }

  private Path place(String folder) {
    return folder.startsWith("/") ? host.path(folder) : Path.of(folder);
  }

  private static Optional<Path> in(List<Path> folders, String name) {
    return folders.stream().map(folder -> folder.resolve(name)).filter(Files::exists).findFirst();
  }
}
