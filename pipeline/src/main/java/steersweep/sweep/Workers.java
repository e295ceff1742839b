package steersweep.sweep;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import steersweep.result.RunFolder;

/**
 * The one engine of this process: opened by the first unit that needs it, kept for all that follow.
 */
final class Workers {
  private static @Nullable UnitRunner runner;
  private static @Nullable String runFolder;

  private Workers() {}

  static synchronized UnitRunner get(String folder, SweepSettings settings) {
    UnitRunner current = runner;
    if (current != null && folder.equals(runFolder)) {
      return current;
    }
    close();
    UnitRunner opened = UnitRunner.open(new RunFolder(Path.of(folder)), settings);
    runner = opened;
    runFolder = folder;
    return opened;
  }

  static synchronized void close() {
    UnitRunner current = runner;
    runner = null;
    runFolder = null;
    if (current != null) {
      current.close();
    }
  }
}
