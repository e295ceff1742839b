package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.plan.Stage;
import steersweep.result.ParquetFiles;
import steersweep.result.RunFolder;

/** A sweep in a process of its own that is asked to end, as a scheduler does. */
class SignalTest {
  private static final String PLAN =
      """
      name: tiny
      concepts:
        - name: vegan
          base_prompts: [I ate, We cook]
          steering_prompts: I am vegan.
      grid:
        hook_points: [value, head_output, residual_post]
        layers: all
        heads: [all, each]
        settings: [-5, -1, 1, 5]
      generate:
        new_tokens: 12
        cells: all
        stop_at_damage: never
      """;

  private static final int UNITS = 73;

  @TempDir Path folder;

  @Test
  void sigtermEndsTheSweepCleanlyAndTheSameCommandContinues() throws Exception {
    Path model = TestCheckpoint.write(folder.resolve("model"));
    Path plan = Files.writeString(folder.resolve("tiny.yaml"), PLAN);
    Path runs = folder.resolve("runs");
    String[] args = {
      "sweep",
      "--json",
      "--unit-cells",
      "2",
      "--model",
      model.toString(),
      "--conf",
      plan.toString(),
      "--runs",
      runs.toString()
    };
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder = CommandProcess.of(List.of(), args);
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    try {
      Path completions = runs.resolve("latest").resolve("completions");
      while (process.isAlive() && count(completions) < 3) {
        Thread.sleep(5);
      }
      process.destroy();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }

    assertThat(process.exitValue()).as(Files.readString(err)).isEqualTo(143);
    RunFolder run = new RunFolder(runs.resolve("latest").toRealPath());
    int finished = run.finishedUnits(Stage.WRITE).size();
    assertThat(finished).isBetween(3, UNITS - 1);
    assertThat(Files.readString(err))
        .contains("error: the process was asked to end")
        .contains("stopped   %d of %d units are finished".formatted(UNITS + finished, 2 * UNITS));
    List<String> lines = Files.readAllLines(out);
    assertThat(lines.get(lines.size() - 1))
        .startsWith("{\"event\":\"done\",\"success\":false,\"code\":143,");
    assertThat(Files.size(run.lockFile())).isZero();
    try (Stream<Path> files = Files.walk(run.path())) {
      assertThat(files.map(Path::toString))
          .noneMatch(name -> name.endsWith(ParquetFiles.TEMPORARY_SUFFIX));
    }

    assertThat(CommandRun.of(args).code()).isZero();
    assertThat(run.finishedUnits(Stage.WRITE)).hasSize(UNITS);
    assertThat(RunRows.of(run).completions()).hasSize(2 * UNITS);
  }

  private static long count(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".parquet")).count();
    }
  }
}
