package steersweep.sweep;

import java.util.List;
import steersweep.model.Processor;
import steersweep.result.LogitLens;
import steersweep.result.RunFolder;

/** Reads a few cells of a run with the logit lens. */
public final class Lenses {
  private Lenses() {}

  /**
   * Opens the model once more, on the first of the settings' processors.
   *
   * @param cells keys of steered cells
   */
  public static LogitLens read(RunFolder run, SweepSettings settings, List<Long> cells) {
    Processor processor = settings.processors().get(0);
    try (UnitRunner runner = UnitRunner.open(run, settings, processor, phase -> {})) {
      return runner.lens(cells);
    }
  }
}
