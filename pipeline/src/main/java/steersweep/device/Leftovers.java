package steersweep.device;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.stream.Stream;
import steersweep.model.CacheFolder;

/** Folders and libraries that killed processes of this program left behind. */
public final class Leftovers {
  /** No process of this program needs such a folder for so long without writing to it. */
  private static final Duration ABANDONED_BY_NOW = Duration.ofDays(2);

  private Leftovers() {}

  /**
   * Deletes what is this user's and old enough; says nothing of what it cannot delete.
   *
   * @param temporary the temporary folder, where only our own names count
   * @param natives where libraries unpack their native parts, each start another copy
   */
  public static void delete(Path temporary, Path natives) {
    deleteIn(temporary, "steersweep-{export,flink-,native-,weights-}[0-9]*");
    deleteIn(CacheFolder.ofThisUser(), ".onnxruntime-*");
    deleteIn(natives, "{snappy,libzstd,jna,jline}*");
  }

  private static void deleteIn(Path folder, String names) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, names)) {
      for (Path file : files) {
        if (isAbandoned(file)) {
          deleteAll(file);
        }
      }
    } catch (IOException | DirectoryIteratorException | UncheckedIOException e) {
      // another user's, or another process was faster
    }
  }

  private static boolean isAbandoned(Path file) throws IOException {
    Instant written = Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant();
    return Duration.between(written, Instant.now()).compareTo(ABANDONED_BY_NOW) > 0
        && Files.isWritable(file)
        && !Files.isSymbolicLink(file);
  }

  private static void deleteAll(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
