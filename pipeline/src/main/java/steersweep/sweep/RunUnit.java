package steersweep.sweep;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.beam.sdk.transforms.DoFn;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import steersweep.error.UserError;
import steersweep.plan.Unit;
import steersweep.result.RunFolder;
import steersweep.result.UnitLog;

/**
 * Beam's view of the work: a unit goes in, files are written, its id comes out if it was finished.
 * Cells that fail are rows of the unit; what would fail every unit stops the sweep.
 */
final class RunUnit extends DoFn<Unit, String> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(RunUnit.class);

  private final String runFolder;
  private final SweepSettings settings;

  RunUnit(RunFolder run, SweepSettings settings) {
    this.runFolder = run.path().toAbsolutePath().normalize().toString();
    this.settings = settings;
  }

  @ProcessElement
  public void processElement(@Element Unit unit, OutputReceiver<String> finished)
      throws InterruptedException {
    RunFolder run = new RunFolder(Path.of(runFolder));
    Workers.enter(runFolder, unit);
    try {
      if (!Files.exists(run.file(unit))) {
        if (Files.exists(run.stopFile())) {
          return;
        }
        run.log().write(UnitLog.STARTED, unit.name());
        try (UnderWay progress = new UnderWay(run, unit)) {
          Workers.run(new Workers.Job(runFolder, settings), unit, progress);
        }
        run.log().write(UnitLog.FINISHED, unit.name());
      }
      finished.output(unit.name());
    } catch (StopSweep e) {
      LOG.error("{}: {}", unit.name(), e.getMessage(), e);
      e.stop().ask(run);
    } catch (UserError e) {
      LOG.error("{}: {}", unit.id(), e.getMessage(), e);
      new Stop(Stop.THEIRS, String.valueOf(e.getMessage())).ask(run);
    } catch (UncheckedIOException e) {
      LOG.error("{}: {}", unit.name(), e.getMessage(), e);
      new Stop(Stop.OURS, String.valueOf(e.getMessage())).ask(run);
    } finally {
      Workers.leave(runFolder, unit);
    }
  }
}
