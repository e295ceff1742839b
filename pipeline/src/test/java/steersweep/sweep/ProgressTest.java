package steersweep.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.plan.Stage;
import steersweep.plan.Unit;
import steersweep.result.RunFolder;

class ProgressTest {
  private static final List<Unit> UNITS =
      List.of(
          new Unit(Stage.SCREEN, 0, 0, 20),
          new Unit(Stage.SCREEN, 1, 20, 25),
          new Unit(Stage.SCREEN, 2, 25, 50));

  @TempDir Path folder;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private RunFolder run;

  @BeforeEach
  void makeTheRun() throws IOException {
    run = TestRuns.run(folder, "k");
  }

  private Progress progress() {
    return new Progress(run, Stage.SCREEN, UNITS, out, false);
  }

  @Test
  void cellsOfUnitsFinishedBeforeCountAsDoneButNotForTheRate() throws IOException {
    TestRuns.finish(run, "unit-000000");

    try (Progress progress = progress()) {
      assertThat(progress.state().line())
          .isEqualTo("screen: 20 of 50 cells, 0 a second, no rate yet");
    }
  }

  @Test
  void aUnitFinishedSinceTheStartGivesARate() throws IOException {
    TestRuns.finish(run, "unit-000000");
    try (Progress progress = progress()) {
      TestRuns.finish(run, "unit-000001");

      assertThat(progress.state().line())
          .matches("screen: 25 of 50 cells, [1-9]\\d* a second, \\d+ s left");
    }
  }

  @Test
  void onlyUnitsOfThisSweepThatAreWhollyWrittenCount() throws IOException {
    TestRuns.finish(run, "unit-000099");
    TestRuns.finish(run, ".unit-000001");
    TestRuns.finish(run, "unit-000001.parquet.tmp");

    try (Progress progress = progress()) {
      assertThat(progress.state().line()).startsWith("screen: 0 of 50 cells, ");
    }
  }

  @Test
  void theLastLineIsWrittenWhenTheSweepEnds() throws IOException {
    Progress progress = progress();
    for (Unit unit : UNITS) {
      TestRuns.finish(run, unit.id());
    }
    progress.close();

    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .matches("screen: 50 of 50 cells, [1-9]\\d* a second, 0 s left\\R");
  }
}
