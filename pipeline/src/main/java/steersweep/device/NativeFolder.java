package steersweep.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import steersweep.model.CacheFolder;
import steersweep.result.IoFaults;

/**
 * Where the libraries that this program uses unpack their native parts: a folder that nobody else
 * can write, since what lies there is run. Left alone, most of them take the temporary folder, and
 * one of them a folder in there whose name anybody knows.
 */
public final class NativeFolder {
  /** The name of the folder that was taken. */
  private static final String TAKEN = "steersweep.native.folder";

  /** Snappy's, zstd's, JNA's and JLine's own properties. */
  private static final List<String> UNPACK_TO =
      List.of("org.xerial.snappy.tempdir", "ZstdTempFolder", "jna.tmpdir", "jline.tmpdir");

  /** The tokenizer library's, as a property or in the environment. */
  private static final String TOKENIZERS = "ENGINE_CACHE_DIR";

  private static final Logger LOG = LoggerFactory.getLogger(NativeFolder.class);

  private NativeFolder() {}

  /**
   * To be called before any of the libraries is. Where one was told another folder, that stays.
   *
   * @throws UncheckedIOException when there is no folder that nobody else can write
   */
  public static synchronized Path use() {
    String taken = System.getProperty(TAKEN);
    if (taken != null) {
      return Path.of(taken);
    }
    Path folder = choose(CacheFolder.ofThisUser(), Path.of(System.getProperty("java.io.tmpdir")));
    System.setProperty(TAKEN, folder.toString());
    UNPACK_TO.forEach(property -> setUnlessSet(property, folder.toString()));
    if (System.getenv("DJL_CACHE_DIR") == null && System.getenv(TOKENIZERS) == null) {
      setUnlessSet(TOKENIZERS, folder.resolve("tokenizers").toString());
    }
    return folder;
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /**
   * @param cache a folder in it, if that can be had
   * @param temporary otherwise a new folder in it, for this process alone
   */
  static Path choose(Path cache, Path temporary) {
    String why;
    try {
      return owned(cache);
    } catch (IOException e) {
      why = IoFaults.words(e);
      LOG.info("{}: native libraries are not unpacked there: {}", cache, why);
    }
    try {
      Path folder = Files.createTempDirectory(temporary, "steersweep-native-"); // 0700
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder), "native folder"));
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "native libraries cannot be unpacked; got %s (%s) and %s (%s), expected a folder that only"
                  .formatted(cache, why, temporary, IoFaults.words(e))
              + " this user can write: XDG_CACHE_HOME=DIR names one",
          e);
    }
  }

  private static Path owned(Path cache) throws IOException {
    Path folder = cache.resolve("native");
    Files.createDirectories(cache);
    boolean posix = Files.getFileStore(cache).supportsFileAttributeView("posix");
    try {
      if (posix) {
        Files.createDirectory(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } else {
        Files.createDirectory(folder);
      }
    } catch (FileAlreadyExistsException e) {
      // looked at like a new one
    }
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new IOException(folder + " is no folder");
    }
    if (posix) {
      requireMine(folder);
    }
    Files.delete(Files.createTempFile(folder, "test", null));
    return folder;
  }

  private static void requireMine(Path folder) throws IOException {
    Path self = Path.of("/proc/self");
    if (Files.exists(self)
        && !Files.getAttribute(folder, "unix:uid").equals(Files.getAttribute(self, "unix:uid"))) {
      throw new IOException(folder + " belongs to another user");
    }
    Set<PosixFilePermission> others =
        Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
    if (Files.getPosixFilePermissions(folder).stream().anyMatch(others::contains)) {
      throw new IOException(folder + " can be written by others");
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException | UncheckedIOException e) {
      // the next process deletes what is left
    }
  }
}
