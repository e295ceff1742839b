package steersweep.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.plan.Phase;
import steersweep.plan.Stage;
import steersweep.plan.Unit;
import steersweep.result.RunFolder;
import steersweep.result.UnitProgress;

class SweepProgressTest {
  private static final List<Unit> UNITS =
      List.of(
          new Unit(Stage.SCREEN, 0, 0, 20),
          new Unit(Stage.SCREEN, 1, 20, 25),
          new Unit(Stage.SCREEN, 2, 25, 50));

  @TempDir Path folder;

  private final List<SweepState> states = new ArrayList<>();
  private RunFolder run;

  @BeforeEach
  void makeTheRun() throws IOException {
    run = TestRuns.run(folder, "k");
  }

  /** Looks only when a phase begins and ends. */
  private SweepProgress progress() {
    return new SweepProgress(run, states::add, Duration.ofDays(1));
  }

  private SweepState last() {
    return states.get(states.size() - 1);
  }

  @Test
  void cellsOfUnitsFinishedBeforeCountAsDoneButNotForTheRate() throws IOException {
    TestRuns.finish(run, "unit-000000");

    try (SweepProgress progress = progress()) {
      progress.begin(Stage.SCREEN, UNITS);
    }

    assertThat(last().line()).isEqualTo("screen: 20 of 50 cells, 0:00");
  }

  @Test
  void cellsOfAUnitUnderWayCountByItsPart() throws IOException {
    TestRuns.finish(run, "unit-000001");

    try (SweepProgress progress = progress()) {
      progress.begin(Stage.SCREEN, UNITS);
      new UnitProgress(Phase.SCREEN, 0.5).write(run, UNITS.get(0));
      new UnitProgress(Phase.OPEN, 0).write(run, UNITS.get(2));
    }

    assertThat(last().line()).isEqualTo("screen: 15 of 50 cells, 0:00");
  }

  @Test
  void aUnitThatIsBegunAgainTakesNothingBack() throws IOException {
    try (SweepProgress progress = progress()) {
      progress.begin(Stage.SCREEN, UNITS);
      new UnitProgress(Phase.SCREEN, 0.5).write(run, UNITS.get(0));
      progress.begin(Phase.CHOOSE); // looks
      SweepState before = states.get(1);
      assertThat(before.done()).isEqualTo(10);
    }
    StageCount count = new StageCount(run, Stage.SCREEN, UNITS, 0);
    count.look(1);
    new UnitProgress(Phase.SCREEN, 0.1).write(run, UNITS.get(0));
    count.look(2);

    assertThat(count.done()).isEqualTo(10);
  }

  @Test
  void whatAllUnitsUnderWayAreAtIsThePhase() {
    StageCount count = new StageCount(run, Stage.SCREEN, UNITS, 0);
    new UnitProgress(Phase.MEASURE, 0).write(run, UNITS.get(0));
    count.look(1);
    assertThat(count.phase()).isEqualTo(Phase.MEASURE);

    new UnitProgress(Phase.SCREEN, 0.1).write(run, UNITS.get(1));
    count.look(2);
    assertThat(count.phase()).isEqualTo(Phase.SCREEN);

    UnitProgress.delete(run, UNITS.get(0));
    UnitProgress.delete(run, UNITS.get(1));
    count.look(3);
    assertThat(count.phase()).isEqualTo(Phase.SCREEN);
  }

  @Test
  void theRateIsThatOfTheLastMinute() {
    StageCount count = new StageCount(run, Stage.SCREEN, UNITS, 0);
    new UnitProgress(Phase.SCREEN, 0.5).write(run, UNITS.get(0));
    count.look(40);
    assertThat(count.rate()).isEqualTo(10 / 40.0);

    new UnitProgress(Phase.SCREEN, 0.9).write(run, UNITS.get(0));
    count.look(70);
    assertThat(count.rate()).isEqualTo(8 / 30.0);

    count.look(131);
    assertThat(count.rate()).isZero();
  }

  @Test
  void onlyUnitsOfThisSweepThatAreWhollyWrittenCount() throws IOException {
    TestRuns.finish(run, "unit-000099");
    TestRuns.finish(run, ".unit-000001");
    TestRuns.finish(run, "unit-000001.parquet.tmp");
    Files.createDirectories(run.path().resolve("progress"));
    Files.writeString(run.path().resolve("progress/screen-unit-000000"), "SCREEN");
    Files.writeString(run.path().resolve("progress/screen-unit-000001"), "");

    try (SweepProgress progress = progress()) {
      progress.begin(Stage.SCREEN, UNITS);
    }

    assertThat(last().line()).startsWith("screen: 0 of 50 cells, ");
  }

  @Test
  void phasesAreToldWhenTheyBeginAndStagesWhenTheyEndToo() throws IOException {
    try (SweepProgress progress = progress()) {
      progress.begin(Phase.OPEN);
      progress.begin(Stage.SCREEN, UNITS);
      for (Unit unit : UNITS) {
        TestRuns.finish(run, unit.id());
      }
      progress.begin(Phase.REPORT);
    }

    assertThat(states)
        .extracting(SweepState::line)
        .containsExactly(
            "open: 0:00",
            "screen: 0 of 50 cells, 0:00",
            "screen: 50 of 50 cells, 0:00",
            "report: 0:00");
  }

  @Test
  void theClockRunsWhereNothingElseMoves() throws InterruptedException {
    try (SweepProgress progress = new SweepProgress(run, states::add, Duration.ofMillis(5))) {
      progress.begin(Stage.SCREEN, UNITS);
      while (states.size() < 3) {
        Thread.sleep(5);
      }
    }
    assertThat(states).extracting(SweepState::seconds).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void aLineSaysWhatIsKnown() {
    TimeLeft.Left left = new TimeLeft.Left(3723, false);
    assertThat(new SweepState(Phase.SCREEN, Stage.SCREEN, 7, 9, 3.21, 12.4, left).line())
        .isEqualTo("screen: 7 of 9 cells, 3.2 a second, 0:12, about 1:02:03 left");
    left = new TimeLeft.Left(42, true);
    assertThat(new SweepState(Phase.SCORE, Stage.WRITE, 7, 9, 321.4, 12.4, left).line())
        .isEqualTo("score: 7 of 9 cells, 321 a second, 0:12, more than 0:42 left");
    assertThat(new SweepState(Phase.SOLVE, Stage.SOLVE, 7, 9, 0, 12.4, null).line())
        .isEqualTo("solve: 7 of 9 factors, 0:12");
  }
}
