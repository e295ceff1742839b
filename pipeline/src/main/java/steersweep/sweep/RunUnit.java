package steersweep.sweep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.beam.sdk.transforms.DoFn;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import steersweep.plan.Unit;
import steersweep.result.Json;
import steersweep.result.RunFolder;
import steersweep.result.UnitLog;

/**
 * Beam's view of the work: a unit goes in, files are written, its id comes out if it was finished.
 * What fails is written down and does not stop the sweep.
 */
final class RunUnit extends DoFn<Unit, String> {
  private static final long serialVersionUID = 1L;
  private static final Logger LOG = LoggerFactory.getLogger(RunUnit.class);

  private final String runFolder;
  private final String key;
  private final SweepSettings settings;

  RunUnit(RunFolder run, SweepSettings settings) {
    this.runFolder = run.path().toAbsolutePath().normalize().toString();
    this.key = run.manifest().key();
    this.settings = settings;
  }

  @ProcessElement
  public void processElement(@Element Unit unit, OutputReceiver<String> finished)
      throws IOException, InterruptedException {
    RunFolder run = new RunFolder(Path.of(runFolder));
    Workers.enter(runFolder, unit);
    try {
      if (!Files.exists(run.completionsFile(unit))) {
        run.log().write(UnitLog.STARTED, unit.id());
        Workers.run(new Workers.Job(runFolder, key, settings), unit);
        run.log().write(UnitLog.FINISHED, unit.id());
      }
      Files.deleteIfExists(run.failureFile(unit));
      finished.output(unit.id());
    } catch (RuntimeException e) {
      LOG.error("{} failed: {}", unit.id(), e.getMessage(), e);
      Json.write(
          run.failureFile(unit),
          Map.of(
              "unit", unit.id(), "cells", unit.size(), "message", String.valueOf(e.getMessage())));
    } finally {
      Workers.leave(runFolder, unit);
    }
  }
}
