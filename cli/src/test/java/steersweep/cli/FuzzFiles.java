package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import steersweep.result.RunFolder;

/**
 * Good files of every kind, to be spoiled.
 *
 * @param model a checkpoint folder
 * @param plan a plan
 * @param run what the sweep of that plan over that model left
 */
public record FuzzFiles(Path model, Path plan, RunFolder run) {
  private static final Path PIECES =
      Path.of("../pipeline/src/test/resources/tokenizers/sentencepiece");

  private static final String PLAN =
      """
      name: tiny
      concepts:
        - name: vegan
          base_prompts: [I ate, "We cook"]
          steering_prompts: [I am vegan.]
          contrast_prompts: [I eat meat.]
          target_words: [beans, peas]
          target_continuations: [" beans"]
          contrast_continuations: [" beef"]
      grid:
        hook_points: [value, residual_post]
        layers: 0-1
        heads: [all, "0-1"]
        settings: [-5, 5]
      controls: {random: 1, prompted: true}
      generate:
        new_tokens: 3
        cells: survivors
        guards: {damage: {at_most: 100}}
      """;

  /** A good checkpoint folder. */
  public static Path model(Path folder) throws IOException {
    return TestCheckpoint.write(folder);
  }

  public static FuzzFiles make(Path folder) throws IOException {
    Path model = TestCheckpoint.write(folder.resolve("model"));
    Path plan = Files.writeString(folder.resolve("plan.yaml"), PLAN);
    Path runs = folder.resolve("runs");
    CommandRun sweep =
        CommandRun.of(
            "sweep",
            "--model",
            model.toString(),
            "--conf",
            plan.toString(),
            "--runs",
            runs.toString());
    assertThat(sweep.err()).isEmpty();
    return new FuzzFiles(model, plan, RunRows.runs(runs).get(0));
  }

  /** A checkpoint folder whose tokenizer is a SentencePiece file. */
  public Path sentencePieceModel(Path to) throws IOException {
    copy(model, to);
    Files.delete(to.resolve("tokenizer.json"));
    for (String file : List.of("tokenizer.model", "tokenizer_config.json")) {
      Files.copy(PIECES.resolve(file), to.resolve(file));
    }
    return to;
  }

  public RunFolder copyOfRun(Path to) throws IOException {
    return new RunFolder(copy(run.path(), to));
  }

  public static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
    return to;
  }

  public static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }
}
