package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How large a sweep would be, from a folder that holds nothing but config.json. */
class PlanCommandTest {
  private static final String PLAN =
      """
      name: tiny
      concepts:
        - name: vegan
          base_prompts: [I ate, We cook]
          steering_prompts: I am vegan.
        - name: evil
          base_prompts: I will
          steering_prompts: I am evil.
      grid:
        hook_points: [value, residual_post]
        layers: all
        heads: [all, each]
        scales: [-3, 0.5, 3]
        positions: mean
      generate:
        new_tokens: 6
        cells: all
      """;

  @TempDir Path folder;

  @BeforeEach
  void writeInput() throws IOException {
    TestCheckpoint.writeConfig(Files.createDirectory(folder.resolve("model")));
    Files.writeString(folder.resolve("tiny.yaml"), PLAN);
  }

  /**
   * Parameters: 2 layers x (768 attention + 1152 feed-forward) + 2 x 259 x 16 embeddings. Cells: 3
   * prompt pairs x (1 + 8 sites x 3 scales).
   */
  @Test
  void planNeedsNothingButTheConfig() throws IOException {
    CommandRun run = plan("--unit-cells", "10");

    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .isEqualTo(
            """
            plan          tiny (TMP/tiny.yaml)
            model         TMP/model: 2 layers, 4 heads (2 key/value), 16 wide, 12.1 k parameters
            prompt pairs  3, of 2 concepts
            sites         6 at value
            sites         2 at residual_post
            scales        [-3.0, 0.5, 3.0], factors, positions mean
            cells         75 in 8 units of at most 10
              baseline    3, about 437 kFLOP to generate
              steered     72, about 10.5 MFLOP to generate
            new tokens    at most 6 a cell
            arithmetic    about 10.9 MFLOP to generate, before prompts and scoring
            disk          about 7.50 kB of Parquet
            """);
    assertThat(run.code()).isZero();
    assertThat(files()).containsExactly("", "model", "model/config.json", "tiny.yaml");
  }

  @Test
  void controlsAreCellsToo() throws IOException {
    Files.writeString(
        folder.resolve("tiny.yaml"),
        PLAN.replace("scales: [-3, 0.5, 3]", "scales: [-0.5, 0.5, 3]")
                .replace("positions: mean", "dose: relative")
                .replace(
                    "  new_tokens: 6\n  cells: all",
                    "  cells: survivors\n  guards: {damage_last: {at_most: 1}}")
            + "controls: {random: 2, shuffled: 1, unrelated: true, prompted: true}\n");

    CommandRun run = plan();

    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains(
            """
            scales        [-0.5, 0.5, 3.0], relative doses, positions lw2023
            cells         318 in 1 units of at most 2048
              baseline    3, about 2.18 MFLOP to generate
              steered     72, about 52.4 MFLOP to generate
              random      96, about 69.9 MFLOP to generate
              shuffled    72, about 52.4 MFLOP to generate
              unrelated   72, about 52.4 MFLOP to generate
              prompted    3, about 2.18 MFLOP to generate
            new tokens    at most 30 a cell
            arithmetic    about 231 MFLOP to generate if every cell is chosen, before prompts and\
             scoring
            """);
  }

  @Test
  void sizesAreRoundedToTheNextUnit() throws IOException {
    String scales =
        IntStream.rangeClosed(1, 9996).mapToObj(Integer::toString).collect(Collectors.joining(","));
    Files.writeString(
        folder.resolve("tiny.yaml"),
        """
        concepts: [{name: evil, base_prompts: I will, steering_prompts: I am evil.}]
        grid: {hook_points: mlp_output, layers: 1, scales: [%s]}
        """
            .formatted(scales));

    CommandRun run = plan();

    assertThat(run.out())
        .contains("\ncells         9997 in 5 units of at most 2048\n")
        .endsWith("\ndisk          about 1.00 MB of Parquet\n");
  }

  @Test
  void faultsAreThoseOfASweep() throws IOException {
    Files.writeString(folder.resolve("tiny.yaml"), PLAN.replace("layers: all", "layers: [1, 2]"));

    CommandRun run = plan("--unit-cells", "-1");

    assertThat(run.err())
        .isEqualTo(
            """
            error: --unit-cells: got -1, expected at least 1
            error: TMP/tiny.yaml: grid.layers: no such layer; got 2, expected 0..1
            """);
    assertThat(run.out()).isEmpty();
    assertThat(run.code()).isEqualTo(2);
  }

  private CommandRun plan(String... more) {
    Stream<String> args =
        Stream.of(
            "plan",
            "--model",
            folder.resolve("model").toString(),
            "--conf",
            folder.resolve("tiny.yaml").toString());
    return CommandRun.of(Stream.concat(args, Stream.of(more)).toArray(String[]::new)).in(folder);
  }

  private Stream<String> files() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.map(file -> folder.relativize(file).toString()).sorted().toList().stream();
    }
  }
}
