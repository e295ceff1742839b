package steersweep.result;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** What is wrong with files, in words: Java's own messages often are a path and nothing else. */
public final class IoFaults {
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
}
