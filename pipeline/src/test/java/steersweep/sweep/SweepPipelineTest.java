package steersweep.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.model.ModelManifest;
import steersweep.model.Processor;
import steersweep.plan.Unit;
import steersweep.result.Json;
import steersweep.result.RunFolder;

/** The pipeline on Beam's direct runner, with units that fail; what succeeds needs a model. */
class SweepPipelineTest {
  private static final SweepSettings SETTINGS = new SweepSettings(List.of(Processor.CPU), 1, 8, 2);
  private static final List<Unit> UNITS =
      List.of(new Unit(0, 0, 2), new Unit(1, 2, 4), new Unit(2, 4, 5));

  @TempDir Path folder;

  private static void assertFailures(RunFolder run, String message) {
    assertThat(run.finishedUnits()).isEmpty();
    assertThat(run.failedUnits()).containsExactly("unit-000000", "unit-000001", "unit-000002");
    for (Unit unit : UNITS) {
      assertThat(Json.read(run.failureFile(unit), JsonNode.class))
          .isEqualTo(
              JsonNodeFactory.instance
                  .objectNode()
                  .put("cells", unit.size())
                  .put("message", message)
                  .put("unit", unit.id()));
    }
  }

  @Test
  void aGraphThatIsMissingFailsEveryUnitAndTheSweepEnds() throws IOException {
    RunFolder run = TestRuns.run(folder, "k");
    Path graph = run.model().resolve("model.onnx");
    Json.write(
        run.model().resolve(ModelManifest.MANIFEST_FILE), TestRuns.model("0.1.0", "f00d", folder));

    SweepPipeline.run(run, UNITS, SETTINGS);

    assertFailures(run, graph + ": cannot be read; java.nio.file.NoSuchFileException: " + graph);
  }

  @Test
  void anExportThatIsMissingFailsEveryUnitAndTheSweepEnds() throws IOException {
    RunFolder run = TestRuns.run(folder, "k");
    Path manifest = run.model().resolve("model.manifest.json");

    SweepPipeline.run(run, UNITS, SETTINGS);

    assertFailures(
        run, manifest + ": cannot be read; java.nio.file.NoSuchFileException: " + manifest);
  }

  @Test
  void aRunWithoutManifestFailsEveryUnitAndTheSweepEnds() throws IOException {
    RunFolder run = TestRuns.run(folder, "k");
    Files.delete(run.manifestFile());

    SweepPipeline.run(run, UNITS, SETTINGS);

    assertFailures(
        run,
        run.manifestFile()
            + ": cannot be read; java.nio.file.NoSuchFileException: "
            + run.manifestFile());
  }

  @Test
  void aFailureOfAnEarlierAttemptIsReplaced() throws IOException {
    RunFolder run = TestRuns.run(folder, "k");
    Files.delete(run.manifestFile());
    Unit unit = UNITS.get(0);
    Json.write(run.failureFile(unit), Map.of("message", "earlier"));

    SweepPipeline.run(run, List.of(unit), SETTINGS);

    assertThat(run.failedUnits()).containsExactly("unit-000000");
    assertThat(Files.readString(run.failureFile(unit)))
        .contains("cannot be read")
        .doesNotContain("earlier");
  }

  @Test
  void aSweepWithNothingToDoEnds() throws IOException {
    RunFolder run = TestRuns.run(folder, "k");

    SweepPipeline.run(run, List.of(), SETTINGS);

    assertThat(run.finishedUnits()).isEmpty();
    assertThat(run.failedUnits()).isEmpty();
  }
}
