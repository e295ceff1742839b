package steersweep.sweep;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import steersweep.model.Processor;
import steersweep.result.Json;
import steersweep.result.LogitLens;
import steersweep.result.RunFolder;

/** The step before the report: a few cells of a run are read with the logit lens. */
public final class Lenses {
  private Lenses() {}

  /**
   * Writes {@code lens.json}, unless it is there already. Opens the model once more, on the first
   * of the settings' processors.
   *
   * @param cells keys of steered cells
   * @throws UncheckedIOException naming the file
   */
  public static void write(RunFolder run, SweepSettings settings, List<Long> cells) {
    if (cells.isEmpty() || LogitLens.of(run, cells) != null) {
      return;
    }
    Processor processor = settings.processors().get(0);
    try (UnitRunner runner = UnitRunner.open(run, settings, processor, phase -> {})) {
      Json.write(run.lensFile(), runner.lens(cells));
    } catch (IOException e) {
      throw new UncheckedIOException(String.valueOf(e.getMessage()), e);
    }
  }
}
