package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.result.RunFolder;

/** Sweeps in processes of their own, at the same time as another one or as somebody's changes. */
class ProcessesTest {
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
      """;

  private static final int CELLS = 146;

  @TempDir Path folder;
  private Path runs;
  private String[] sweep;

  private record Started(Process process, Path err) {
    int end() throws Exception {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
      return process.exitValue();
    }

    List<String> errors() throws IOException {
      return Files.readAllLines(err).stream().filter(line -> line.startsWith("error: ")).toList();
    }
  }

  @BeforeEach
  void writeInput() throws IOException {
    Path model = TestCheckpoint.write(folder.resolve("model"));
    Path plan = Files.writeString(folder.resolve("tiny.yaml"), PLAN);
    runs = folder.resolve("runs");
    sweep =
        new String[] {
          "sweep",
          "--unit-cells",
          "2",
          "--model",
          model.toString(),
          "--conf",
          plan.toString(),
          "--runs",
          runs.toString()
        };
  }

  private Started start(String name) throws IOException {
    Path err = folder.resolve(name + ".err");
    ProcessBuilder builder = CommandProcess.of(List.of(), sweep);
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(err.toFile());
    return new Started(builder.start(), err);
  }

  @Test
  void twoProcessesThatBeginAtOnceMakeOneRun() throws Exception {
    List<Started> both = List.of(start("one"), start("other"));

    List<Integer> codes = new ArrayList<>();
    for (Started one : both) {
      codes.add(one.end());
      assertThat(one.errors()).allMatch(error -> error.contains(": in use by process "));
    }

    assertThat(codes).contains(0).isSubsetOf(0, 1);
    assertThat(RunRows.runs(runs))
        .singleElement()
        .satisfies(run -> assertThat(RunRows.of(run).completions()).hasSize(CELLS));
  }

  @Test
  void aModelThatIsExchangedUnderASweepEndsItBeforeItsNextUnit() throws Exception {
    Path weights = folder.resolve("model/model.safetensors");
    Path own = Files.copy(weights, folder.resolve("own"));
    Path other = Files.copy(weights, folder.resolve("other.safetensors"));
    byte[] changed = Files.readAllBytes(other);
    changed[changed.length - 4] ^= 1;
    Files.write(other, changed);

    Started sweep = start("sweep");
    try {
      Path readings = runs.resolve("latest").resolve("readings");
      while (sweep.process().isAlive() && count(readings) < 3) {
        Thread.sleep(5);
      }
      // the sweep has the old file open: nothing is written to it
      Files.move(other, weights, StandardCopyOption.ATOMIC_MOVE);
      assertThat(sweep.end()).isEqualTo(2);
    } finally {
      sweep.process().destroyForcibly();
    }

    assertThat(sweep.errors())
        .singleElement()
        .asString()
        .startsWith("error: " + weights + ": was written to or exchanged while the sweep ran; ");
    RunFolder run = RunRows.runs(runs).get(0);
    assertThat(count(run.completions())).isLessThan(CELLS / 2);
    CommandRun refused = CommandRun.of(this.sweep);
    assertThat(refused.code()).isEqualTo(2);
    Files.move(own, weights, StandardCopyOption.REPLACE_EXISTING);
    CommandRun again = CommandRun.of(this.sweep);
    assertThat(again.err()).isEmpty();
    assertThat(again.code()).isZero();
    assertThat(RunRows.of(run).completions()).hasSize(CELLS);
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
