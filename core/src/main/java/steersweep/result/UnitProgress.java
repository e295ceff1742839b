package steersweep.result;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import steersweep.plan.Phase;
import steersweep.plan.Unit;

/**
 * How far a unit is that is under way. Whichever process runs it writes this into a small file of
 * the run folder, and whoever shows the sweep's progress reads it; nothing else depends on it, so
 * that neither minds a file that is missing or half-written.
 *
 * @param done the part that is done, 0 to 1
 */
public record UnitProgress(Phase phase, double done) {

  public void write(RunFolder run, Unit unit) {
    try {
      if (!Files.isDirectory(run.progress())) {
        Files.createDirectory(run.progress()); // not the run folder too, which may have vanished
      }
      Files.writeString(run.progressFile(unit), phase.name() + " " + done);
    } catch (IOException e) {
      // the unit matters, and says itself when it cannot be written
    }
  }

  /** Empty where the unit is not under way. */
  public static Optional<UnitProgress> read(RunFolder run, Unit unit) {
    try {
      String[] words = Files.readString(run.progressFile(unit)).split(" ", 2);
      double done = Double.parseDouble(words[words.length - 1]);
      return Optional.of(new UnitProgress(Phase.valueOf(words[0]), Math.max(0, Math.min(1, done))));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  public static void delete(RunFolder run, Unit unit) {
    try {
      Files.deleteIfExists(run.progressFile(unit));
    } catch (IOException e) {
      // see above
    }
  }
}
