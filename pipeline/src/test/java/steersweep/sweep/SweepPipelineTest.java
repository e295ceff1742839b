package steersweep.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.model.ModelManifest;
import steersweep.model.Processor;
import steersweep.plan.Stage;
import steersweep.plan.Unit;
import steersweep.result.Json;
import steersweep.result.RunFolder;

/** The pipeline on Beam's direct runner, where no unit can be run; what succeeds needs a model. */
class SweepPipelineTest {
  private static final SweepSettings SETTINGS = new SweepSettings(List.of(Processor.CPU), 1, 8, 2);
  private static final List<Unit> UNITS =
      List.of(
          new Unit(Stage.SCREEN, 0, 0, 2),
          new Unit(Stage.SCREEN, 1, 2, 4),
          new Unit(Stage.SCREEN, 2, 4, 5));

  @TempDir Path folder;

  @AfterEach
  void close() {
    SweepPipeline.close();
  }

  private static void assertStopped(RunFolder run, int code, String message) {
    assertThat(run.finishedUnits(Stage.SCREEN)).isEmpty();
    assertThat(run.failedUnits(Stage.SCREEN)).isEmpty();
    assertThat(Stop.of(run)).contains(new Stop(code, message));
  }

  @Test
  void aGraphThatIsMissingStopsTheSweep() throws IOException {
    RunFolder run = TestRuns.run(folder, "k");
    Path graph = run.model().resolve("model.onnx");
    Json.write(
        run.model().resolve(ModelManifest.MANIFEST_FILE), TestRuns.model("0.1.0", "f00d", folder));

    SweepPipeline.run(run, UNITS, SETTINGS);

    assertStopped(run, 1, graph + ": cannot be read; no such file or folder: " + graph);
  }

  @Test
  void anExportThatIsMissingStopsTheSweep() throws IOException {
    RunFolder run = TestRuns.run(folder, "k");
    Path manifest = run.model().resolve("model.manifest.json");

    SweepPipeline.run(run, UNITS, SETTINGS);

    assertStopped(run, 2, manifest + ": cannot be read; no such file or folder: " + manifest);
  }

  @Test
  void aSweepThatWasAskedToStopStartsNoUnit() throws IOException {
    RunFolder run = TestRuns.run(folder, "k");
    Stop first = new Stop(7, "enough");
    first.ask(run);
    new Stop(8, "later").ask(run);

    SweepPipeline.run(run, UNITS, SETTINGS);

    assertStopped(run, 7, "enough");
    run.prepare();
    assertThat(Stop.of(run)).isEmpty();
  }

  @Test
  void aRunFolderThatVanishesEndsTheSweepWithItsName() throws IOException {
    RunFolder run = new RunFolder(folder.resolve("gone"));

    assertThatThrownBy(() -> SweepPipeline.run(run, UNITS, SETTINGS))
        .hasMessageContaining(run.path().toString());
  }

  @Test
  void aSweepWithNothingToDoEnds() throws IOException {
    RunFolder run = TestRuns.run(folder, "k");

    SweepPipeline.run(run, List.of(), SETTINGS);

    assertThat(run.finishedUnits(Stage.SCREEN)).isEmpty();
    assertThat(run.failedUnits(Stage.SCREEN)).isEmpty();
  }
}
