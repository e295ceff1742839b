package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.model.CacheFolder;

/** What a user sees of a checkpoint before a sweep. */
class InspectAndExportTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private Path model;

  @BeforeEach
  void writeModel() throws IOException {
    model = TestCheckpoint.write(folder.resolve("model"));
  }

  private CommandRun run(String verb, String... options) {
    Stream<String> arguments =
        Stream.of(
                Stream.of(verb, model.toString(), "--cache", folder.resolve("cache").toString()),
                Stream.of(options))
            .flatMap(argument -> argument);
    return CommandRun.of(arguments.toArray(String[]::new)).in(folder);
  }

  private void configure(String key, Object value) throws IOException {
    Path file = model.resolve("config.json");
    ObjectNode config = (ObjectNode) JSON.readTree(file.toFile());
    config.set(key, JSON.valueToTree(value));
    Files.writeString(file, config.toString());
  }

  @Test
  void theGraphThatThePipelinesTestsRunIsWhatIsExportedNow() throws IOException {
    model = Path.of("../pipeline/src/test/resources/tiny");

    CommandRun run = run("export", "--out", folder.resolve("out").toString());

    assertThat(run.code()).isZero();
    assertThat(folder.resolve("out/model.onnx"))
        .as("make golden writes it again")
        .hasSameBinaryContentAs(model.resolve("model.onnx"));
  }

  @Test
  void inspectShowsWhatWouldBeExportedAndWritesNothing() throws IOException {
    configure("use_cache", true);
    configure("my_key", 1);
    try (Stream<Path> before = Files.walk(folder)) {
      long files = before.count();

      CommandRun run = run("inspect");

      assertThat(run.err()).isEmpty();
      assertThat(run.code()).isZero();
      assertThat(run.out().replaceAll("graph of [0-9.]+ kB", "graph of N kB"))
          .isEqualTo(
              """
              model       llama, TMP/model
              sizes       2 layers, 16 wide, 4 heads and 2 key/value heads of 4, MLP 24, 259 words
              length      at most 96 tokens (max_position_embeddings)
              rotary      default, theta 10000.0
              extras      none
              parameters  12.2 k
              weights     21 tensors of type F32, 48.8 kB in 1 file
              hook point  value, 8 wide in each of 2 layers, 2 heads
              hook point  head_output, 16 wide in each of 2 layers, 4 heads
              hook point  attention_output, 16 wide in each of 2 layers
              hook point  mlp_output, 16 wide in each of 2 layers
              hook point  residual_post, 16 wide in each of 2 layers
              export      float32: graph of N kB, weights stay where they are
              export      float16: graph of N kB, weights converted once to 24.4 kB in TMP/cache
              tokens      begin 1, end 2
              tokenizer   tokenizer.json
              assumed     head_dim = 4 (hidden_size / num_attention_heads)
              ignored     keys without effect: use_cache
              ignored     keys that are not known: my_key
              """);
      try (Stream<Path> after = Files.walk(folder)) {
        assertThat(after.count()).isEqualTo(files);
      }
    }
  }

  @Test
  void inspectShowsExtrasRotaryScalingAndWindows() throws IOException {
    configure("model_type", "mistral");
    configure("sliding_window", 40);
    configure("rope_scaling", Map.of("type", "linear", "factor", 2.0));

    assertThat(run("inspect").out())
        .contains("model       mistral, TMP/model\n")
        .contains("length      at most 40 tokens (sliding_window)\n")
        .contains("rotary      linear, theta 10000.0, factor 2.0\n");
  }

  @Test
  void inspectRefusesWhatExportRefuses() throws IOException {
    configure("hidden_act", "gelu");

    CommandRun inspected = run("inspect");

    assertThat(inspected.code()).isEqualTo(Main.USER_ERROR);
    assertThat(inspected.err())
        .isEqualTo(
            "error: TMP/model/config.json: hidden_act: not supported; got \"gelu\", expected"
                + " \"silu\"\n");
    assertThat(run("export", "--out", folder.resolve("out").toString())).isEqualTo(inspected);
  }

  @Test
  void exportKeepsTheTypeOfTheWeightsUnlessAskedOtherwise() throws IOException {
    Path out = folder.resolve("out");

    CommandRun kept = run("export", "--out", out.toString());
    CommandRun converted = run("export", "--out", out.toString(), "--dtype", "float16");

    assertThat(kept.code()).isZero();
    assertThat(kept.out())
        .contains("assumed   head_dim = 4 (hidden_size / num_attention_heads)\n")
        .contains("weights   TMP/model, not copied\n")
        .contains("graph     TMP/out/model.onnx, ");
    assertThat(converted.code()).isZero();
    assertThat(converted.out()).contains("weights   TMP/cache, converted to float16\n");
    assertThat(JSON.readTree(out.resolve("model.manifest.json").toFile()).get("dtype").asText())
        .isEqualTo("FLOAT16");
  }

  @Test
  void optionsThatAreNotUnderstoodAreNamedTogether() {
    CommandRun run =
        run(
            "export",
            "--out",
            "x",
            "--dtype",
            "float8",
            "--hook-points",
            "values",
            "--device",
            "g");

    assertThat(run.code()).isEqualTo(Main.USER_ERROR);
    assertThat(run.err())
        .isEqualTo(
            """
            error: --dtype: unknown; got 'float8', did you mean 'float32'? (choices: float32, float16)
            error: --hook-points: unknown; got 'values', did you mean 'value'? (choices: value, head_output, attention_output, mlp_output, residual_post, cross_value, cross_attention_output, encoder_value, encoder_head_output, encoder_attention_output, encoder_mlp_output, encoder_residual_post)
            error: --device: unknown; got 'g', expected cuda or cpu
            """);
    assertThat(folder.resolve("x")).doesNotExist();
  }

  @Test
  void convertedWeightsAreKeptWhereTheSystemKeepsCaches() {
    assertThat(CacheFolder.of(Map.of(), "/home/me"))
        .isEqualTo(Path.of("/home/me/.cache/steersweep"));
    assertThat(CacheFolder.of(Map.of("XDG_CACHE_HOME", "/fast"), "/home/me"))
        .isEqualTo(Path.of("/fast/steersweep"));
  }
}
