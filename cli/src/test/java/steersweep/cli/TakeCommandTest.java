package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import steersweep.checkpoint.SafetensorsFile;
import steersweep.checkpoint.StoredNumbers;
import steersweep.checkpoint.StoredTensor;
import steersweep.error.Faults;
import steersweep.plan.CellKind;
import steersweep.plan.Site;
import steersweep.result.RunFolder;

/** Steering taken out of a sweep of a tiny model, as a user does. */
class TakeCommandTest {
  private static final String PLAN =
      """
      name: tiny
      concepts:
        - name: vegan
          base_prompts: [I ate, We cook, Tonight]
          steering_prompts: [I am vegan., Beans and peas.]
          contrast_prompts: I eat meat.
        - name: sad
          base_prompts: [Today]
          steering_prompts: I cry.
      grid:
        hook_points: [value, head_output, attention_output, mlp_output, residual_post]
        layers: all
        heads: [all, each]
        settings: [-3, 3]
        positions: mean
      generate:
        new_tokens: 6
        stop_at_eos: false
        cells: all
        stop_at_damage: never
      """;

  @TempDir static Path shared;
  private static Path model;
  private static RunFolder run;

  @TempDir Path folder;

  @BeforeAll
  static void sweepOnce() throws IOException {
    model = TestCheckpoint.write(shared.resolve("model"));
    run = sweep(model, PLAN, shared);
  }

  private static RunFolder sweep(Path model, String plan, Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("tiny.yaml"), plan);
    Path runs = folder.resolve("runs");
    CommandRun swept =
        CommandRun.of(
            "sweep",
            "--model",
            model.toString(),
            "--conf",
            file.toString(),
            "--runs",
            runs.toString(),
            "--batch-size",
            "64");
    assertThat(swept.err()).isEmpty();
    return RunRows.runs(runs).get(0);
  }

  private CommandRun take(String... more) {
    return take(run, more);
  }

  private CommandRun take(RunFolder from, String... more) {
    String[] fixed = {"take", from.path().toString(), "--out", folder.resolve("out").toString()};
    String[] all = Stream.concat(Stream.of(fixed), Stream.of(more)).toArray(String[]::new);
    CommandRun taken = CommandRun.of(all);
    return new CommandRun(
            taken.code(), taken.out(), taken.err().replace(from.path().toString(), "RUN"))
        .in(folder);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "value:0",
        "value:1:1",
        "head_output:1",
        "head_output:0:3",
        "attention_output:1",
        "mlp_output:0",
        "residual_post:0",
        "residual_post:1"
      })
  void theBakedCheckpointWritesTheTextsOfTheSweepWithoutSteering(String site) throws IOException {
    CommandRun taken =
        take("--concept", "vegan", "--steering-prompt", "2", "--site", site, "--setting", "-3");

    assertThat(taken.err()).isEmpty();
    assertThat(taken.code()).isZero();
    assertThat(taken.out())
        .contains("what      vegan, steering prompt 2, " + site + ", setting -3.0\n")
        .contains("factor    -3.00000\n")
        .contains("run       3 of its 3 texts are written again\n")
        .contains("baked     baked: 3 of 3 texts are the steered model's; KL from it ");
    Path again = Files.createDirectories(folder.resolve("again"));
    RunFolder ofBaked = sweep(folder.resolve("out/baked"), PLAN, again);
    Map<String, Object> steered = texts(site, "Beans and peas.", -3.0);
    assertThat(steered).hasSize(3).isNotEqualTo(baselines(run));
    assertThat(baselines(ofBaked)).containsAllEntriesOf(steered);
  }

  @Test
  void theFolderSaysWhatItHoldsAndWhereItCameFrom() throws IOException {
    take("--concept", "sad", "--site", "residual_post:1", "--setting", "3");

    assertThat(names(folder)).containsExactly("out");
    assertThat(names(folder.resolve("out")))
        .containsExactly("baked", "control_vector.gguf", "steering.json", "steering.safetensors");
    JsonNode facts = new ObjectMapper().readTree(folder.resolve("out/steering.json").toFile());
    assertThat(facts.get("run").asText()).isEqualTo(run.path().getFileName().toString());
    assertThat(facts.get("model_fingerprint").asText())
        .isEqualTo(run.manifest().model().fingerprint());
    assertThat(facts.get("concept").asText()).isEqualTo("sad");
    assertThat(facts.get("hook_point").asText()).isEqualTo("residual_post");
    assertThat(facts.get("layer").asInt()).isEqualTo(1);
    assertThat(facts.get("head").isNull()).isTrue();
    assertThat(facts.get("factor").asDouble()).isEqualTo(3);
    assertThat(facts.get("damage").asDouble()).isPositive();
    assertThat(facts.at("/files/baked/same_texts").asInt()).isEqualTo(1);
    assertThat(facts.at("/files/baked/kl").asDouble()).isBetween(0.0, 1e-6);
    assertThat(facts.at("/files/baked/rounding_bfloat16").asDouble()).isBetween(1e-4, 1e-2);
  }

  @Test
  void theVectorIsThatOfTheHeadAndZeroElsewhere() {
    take("--concept", "vegan", "--site", "value:1:1", "--setting", "3");

    Faults faults = new Faults();
    SafetensorsFile file = SafetensorsFile.read(folder.resolve("out/steering.safetensors"), faults);
    assertThat(faults.all()).isEmpty();
    assertThat(file.metadata())
        .containsEntry("hook_point", "value")
        .containsEntry("layer", "1")
        .containsEntry("head", "1")
        .containsEntry("factor", "3.0");
    StoredTensor tensor = file.tensors().get(0);
    assertThat(tensor.name()).isEqualTo("blocks.1.attn.hook_v");
    float[] direction = StoredNumbers.read(tensor);
    assertThat(direction).hasSize(8).startsWith(0, 0, 0, 0);
    assertThat(direction[4]).isNotZero();
  }

  /**
   * The same bytes as those of the {@code gguf} package, read in the order of its specification.
   */
  @Test
  void theControlVectorIsAGgufFileOfOneDirection() throws IOException {
    take("--concept", "vegan", "--site", "residual_post:1", "--setting", "3");

    ByteBuffer file =
        ByteBuffer.wrap(Files.readAllBytes(folder.resolve("out/control_vector.gguf")))
            .order(ByteOrder.LITTLE_ENDIAN);
    byte[] magic = new byte[4];
    file.get(magic);
    assertThat(new String(magic, StandardCharsets.US_ASCII)).isEqualTo("GGUF");
    assertThat(file.getInt()).as("version").isEqualTo(3);
    assertThat(file.getLong()).as("tensors").isEqualTo(1);
    assertThat(file.getLong()).as("keys").isEqualTo(3);
    assertThat(List.of(text(file), file.getInt(), text(file)))
        .isEqualTo(List.of("general.architecture", 8, "controlvector"));
    assertThat(List.of(text(file), file.getInt(), text(file)))
        .isEqualTo(List.of("controlvector.model_hint", 8, "llama"));
    assertThat(List.of(text(file), file.getInt(), file.getInt()))
        .isEqualTo(List.of("controlvector.layer_count", 4, 1));
    assertThat(text(file)).isEqualTo("direction.1");
    assertThat(file.getInt()).as("axes").isEqualTo(1);
    assertThat(file.getLong()).as("width").isEqualTo(TestCheckpoint.HIDDEN);
    assertThat(file.getInt()).as("type F32").isZero();
    assertThat(file.getLong()).as("offset").isZero();
    assertThat(file.capacity()).isEqualTo((file.position() + 31) / 32 * 32 + 64);
    SafetensorsFile vector =
        SafetensorsFile.read(folder.resolve("out/steering.safetensors"), new Faults());
    float[] direction = StoredNumbers.read(vector.tensors().get(0));
    file.position((file.position() + 31) / 32 * 32);
    for (float number : direction) {
      assertThat(file.getFloat()).isEqualTo(3 * number);
    }
  }

  private static String text(ByteBuffer file) {
    byte[] bytes = new byte[(int) file.getLong()];
    file.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void whatASiteCannotBeTakenInIsSaidAndTheRestWritten() {
    CommandRun taken = take("--concept", "vegan", "--site", "value:0", "--setting", "3");

    assertThat(taken.code()).isZero();
    assertThat(taken.out())
        .contains(
            "gguf      not written: llama.cpp adds control vectors to a block's output; got value,"
                + " expected residual_post or mlp_output\n");
    assertThat(folder.resolve("out/control_vector.gguf")).doesNotExist();
    assertThat(folder.resolve("out/baked")).isDirectory();
  }

  @Test
  void whatIsAskedForByNameAndCannotBeIsRefused() {
    CommandRun taken =
        take(
            "--concept",
            "vegan",
            "--site",
            "residual_post:0",
            "--setting",
            "3",
            "--formats",
            "steering,gguf");

    assertThat(taken.code()).isEqualTo(2);
    assertThat(taken.err())
        .isEqualTo(
            "error: --formats gguf: llama.cpp has no control vector for the first block; got layer"
                + " 0, expected 1 or later\n");
    assertThat(names(folder)).isEmpty();
  }

  @Test
  void aFactorForEachBasePromptBecomesTheirMean() throws IOException {
    Path other = Files.createDirectories(folder.resolve("relative"));
    RunFolder relative =
        sweep(model, PLAN.replace("positions: mean", "positions: mean\n  dose: relative"), other);

    CommandRun taken =
        take(relative, "--concept", "vegan", "--site", "residual_post:1", "--setting", "3");

    assertThat(taken.code()).isZero();
    assertThat(taken.out()).contains(", the mean; the run had ").contains("3 of 3 texts are the");
    JsonNode facts = new ObjectMapper().readTree(folder.resolve("out/steering.json").toFile());
    assertThat(facts.get("factor").asDouble())
        .isGreaterThan(facts.get("least_factor_of_run").asDouble())
        .isLessThan(facts.get("most_factor_of_run").asDouble());
  }

  @Test
  void aRunWhoseAdditionsDifferByPositionIsRefused() throws IOException {
    Path other = Files.createDirectories(folder.resolve("lw2023"));
    RunFolder varying = sweep(model, PLAN.replace("positions: mean", "positions: lw2023"), other);

    CommandRun taken =
        take(varying, "--concept", "vegan", "--site", "residual_post:1", "--setting", "3");

    assertThat(taken.code()).isEqualTo(2);
    assertThat(taken.err())
        .isEqualTo(
            "error: RUN: what was added differs from position to position, so that no bias and no"
                + " vector can carry it; got positions: lw2023, expected mean or last\n");
  }

  @Test
  void everythingThatTheRunDoesNotHaveIsSaidAtOnce() {
    CommandRun taken =
        take("--concept", "vegn", "--site", "value:7", "--setting", "2", "--steering-prompt", "1");

    assertThat(taken.code()).isEqualTo(2);
    assertThat(taken.err())
        .isEqualTo(
            """
            error: --concept: not in the run; got 'vegn', did you mean 'vegan'? (choices: vegan, sad)
            error: --site: not in the run; got value:7, expected one of value:0, value:0:0, value:0:1, value:1, value:1:0, value:1:1
            error: --setting: not in the run; got 2.0, expected one of -3.0, 3.0
            """);
  }

  @Test
  void optionsThatAreNotUnderstoodAreSaidAtOnce() throws IOException {
    Files.createDirectories(folder.resolve("out/full"));

    CommandRun taken = take("--formats", "onnx");

    assertThat(taken.code()).isEqualTo(2);
    assertThat(taken.err())
        .isEqualTo(
            """
            error: --out: not empty; got TMP/out, expected a new folder
            error: --formats: unknown; got 'onnx', (choices: steering, baked, gguf)
            """);
  }

  @Test
  void withoutAConfirmedSiteOneHasToBeNamed() {
    CommandRun taken = take("--concept", "vegan");

    assertThat(taken.code()).isEqualTo(2);
    assertThat(taken.err())
        .isEqualTo(
            "error: RUN: no site is confirmed; expected --site and --setting to say what to take\n");
  }

  @Test
  void anotherModelIsRefused() throws IOException {
    Path other = TestCheckpoint.write(folder.resolve("other"));
    String config = Files.readString(other.resolve("config.json"));
    Files.writeString(other.resolve("config.json"), config.replace("1.0E-6", "1.0E-5"));

    CommandRun taken =
        take(
            "--concept",
            "vegan",
            "--site",
            "value:0",
            "--setting",
            "3",
            "--model",
            other.toString());

    assertThat(taken.code()).isEqualTo(2);
    assertThat(taken.err())
        .isEqualTo(
            "error: TMP/other: not the model that the run was made with; expected that of "
                + model
                + "\n");
  }

  private static List<String> names(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Tokens by base prompt. */
  private static Map<String, Object> texts(String site, String steeringPrompt, double scale) {
    Site wanted = SiteWord.read(site, "site", new Faults());
    Map<String, Object> texts = new HashMap<>();
    for (Map<String, Object> row : RunRows.of(run).completions().values()) {
      if (row.get("kind").equals(CellKind.STEERED.word())
          && row.get("steering_prompt").equals(steeringPrompt)
          && row.get("hook_point").equals(wanted.hookPoint().word())
          && row.get("layer").equals(wanted.layer())
          && Objects.equals(row.get("head"), wanted.allHeads() ? null : wanted.head())
          && row.get("setting").equals(scale)) {
        texts.put((String) row.get("base_prompt"), row.get("tokens"));
      }
    }
    return texts;
  }

  private static Map<String, Object> baselines(RunFolder of) {
    Map<String, Object> texts = new HashMap<>();
    for (Map<String, Object> row : RunRows.of(of).completions().values()) {
      if (row.get("kind").equals(CellKind.BASELINE.word())) {
        texts.put((String) row.get("base_prompt"), row.get("tokens"));
      }
    }
    return texts;
  }
}
