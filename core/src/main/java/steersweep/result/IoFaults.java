package steersweep.result;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is wrong with files, in words: Java's own messages often are a path and nothing else. */
public final class IoFaults {
  private static final Logger LOG = LoggerFactory.getLogger(IoFaults.class);

  private IoFaults() {}

  /** {@code no space left on device}, {@code permission denied}, {@code no such file or folder}. */
  public static String words(IOException fault) {
    if (fault instanceof NoSuchFileException missing) {
      return "no such file or folder: " + missing.getFile();
    }
    if (fault instanceof AccessDeniedException denied) {
      return "permission denied: " + denied.getFile();
    }
    if (fault instanceof FileSystemException of && of.getReason() != null) {
      return of.getReason();
    }
    return fault.getMessage() == null ? fault.toString() : fault.getMessage();
  }

  /** The same, with the file that Java says it is about. */
  public static String withFile(IOException fault) {
    return fault instanceof FileSystemException of && of.getReason() != null
        ? of.getFile() + ": " + of.getReason()
        : words(fault);
  }

  /** Gives the space back, where the disk is full; why writing failed matters more. */
  static void deleteQuietly(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      LOG.info("{}: cannot be deleted: {}", temporary, e.toString());
    }
  }
}
