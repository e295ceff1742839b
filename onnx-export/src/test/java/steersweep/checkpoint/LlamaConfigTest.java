package steersweep.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import steersweep.TinyCheckpoint;
import steersweep.model.ModelShape;

class LlamaConfigTest {
  private static final ModelShape SHAPE = new ModelShape(2, 4, 2, 8, 2, 12, 10, 32);

  @TempDir Path folder;

  private final ObjectNode config = new TinyCheckpoint(0).config();

  private LlamaConfig read() throws IOException {
    Files.writeString(folder.resolve("config.json"), config.toString());
    return LlamaConfig.read(folder);
  }

  private List<String> faults() {
    return TinyCheckpoint.faults(folder, this::read);
  }

  private List<String> faultsOf(String content) throws IOException {
    Files.writeString(folder.resolve("config.json"), content);
    return TinyCheckpoint.faults(folder, () -> LlamaConfig.read(folder));
  }

  @Test
  void aWholeConfigIsReadAndNothingIsAssumed() throws IOException {
    assertThat(read())
        .isEqualTo(
            new LlamaConfig("llama", SHAPE, 1e-5, 10000, false, 1, List.of(2), List.of(), config));
  }

  @Test
  void whatIsMissingIsAssumedAsTransformersDoesAndReported() throws IOException {
    config.remove(
        List.of(
            "num_key_value_heads",
            "head_dim",
            "max_position_embeddings",
            "rms_norm_eps",
            "rope_theta",
            "bos_token_id",
            "eos_token_id"));

    LlamaConfig read = read();

    assertThat(read)
        .isEqualTo(
            new LlamaConfig(
                "llama",
                new ModelShape(2, 4, 4, 8, 2, 12, 10, 2048),
                1e-6,
                10000,
                false,
                -1,
                List.of(),
                List.of(
                    "num_key_value_heads = 4 (num_attention_heads)",
                    "head_dim = 2 (hidden_size / num_attention_heads)",
                    "max_position_embeddings = 2048",
                    "rms_norm_eps = 1.0E-6",
                    "rope_theta = 10000.0"),
                config));
  }

  @Test
  void nullIsTheSameAsMissingWhereThereIsADefault() throws IOException {
    for (String key : List.of("num_key_value_heads", "head_dim", "rope_theta")) {
      config.putNull(key);
    }

    assertThat(read().shape()).isEqualTo(new ModelShape(2, 4, 4, 8, 2, 12, 10, 32));
    assertThat(read().defaulted())
        .containsExactly(
            "num_key_value_heads = 4 (num_attention_heads)",
            "head_dim = 2 (hidden_size / num_attention_heads)",
            "rope_theta = 10000.0");
  }

  @Test
  void theHeadWidthNeedNotFollowFromTheModelWidth() throws IOException {
    config.put("head_dim", 6);

    assertThat(read().shape()).isEqualTo(new ModelShape(2, 4, 2, 8, 6, 12, 10, 32));
  }

  @Test
  void ropeThetaIsReadFromFilesOfTransformers4() throws IOException {
    config.put("rope_theta", 500000.0).putNull("rope_scaling");

    assertThat(read().ropeTheta()).isEqualTo(500000);
    assertThat(read().defaulted()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rope_scaling", "rope_parameters"})
  void aRopeFactorWithoutATypeIsNotTakenForNoScaling(String key) {
    config.putObject(key).put("factor", 2.0);

    assertThat(faults())
        .containsExactly(
            "config.json: "
                + key
                + ".rope_type: not supported; got a factor without a type, expected \"default\"");
  }

  @Test
  void ropeThetaIsReadFromFilesOfTransformers5() throws IOException {
    config.remove("rope_theta");
    config.putObject("rope_parameters").put("rope_type", "default").put("rope_theta", 500000.0);

    assertThat(read().ropeTheta()).isEqualTo(500000);
    assertThat(read().defaulted()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"'[2, 7]', 2 7", "7, 7", "null, ''", "'[]', ''", "0, 0"})
  void oneOrSeveralTokensMayEndAText(String json, String expected) throws IOException {
    config.set("eos_token_id", TinyCheckpoint.json(json));

    assertThat(read().eosTokens())
        .isEqualTo(
            expected.isEmpty()
                ? List.of()
                : List.of(expected.split(" ")).stream().map(Integer::valueOf).toList());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"hidden_act\": \"silu\"}",
        "{\"attention_bias\": false, \"mlp_bias\": false}",
        "{\"quantization_config\": null}",
        "{\"sliding_window\": null}",
        "{\"pretraining_tp\": 1}",
        "{\"rope_scaling\": {\"type\": \"default\"}}",
        "{\"rope_parameters\": null}"
      })
  void keysThatSayPlainLlamaAreAccepted(String keys) throws IOException {
    config.setAll((ObjectNode) TinyCheckpoint.json(keys));

    assertThat(read().shape()).isEqualTo(SHAPE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "model_type          | \"mistral\" | unknown architecture; got \"mistral\", expected"
            + " \"llama\"",
        "hidden_act          | \"gelu\"    | not supported; got \"gelu\", expected a plain Llama:"
            + " silu",
        "attention_bias      | true        | not supported; got true, expected a plain Llama:"
            + " false",
        "mlp_bias            | true        | not supported; got true, expected a plain Llama:"
            + " false",
        "quantization_config | {\"bits\":4} | not supported; got {\"bits\":4}, expected a plain"
            + " Llama: null",
        "sliding_window      | 4096        | not supported; got 4096, expected a plain Llama: null",
        "pretraining_tp      | 2           | not supported; got 2, expected a plain Llama: 1 or 0",
        "hidden_size         | 8.5         | got 8.5; expected a whole number, at least 1",
        "num_hidden_layers   | 0           | got 0; expected a whole number, at least 1",
        "vocab_size          | \"10\"      | got \"10\"; expected a whole number, at least 1",
        "intermediate_size   | 99999999999 | got 99999999999; expected a whole number, at least 1",
        "num_key_value_heads | 3           | got 3, expected a divisor of num_attention_heads = 4",
        "head_dim            | 3           | got 3, expected an even number",
        "rms_norm_eps        | 0           | got 0, expected a number above 0",
        "rope_theta          | \"1e4\"     | got \"1e4\", expected a number above 0",
      })
  void whatCannotBeComputedIsRefusedWithKeyAndValue(String key, String value, String fault) {
    config.set(key, TinyCheckpoint.json(value));

    assertThat(faults()).containsExactly("config.json: " + key + ": " + fault);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "rope_scaling    | {\"rope_type\": \"llama3\", \"factor\": 8.0} | llama3",
        "rope_scaling    | {\"type\": \"linear\", \"factor\": 2.0}      | linear",
        "rope_parameters | {\"rope_type\": \"yarn\", \"rope_theta\": 1e4} | yarn",
      })
  void scaledRotaryEmbeddingsAreRefused(String key, String value, String type) {
    config.set(key, TinyCheckpoint.json(value));

    assertThat(faults())
        .containsExactly(
            "config.json: "
                + key
                + ".rope_type: not supported; got \""
                + type
                + "\", expected \"default\"");
  }

  @Test
  void allFaultsAreReportedAtOnceInAFixedOrder() {
    config.remove(List.of("hidden_size", "vocab_size"));
    config.put("hidden_act", "gelu").put("attention_bias", true).put("sliding_window", 4096);
    config.put("num_key_value_heads", 3).put("rms_norm_eps", -1);
    config.putObject("rope_scaling").put("rope_type", "llama3");

    assertThat(faults())
        .containsExactly(
            "config.json: attention_bias: not supported; got true, expected a plain Llama: false",
            "config.json: hidden_act: not supported; got \"gelu\", expected a plain Llama: silu",
            "config.json: sliding_window: not supported; got 4096, expected a plain Llama: null",
            "config.json: hidden_size: missing; expected a whole number, at least 1",
            "config.json: vocab_size: missing; expected a whole number, at least 1",
            "config.json: rms_norm_eps: got -1, expected a number above 0",
            "config.json: rope_scaling.rope_type: not supported; got \"llama3\", expected"
                + " \"default\"",
            "config.json: num_key_value_heads: got 3, expected a divisor of num_attention_heads ="
                + " 4");
  }

  @Test
  void anotherArchitectureIsTheOnlyFaultReported() {
    config.put("model_type", "gpt2").remove("hidden_size");

    assertThat(faults())
        .containsExactly(
            "config.json: model_type: unknown architecture; got \"gpt2\", expected \"llama\"");
  }

  @Test
  void aModelNarrowerThanItsHeadsAreManyIsRefused() {
    config.put("hidden_size", 3).remove("head_dim");

    assertThat(faults())
        .containsExactly(
            "config.json: hidden_size: got 3, expected a multiple of num_attention_heads = 4,"
                + " since head_dim is missing");
  }

  @Test
  void aFileThatIsNoJsonObjectIsDamaged() throws IOException {
    assertThat(faultsOf("[]"))
        .containsExactly("config.json: damaged; got ARRAY, expected a JSON object");
    assertThat(faultsOf("{\"model_type\" \"llama\"}"))
        .containsExactly(
            "config.json: damaged; not JSON: Unexpected character ('\"' (code 34)): was expecting a"
                + " colon to separate field name and value");
    assertThat(faultsOf("{\"hidden_size\": 8, \"hidden_size\": 16}"))
        .containsExactly("config.json: damaged; not JSON: Duplicate field 'hidden_size'");
    Files.write(folder.resolve("config.json"), "\"ü\"".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(TinyCheckpoint.faults(folder, () -> LlamaConfig.read(folder)))
        .containsExactly(
            "config.json: cannot be read; java.nio.charset.MalformedInputException: Input length ="
                + " 1");
  }

  @Test
  void aMissingFileOrFolderIsNamed() {
    assertThat(TinyCheckpoint.faults(folder, () -> LlamaConfig.read(folder)))
        .containsExactly("config.json: missing; is this a checkpoint folder?");
    assertThat(TinyCheckpoint.faults(folder, () -> LlamaConfig.read(folder.resolve("modle"))))
        .containsExactly(
            "modle: no such folder; expected a checkpoint folder with config.json, *.safetensors"
                + " and tokenizer.json");
  }

  @Test
  void theFileItselfIsKept() throws IOException {
    config.put("torch_dtype", "float32");

    JsonNode kept = read().json();

    assertThat(kept).isEqualTo(config);
  }
}
