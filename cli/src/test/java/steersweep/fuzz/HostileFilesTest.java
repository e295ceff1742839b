package steersweep.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import steersweep.checkpoint.Checkpoint;
import steersweep.checkpoint.ModelConfig;
import steersweep.checkpoint.SafetensorsFile;
import steersweep.cli.FuzzFiles;
import steersweep.engine.PromptTokenizer;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.plan.CellGrid;
import steersweep.plan.PlanReader;

/** Files made to do harm, one trick each. */
@Timeout(60)
class HostileFilesTest {
  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void writeModel() throws IOException {
    model = FuzzFiles.model(folder.resolve("model"));
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, Long.MAX_VALUE, -1, 0, 1, 99_999_999, 1L << 32})
  void aHeaderLengthThatCannotBeTrue(long claimed) throws IOException {
    Path file = folder.resolve("a.safetensors");
    Files.write(file, SafetensorsBytes.of(claimed, "{}".getBytes(StandardCharsets.UTF_8)));
    Faults faults = new Faults();

    SafetensorsFile.read(file, faults);

    assertThat(faults.all())
        .containsExactly(
            file
                + ": damaged or cut off; its header claims "
                + Long.toUnsignedString(claimed)
                + " bytes, the whole file has 74");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "config.json",
        "generation_config.json",
        "model.safetensors.index.json",
        "tokenizer.json",
        "tokenizer_config.json"
      })
  void jsonNestedAMillionTimes(String name) throws IOException {
    if (name.startsWith("model")) {
      Files.delete(model.resolve("model.safetensors"));
    }
    Files.writeString(model.resolve(name), "{\"a\":".repeat(1_000_000));

    assertThatThrownBy(() -> open(model))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(model.resolve(name) + ": damaged")
        .hasMessageContaining("nesting depth");
  }

  @Test
  void aSafetensorsHeaderNestedAMillionTimes() throws IOException {
    byte[] header = "{\"a\":".repeat(1_000_000).getBytes(StandardCharsets.UTF_8);
    Files.write(model.resolve("model.safetensors"), SafetensorsBytes.of(header));

    assertThatThrownBy(() -> open(model))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("model.safetensors: damaged; its header is not JSON")
        .hasMessageContaining("nesting depth");
  }

  /** The tokenizer library would end the process. */
  @Test
  void aTemplateWithATokenThatItDoesNotDescribe() throws IOException {
    Path tokenizer = model.resolve("tokenizer.json");
    String json = Files.readString(tokenizer);
    Files.writeString(
        tokenizer, json.replaceFirst("(\"SpecialToken\"[^}]*\"id\" : \")<s>", "$1<gone>"));
    assertThat(Files.readString(tokenizer)).isNotEqualTo(json);

    assertThatThrownBy(() -> open(model))
        .isInstanceOf(UserError.class)
        .hasMessage(
            tokenizer
                + ": post_processor: got the token '<gone>', expected one of its special_tokens");
  }

  /** Nine levels of nine: written out, 3,000 million words. */
  @Test
  void anAliasBombInAPlan() throws IOException {
    StringBuilder yaml = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++) {
      String alias = "*a" + (i - 1);
      yaml.append("a%d: &a%d [%s]%n".formatted(i, i, (alias + " , ").repeat(9)));
    }
    Path plan = Files.writeString(folder.resolve("plan.yaml"), yaml.append("concepts: *a9\n"));

    assertThatThrownBy(() -> PlanReader.read(plan))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(plan + ": concepts: an alias; got '*a9'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../outside.safetensors",
        "/etc/outside.safetensors",
        "a/../../outside.safetensors",
        "..\\\\outside.safetensors",
        "..",
        "\\u0000.safetensors",
        "model.safetensors/../../outside.safetensors"
      })
  void anIndexThatNamesAFileOutside(String name) throws IOException {
    Files.copy(model.resolve("model.safetensors"), folder.resolve("outside.safetensors"));
    Files.delete(model.resolve("model.safetensors"));
    writeIndex(name);

    assertThatThrownBy(() -> open(model))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("model.safetensors.index.json: names a file that is not used; got ")
        .hasMessageContaining("expected a .safetensors file of the same folder");
  }

  /**
   * A link may lead anywhere, as in a hub's cache; what it leads to is read as weights or not at
   * all, and nothing of its text is shown.
   */
  @Test
  void aShardThatIsALinkToASecret() throws IOException {
    Files.delete(model.resolve("model.safetensors"));
    Path secret = Files.writeString(folder.resolve("secret"), "password=hunter2 ".repeat(9));
    Files.createSymbolicLink(model.resolve("a.safetensors"), secret);
    writeIndex("a.safetensors");

    assertThatThrownBy(() -> open(model))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("a.safetensors: damaged or cut off; its header claims ")
        .hasMessageNotContaining("hunter2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/dev/zero", ".", "loop.safetensors"})
  void aShardThatIsALinkToNoFile(String target) throws IOException {
    Files.delete(model.resolve("model.safetensors"));
    Files.createSymbolicLink(model.resolve("loop.safetensors"), Path.of(target));
    writeIndex("loop.safetensors");

    assertThatThrownBy(() -> open(model))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("loop.safetensors: missing; named by model.safetensors.index.json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"num_hidden_layers", "num_attention_heads", "hidden_size", "vocab_size"})
  void aModelLargerThanAnyIsRefusedBeforeItsGridIsMade(String key) throws IOException {
    Path config = model.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replaceFirst("\"" + key + "\" : \\d+", "\"" + key + "\": 2147483647"));

    assertThatThrownBy(() -> ModelConfig.read(model))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(config + ": " + key + ": not supported; got 2147483647");
  }

  @Test
  void aPlanWithMorePairsThanAnyoneRuns() throws IOException {
    StringBuilder prompts = new StringBuilder("x0");
    for (int i = 1; i < 1000; i++) {
      prompts.append(", x").append(i);
    }
    Path plan =
        plan("[value]", "all", "concepts: [{name: a, base_prompts: [P], steering_prompts: [P]}]")
            .resolve("plan.yaml");
    Files.writeString(plan, Files.readString(plan).replace("P", prompts));

    assertThatThrownBy(() -> PlanReader.read(plan))
        .isInstanceOf(UserError.class)
        .hasMessage(
            plan + ": concepts: too many prompt pairs; got 1000000 pairs, expected at most 100000");
  }

  @Test
  void aGridWithMoreSitesThanAnyoneSteers() throws IOException {
    Path config = model.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replaceFirst("\"num_hidden_layers\" : \\d+", "\"num_hidden_layers\": 10000")
            .replaceFirst("\"num_attention_heads\" : \\d+", "\"num_attention_heads\": 2000")
            .replaceFirst("\"num_key_value_heads\" : \\d+", "\"num_key_value_heads\": 2000")
            .replaceFirst("\"hidden_size\" : \\d+", "\"hidden_size\": 4000"));
    Path plan =
        plan("[value]", "each", "concepts: [{name: a, base_prompts: b, steering_prompts: c}]")
            .resolve("plan.yaml");
    ModelConfig large = ModelConfig.read(model);

    assertThatThrownBy(() -> CellGrid.of(PlanReader.read(plan), large.shape(), "plan"))
        .isInstanceOf(UserError.class)
        .hasMessage("plan: grid: too many places to steer; got 20000000, expected at most 1000000");
  }

  private Path plan(String hookPoints, String heads, String concepts) throws IOException {
    Files.writeString(
        folder.resolve("plan.yaml"),
        "%s%ngrid: {hook_points: %s, layers: all, heads: %s, settings: [5]}%n"
            .formatted(concepts, hookPoints, heads));
    return folder;
  }

  private void writeIndex(String shard) throws IOException {
    Files.writeString(
        model.resolve("model.safetensors.index.json"),
        "{\"weight_map\": {\"lm_head.weight\": \"" + shard + "\"}}");
  }

  private static void open(Path model) {
    Checkpoint.open(model);
    PromptTokenizer.open(model).close();
  }
}
