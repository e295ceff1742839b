package steersweep.checkpoint;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import steersweep.model.ContentHash;

/**
 * A large file being written: beside its place and under a name of its own, until it is moved
 * there. It is locked as long as it is written, and the system takes the lock from a process that
 * dies: so others see which ones nobody will finish.
 */
final class TemporaryFile implements Closeable {
  /** Process ids would repeat from container to container. */
  private static final String THIS_PROCESS = UUID.randomUUID().toString();

  /** Longer than it takes to lock a file just made. */
  private static final Duration LOCKED_BY_NOW = Duration.ofSeconds(10);

  /** Where files cannot be locked: longer than a writer ever pauses. */
  private static final Duration ABANDONED_BY_NOW = Duration.ofHours(6);

  private final Path path;
  private final FileChannel channel;
  private final ContentHash hash = new ContentHash();

  private TemporaryFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /** A new empty file, with the permissions that new files have. */
  static TemporaryFile beside(Path file) throws IOException {
    return beside(file, Set.of());
  }

  /**
   * A new empty file.
   *
   * @param permissions who may do what with it; empty where the file system does not know
   */
  static TemporaryFile beside(Path file, Set<PosixFilePermission> permissions) throws IOException {
    Path path =
        file.resolveSibling(
            "." + file.getFileName() + "." + THIS_PROCESS + "." + UUID.randomUUID() + ".tmp");
    FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    path.toFile().deleteOnExit();
    if (!permissions.isEmpty()) {
      Files.setPosixFilePermissions(path, permissions);
    }
    lock(channel);
    return new TemporaryFile(path, channel);
  }

  /** Deletes the temporary files that other processes left in a folder when they were killed. */
  static void deleteAbandoned(Path folder) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, ".*.safetensors.*.*.tmp")) {
      for (Path file : files) {
        if (!file.toString().contains(THIS_PROCESS) && isAbandoned(file)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // no folder yet, or one that is only read: either way the next process tidies up
    }
  }

  private static boolean isAbandoned(Path file) throws IOException {
    Instant written = Files.getLastModifiedTime(file).toInstant();
    Duration age = Duration.between(written, Instant.now());
    if (age.compareTo(LOCKED_BY_NOW) < 0) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock != null;
    } catch (IOException e) {
      return age.compareTo(ABANDONED_BY_NOW) > 0;
    }
  }

  /** Held until the channel is closed. */
  @SuppressWarnings("unused")
  private static void lock(FileChannel channel) {
    try {
      FileLock lock = channel.tryLock();
    } catch (IOException e) {
      // a file system without locks: there, age alone tells
    }
  }

  void write(ByteBuffer bytes) throws IOException {
    hash.update(bytes);
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Of all that was written; after the last of it. */
  String hash() {
    return hash.digits();
  }

  /** Puts the file into its place, whole and on the disk. */
  void moveTo(Path file) throws IOException {
    channel.force(true);
    Files.move(path, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Deletes the file unless it was moved. */
  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      Files.deleteIfExists(path);
    }
  }
}
