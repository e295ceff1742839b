package steersweep.result;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * Files that are still there, and whole, after a power loss: a file's content is on the disk before
 * it has its name, and the name is before this returns. Without the first a journaling file system
 * may have kept the name of a file and lost what it held.
 */
final class Durable {
  private Durable() {}

  /** Gives a file that was just written its name. */
  static void move(Path temporary, Path file) throws IOException {
    try (FileChannel content = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      content.force(true);
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    force(Objects.requireNonNull(file.toAbsolutePath().getParent()));
  }

  /** What names a folder has. */
  private static void force(Path folder) throws IOException {
    FileChannel names;
    try {
      names = FileChannel.open(folder);
    } catch (IOException e) {
      return; // not all systems open folders; those that do not keep names their own way
    }
    try (names) {
      names.force(true);
    }
  }
}
