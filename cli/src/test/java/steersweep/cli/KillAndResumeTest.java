package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import steersweep.plan.Stage;
import steersweep.result.ParquetFiles;
import steersweep.result.RunFolder;

/** A sweep whose process is killed with SIGKILL, again started by the same command. */
class KillAndResumeTest {
  /** 2 prompt pairs, each with a baseline and 18 sites x 4 scales. */
  private static final String PLAN =
      """
      name: tiny
      concepts:
        - name: vegan
          base_prompts: [I ate, We cook]
          steering_prompts: I am vegan.
          target_words: [beans, peas]
      grid:
        hook_points: [value, head_output, residual_post]
        layers: all
        heads: [all, each]
        settings: [-5, -1, 1, 5]
      generate:
        new_tokens: 12
        cells: all
        stop_at_damage: 0.02
      """;

  private static final int CELLS_OF_PAIR = 1 + 18 * 4;
  private static final int UNIT_CELLS = 2;
  private static final int CELLS = 2 * CELLS_OF_PAIR;

  /** One of them holds the last cell of the first pair and the first of the second. */
  private static final int UNITS = CELLS / UNIT_CELLS;

  @TempDir static Path shared;
  private static Path model;
  private static Path plan;
  private static RunRows undisturbed;

  @TempDir Path folder;

  @BeforeAll
  static void runUndisturbed() throws IOException {
    model = TestCheckpoint.write(shared.resolve("model"));
    plan = Files.writeString(shared.resolve("tiny.yaml"), PLAN);
    Path runs = shared.resolve("runs");
    assertThat(CommandRun.of(args(runs)).code()).isZero();
    undisturbed = RunRows.of(new RunFolder(runs.resolve("latest")));
    assertThat(undisturbed.completions()).hasSize(CELLS);
    // larger settings than one that makes texts incoherent have rows, and no texts
    assertThat(undisturbed.scores().size()).isBetween(CELLS / 4, CELLS - 1);
  }

  /** {@code finished}: how many units of a stage to wait for before the kill. */
  @ParameterizedTest
  @CsvSource({"SCREEN, 1", "SCREEN, 40", "WRITE, 1", "WRITE, 25", "WRITE, 60"})
  void aKilledSweepIsFinishedByTheSameCommandWithTheRowsOfAnUndisturbedOne(
      Stage stage, int finished) throws Exception {
    Path runs = folder.resolve("runs");
    killAfter(stage, finished, runs);

    RunFolder run = new RunFolder(runs.resolve("latest").toRealPath());
    int left = UNITS - run.finishedUnits(stage).size();
    assertThat(left).as("units left by the killed process").isBetween(1, UNITS - finished);
    int read = run.finishedUnits(Stage.SCREEN).size();
    Map<Path, Object> before = wholeFiles(run);

    CommandRun again = CommandRun.of(args(runs));

    assertThat(again.err()).isEmpty();
    assertThat(again.code()).isZero();
    assertThat(again.out())
        .startsWith(
            "run       %s\ncells     %d in %d units; continuing, %d units were finished before\n"
                .formatted(run.path(), CELLS, UNITS, read));
    assertThat(RunRows.runs(runs)).hasSize(1);
    assertThat(RunRows.of(run)).isEqualTo(undisturbed);
    before.forEach((file, state) -> assertThat(state(file)).as(file.toString()).isEqualTo(state));
    assertThat(temporaryFiles(run)).isEmpty();
  }

  /** In the middle of a unit: while its texts are scored, and while a file is about to appear. */
  @ParameterizedTest
  @EnumSource(
      value = KillMoment.class,
      names = {"SCORING", "RENAME"})
  void aSweepKilledWithinAUnitIsFinishedByTheSameCommand(KillMoment moment) throws Exception {
    Path runs = folder.resolve("runs");
    Path latest = runs.resolve("latest");
    kill(
        runs,
        process ->
            Files.exists(latest)
                && moment
                    .reached(new RunFolder(latest.toRealPath()), List.of(process.pid()), UNITS)
                    .isPresent());
    RunFolder run = new RunFolder(latest.toRealPath());
    Map<Path, Object> before = wholeFiles(run);

    assertThat(CommandRun.of(args(runs)).code()).isZero();

    assertThat(RunRows.of(run)).isEqualTo(undisturbed);
    before.forEach((file, state) -> assertThat(state(file)).as(file.toString()).isEqualTo(state));
    assertThat(temporaryFiles(run)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"model", "manifest.json", "chosen.json"})
  void aSweepKilledBetweenItsStepsIsFinishedByTheSameCommand(String file) throws Exception {
    Path runs = folder.resolve("runs");
    kill(runs, process -> exists(runs, file));

    assertThat(CommandRun.of(args(runs)).code()).isZero();

    RunFolder run = new RunFolder(runs.resolve("latest").toRealPath());
    assertThat(RunRows.of(run)).isEqualTo(undisturbed);
    assertThat(temporaryFiles(run)).isEmpty();
  }

  private static String[] args(Path runs) {
    return new String[] {
      "sweep",
      "--model",
      model.toString(),
      "--conf",
      plan.toString(),
      "--runs",
      runs.toString(),
      "--unit-cells",
      Integer.toString(UNIT_CELLS)
    };
  }

  private interface Moment {
    boolean reached(Process process) throws IOException;
  }

  private void killAfter(Stage stage, int finished, Path runs) throws Exception {
    Path folder =
        runs.resolve("latest").resolve(stage == Stage.SCREEN ? "readings" : "completions");
    kill(
        runs,
        process -> {
          try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> !hidden(file)).count() >= finished;
          } catch (NoSuchFileException notYet) {
            return false;
          }
        });
  }

  /** Runs the sweep in a process of its own and kills that as soon as the moment has come. */
  private void kill(Path runs, Moment moment) throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("temporary"));
    Path log = folder.resolve("log");
    // starts faster; what a killed process leaves goes with the test
    List<String> options = List.of("-XX:+UseSerialGC", "-Djava.io.tmpdir=" + temporary);
    Process process =
        CommandProcess.of(options, args(runs))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (!moment.reached(process)) {
        assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
        assertThat(System.nanoTime()).as(Files.readString(log)).isLessThan(deadline);
        Thread.sleep(1);
      }
    } finally {
      process.destroyForcibly();
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(process.exitValue()).as("128 + SIGKILL").isEqualTo(137);
  }

  private static boolean exists(Path runs, String file) throws IOException {
    if (!Files.isDirectory(runs)) {
      return false;
    }
    for (RunFolder run : RunRows.runs(runs)) {
      if (Files.exists(run.path().resolve(file))) {
        return true;
      }
    }
    return false;
  }

  /**
   * Every file a killed process left that is not named as temporary. Those of units hold all rows
   * of their unit.
   */
  private static Map<Path, Object> wholeFiles(RunFolder run) throws IOException {
    Map<Path, Object> states = new TreeMap<>();
    for (Path folder : List.of(run.readings(), run.completions(), run.scores())) {
      for (Path file : list(folder)) {
        if (hidden(file)) {
          assertThat(file.getFileName().toString()).endsWith(ParquetFiles.TEMPORARY_SUFFIX);
        } else {
          assertThat(file.getFileName().toString()).matches("unit-\\d{6}\\.parquet");
          assertWhole(file);
        }
      }
    }
    for (Path readings : list(run.readings())) {
      if (!hidden(readings)) {
        states.put(readings, state(readings));
      }
    }
    // a score file without its completions is not finished and may be written again
    for (Path completions : list(run.completions())) {
      if (!hidden(completions)) {
        Path scores = run.scores().resolve(completions.getFileName());
        states.put(completions, state(completions));
        states.put(scores, state(scores));
      }
    }
    return states;
  }

  private static void assertWhole(Path file) {
    int unit = Integer.parseInt(file.getFileName().toString().replaceAll("\\D", ""));
    long first = (long) unit * UNIT_CELLS;
    long end = first + UNIT_CELLS;
    boolean scores = file.getParent().endsWith("scores");
    assertThat(RunRows.of(file).keySet())
        .as(file.toString())
        .containsExactlyElementsOf(
            LongStream.range(first, end)
                .boxed()
                .filter(cell -> !scores || undisturbed.scores().containsKey(cell))
                .toList());
  }

  private static List<Path> temporaryFiles(RunFolder run) throws IOException {
    try (Stream<Path> files = Files.walk(run.path())) {
      return files.filter(KillAndResumeTest::hidden).toList();
    }
  }

  private static boolean hidden(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith(".") || name.endsWith(ParquetFiles.TEMPORARY_SUFFIX);
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  /** Time and bytes. */
  private static Object state(Path file) {
    try {
      return List.of(Files.getLastModifiedTime(file), Arrays.hashCode(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
