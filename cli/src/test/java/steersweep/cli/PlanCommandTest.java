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
        settings: [-3, 0.5, 3]
        positions: mean
      generate:
        new_tokens: 6
        cells: all
        stop_at_damage: never
      """;

  @TempDir Path folder;

  @BeforeEach
  void writeInput() throws IOException {
    TestCheckpoint.writeConfig(Files.createDirectory(folder.resolve("model")));
    Files.writeString(folder.resolve("tiny.yaml"), PLAN);
  }

  /**
   * Parameters: 2 layers x (768 attention + 1152 feed-forward) + 2 x 259 x 16 embeddings + 80 in
   * norms. Cells: 3 prompt pairs x (1 + 8 sites x 3 scales).
   */
  @Test
  void planNeedsNothingButTheConfig() throws IOException {
    CommandRun run = plan("--unit-cells", "10");

    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .isEqualTo(
            """
            plan          tiny (TMP/tiny.yaml)
            model         TMP/model: 2 layers, 4 heads (2 key/value), 16 wide, 12.2 k parameters
            prompt pairs  3, of 2 concepts
            sites         6 at value
            sites         2 at residual_post
            settings      [-3.0, 0.5, 3.0], factors, positions mean
            cells         75 in 8 units of at most 10
              baseline    3, about 437 kFLOP to generate
              steered     72, about 10.5 MFLOP to generate
            new tokens    at most 6 a cell
            arithmetic    about 10.9 MFLOP to generate, before prompts and scoring
            disk          about 7.50 kB of Parquet
            not checked   weights and tokenizer: not in TMP/model, and a sweep needs them
            """);
    assertThat(run.code()).isZero();
    assertThat(files()).containsExactly("", "model", "model/config.json", "tiny.yaml");
  }

  @Test
  void controlsAreCellsToo() throws IOException {
    Files.writeString(
        folder.resolve("tiny.yaml"),
        PLAN.replace("settings: [-3, 0.5, 3]", "settings: [-0.5, 0.5, 3]")
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
            settings      [-0.5, 0.5, 3.0], relative doses, positions lw2023
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
        grid: {hook_points: mlp_output, layers: 1, settings: [%s]}
        """
            .formatted(scales));

    CommandRun run = plan();

    assertThat(run.out())
        .contains("\ncells         9997 in 5 units of at most 2048\n")
        .contains("\ndisk          about 1.00 MB of Parquet\n");
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

  @Test
  void flagsStandInForTheGridOfThePlan() {
    CommandRun run =
        plan(
            "--hook-points",
            "residual_post",
            "--layers",
            "0-1",
            "--settings",
            "-1,0.5-1.5+0.5",
            "--concepts",
            "evil");

    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains(
            """
            prompt pairs  1, of 1 concepts
            sites         2 at residual_post
            settings      [-1.0, 0.5, 1.0, 1.5], factors, positions mean
            cells         9 in 1 units of at most 2048
            """);
  }

  @Test
  void faultsOfFlagsNameTheFlags() {
    CommandRun run =
        plan(
            "--hook-points",
            "values",
            "--heads",
            "all,x",
            "--settings",
            "0,1",
            "--concepts",
            "vegans");

    assertThat(run.err())
        .isEqualTo(
            """
            error: --concepts: unknown concept; got 'vegans', did you mean 'vegan'? (choices: vegan, evil)
            error: --hook-points: unknown hook point; got 'values', did you mean 'value'? (choices:\
             value, head_output, attention_output, mlp_output, residual_post, cross_value, cross_attention_output, encoder_value, encoder_head_output, encoder_attention_output, encoder_mlp_output, encoder_residual_post)
            error: --heads[1]: not a number or range; got 'x', expected all, each, numbers (3), ranges\
             (0-7) or ranges with a step (0-30+2)
            error: --settings[0]: 0 is the baseline, which is always run; got 0, expected a number\
             other than 0
            """);
    assertThat(plan("--layers", "0-40").err())
        .isEqualTo("error: --layers: no such layers; got 39 from 2 to 40, expected 0..1\n");
  }

  @Test
  void whatASweepWouldRefuseIsFoundBeforeIt() throws IOException {
    Path model = TestCheckpoint.write(folder.resolve("model"));
    assertThat(plan().out()).doesNotContain("not checked");
    Files.writeString(
        folder.resolve("tiny.yaml"), PLAN.replace("I ate", "I ate " + "beans ".repeat(15)));
    Files.delete(model.resolve("model.safetensors"));
    Files.writeString(model.resolve("model.safetensors"), "no weights");

    CommandRun run = plan();

    assertThat(run.err())
        .contains("error: TMP/model/model.safetensors: ")
        .contains(
            "error: TMP/tiny.yaml: concepts 'vegan': too long for the model; steering prompt");
    assertThat(run.code()).isEqualTo(2);
  }

  @Test
  void parametersAreThoseThatInspectCounts() throws IOException {
    String model = TestCheckpoint.write(folder.resolve("model")).toString();

    assertThat(CommandRun.of("inspect", model).out()).contains("\nparameters  12.2 k\n");
    assertThat(plan().out()).contains(" 12.2 k parameters\n");
  }

  private CommandRun plan(String... more) {
    Stream<String> args =
        Stream.of(
            "plan",
            "--model",
            folder.resolve("model").toString(),
            "--conf",
            folder.resolve("tiny.yaml").toString());
    CommandRun run =
        CommandRun.of(Stream.concat(args, Stream.of(more)).toArray(String[]::new)).in(folder);
    // depends on what was run here before
    return new CommandRun(run.code(), run.out().replaceAll("(?m)^time .*\n", ""), run.err());
  }

  private Stream<String> files() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.map(file -> folder.relativize(file).toString()).sorted().toList().stream();
    }
  }
}
