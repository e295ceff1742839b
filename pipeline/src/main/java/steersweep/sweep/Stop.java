package steersweep.sweep;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Optional;
import steersweep.result.Json;
import steersweep.result.RunFolder;

/**
 * Why a sweep ends early. It stands in the run folder, where workers of any runner look before they
 * start a unit; the next sweep of the folder takes it away.
 *
 * @param code exit code of the command
 * @param message what happened, for the user
 */
public record Stop(int code, String message) {
  /** The fault of this program or of the machine. */
  static final int OURS = 1;

  /** The user's input is at fault: the model is not the one that the run was begun with. */
  static final int THEIRS = 2;

  /** A cell failed, and that was to be the end. */
  static final int FAILED_CELL = 3;

  /** Asks every worker to start no further unit; the first who asks is remembered. */
  public void ask(RunFolder run) {
    try {
      if (!Files.exists(run.stopFile())) {
        Json.write(run.stopFile(), this);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(message, e); // what happened first matters more
    }
  }

  /** What was asked for, if anything was. */
  public static Optional<Stop> of(RunFolder run) {
    return Files.exists(run.stopFile())
        ? Optional.of(Json.read(run.stopFile(), Stop.class))
        : Optional.empty();
  }
}
