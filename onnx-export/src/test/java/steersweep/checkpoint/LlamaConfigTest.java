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

  private ModelConfig read() throws IOException {
    Files.writeString(folder.resolve("config.json"), config.toString());
    return ModelConfig.read(folder);
  }

  private LlamaConfig llama() throws IOException {
    return (LlamaConfig) read().own();
  }

  private List<String> faults() {
    return TinyCheckpoint.faults(folder, this::read);
  }

  private List<String> faultsOf(String content) throws IOException {
    Files.writeString(folder.resolve("config.json"), content);
    return TinyCheckpoint.faults(folder, () -> ModelConfig.read(folder));
  }

  @Test
  void aWholeConfigIsReadAndNothingIsAssumed() throws IOException {
    assertThat(read())
        .isEqualTo(
            new ModelConfig(
                Family.LLAMA,
                new LlamaConfig(
                    SHAPE,
                    "max_position_embeddings",
                    1e-5,
                    Rope.plain(10000),
                    LlamaConfig.Extras.NONE,
                    false),
                1,
                List.of(2),
                List.of(),
                List.of(),
                List.of(),
                config));
  }

  @ParameterizedTest
  @CsvSource({
    "llama,   32000,  11008, 32, 128, 2048,   1, 2",
    "mistral, 32000,  14336, 8,  128, 4096,   1, 2",
    "qwen2,   151936, 22016, 32, 128, 32768, -1, ''",
    "qwen3,   151936, 22016, 32, 128, 32768, -1, ''"
  })
  void anEmptyConfigTakesTheDefaultsOfTransformers(
      String type, int words, int mlp, int kvHeads, int headDim, int longest, int bos, String eos)
      throws IOException {
    config.removeAll().put("model_type", type);

    ModelConfig read = read();

    assertThat(read.shape())
        .isEqualTo(new ModelShape(32, 32, kvHeads, 4096, headDim, mlp, words, longest));
    assertThat(llama().rmsNormEps()).isEqualTo(1e-6);
    assertThat(llama().rope()).isEqualTo(Rope.plain(10000));
    assertThat(llama().tiedEmbeddings()).isFalse();
    assertThat(read.bosToken()).isEqualTo(bos);
    assertThat(read.eosTokens()).isEqualTo(eos.isEmpty() ? List.of() : List.of(2));
    assertThat(read.defaulted())
        .contains("hidden_size = 4096", "num_hidden_layers = 32", "rope_theta = 10000.0");
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

    ModelConfig read = read();

    assertThat(read.shape()).isEqualTo(new ModelShape(2, 4, 4, 8, 2, 12, 10, 2048));
    assertThat(read.defaulted())
        .containsExactly(
            "num_key_value_heads = 4 (num_attention_heads)",
            "head_dim = 2 (hidden_size / num_attention_heads)",
            "max_position_embeddings = 2048",
            "rms_norm_eps = 1.0E-6",
            "rope_theta = 10000.0",
            "bos_token_id = 1",
            "eos_token_id = 2");
  }

  @Test
  void theFirstLlamasKeyForTheLengthIsKnown() throws IOException {
    config.remove("max_position_embeddings");
    config.put("max_sequence_length", 64);

    assertThat(read().shape().maxPositions()).isEqualTo(64);
    assertThat(read().defaulted()).isEmpty();
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

    assertThat(llama().rope()).isEqualTo(Rope.plain(500000));
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
                + ".rope_type: not supported; got a factor without a type, expected one of default,"
                + " linear, llama3");
  }

  @Test
  void ropeThetaIsReadFromFilesOfTransformers5() throws IOException {
    config.remove("rope_theta");
    config.putObject("rope_parameters").put("rope_type", "default").put("rope_theta", 500000.0);

    assertThat(llama().rope()).isEqualTo(Rope.plain(500000));
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

  @Test
  void anOldCheckpointHasNoBeginOfTextAtMinusOne() throws IOException {
    config.put("bos_token_id", -1);

    assertThat(read().bosToken()).isEqualTo(-1);
  }

  @Test
  void aWrongEndOfTextIsNamedWithItsFile() throws IOException {
    Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": 5000}");

    assertThat(faults())
        .containsExactly(
            "generation_config.json: eos_token_id: got 5000, expected a token of the model, 0..9,"
                + " a list of them, or null");
  }

  @Test
  void whatEndsATextIsReadFromTheGenerationConfigFirst() throws IOException {
    Files.writeString(
        folder.resolve("generation_config.json"), "{\"eos_token_id\": [5, 6], \"top_p\": 0.9}");

    assertThat(read().eosTokens()).containsExactly(5, 6);
    Files.writeString(folder.resolve("generation_config.json"), "{\"top_p\": 0.9}");
    assertThat(read().eosTokens()).containsExactly(2);
    Files.writeString(folder.resolve("generation_config.json"), "{");
    assertThat(faults())
        .singleElement()
        .asString()
        .startsWith("generation_config.json: damaged; not JSON");
  }

  // ---- the families ----

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"model_type\": \"llama\"} | false | false | false | false",
        "{\"model_type\": \"llama\", \"attention_bias\": true} | true | true | false | false",
        "{\"model_type\": \"llama\", \"mlp_bias\": true} | false | false | true | false",
        "{\"model_type\": \"mistral\"} | false | false | false | false",
        "{\"model_type\": \"qwen2\"} | true | false | false | false",
        "{\"model_type\": \"qwen3\"} | false | false | false | true",
        "{\"model_type\": \"qwen3\", \"attention_bias\": true} | true | true | false | true",
      })
  void eachFamilyHasItsOwnExtras(String keys, boolean qkv, boolean o, boolean mlp, boolean qkNorm)
      throws IOException {
    config.setAll((ObjectNode) TinyCheckpoint.json(keys));

    assertThat(llama().extras()).isEqualTo(new LlamaConfig.Extras(qkv, o, mlp, qkNorm));
  }

  @Test
  void nullKeyValueHeadsOfMistralAreAsManyAsQueryHeads() throws IOException {
    config.put("model_type", "mistral").putNull("num_key_value_heads").putNull("sliding_window");

    assertThat(read().shape().nKvHeads()).isEqualTo(4);
  }

  // ---- sliding windows: no difference to sequences that fit into one ----

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"model_type\": \"mistral\", \"sliding_window\": 16} | 16 | sliding_window",
        "{\"model_type\": \"mistral\", \"sliding_window\": 99} | 32 | max_position_embeddings",
        "{\"model_type\": \"mistral\", \"sliding_window\": null} | 32 | max_position_embeddings",
        "{\"model_type\": \"mistral\", \"max_position_embeddings\": 9999} | 4096 | sliding_window",
        "{\"model_type\": \"qwen2\", \"sliding_window\": 16} | 32 | max_position_embeddings",
        "{\"model_type\": \"qwen2\", \"sliding_window\": 16, \"use_sliding_window\": true} | 32 |"
            + " max_position_embeddings",
        "{\"model_type\": \"qwen2\", \"sliding_window\": 16, \"use_sliding_window\": true,"
            + " \"max_window_layers\": 1} | 16 | sliding_window",
        "{\"model_type\": \"qwen2\", \"sliding_window\": null, \"use_sliding_window\": true,"
            + " \"max_window_layers\": 1} | 32 | max_position_embeddings",
        "{\"model_type\": \"qwen3\", \"sliding_window\": 16, \"use_sliding_window\": true,"
            + " \"layer_types\": [\"full_attention\", \"sliding_attention\"]} | 16 |"
            + " sliding_window",
        "{\"model_type\": \"qwen3\", \"layer_types\": [\"full_attention\"]} | 32 |"
            + " max_position_embeddings",
      })
  void aSlidingWindowLimitsTheLengthInstead(String keys, int longest, String key)
      throws IOException {
    config.setAll((ObjectNode) TinyCheckpoint.json(keys));

    assertThat(read().shape().maxPositions()).isEqualTo(longest);
    assertThat(llama().lengthKey()).isEqualTo(key);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "llama   | sliding_window | 4096 | not supported; got 4096, expected no such key",
        "llama   | layer_types | [\"chunked_attention\"] | not supported; got chunked_attention,"
            + " expected a list of full_attention",
        "mistral | layer_types | [\"full_attention\", \"sliding_attention\"] | not supported; got"
            + " sliding_attention, expected a list of full_attention",
        "qwen2   | layer_types | [\"sliding_attention\"] | not supported; got sliding_attention,"
            + " expected a list of full_attention",
        "qwen3   | layer_types | [\"linear_attention\"] | not supported; got linear_attention,"
            + " expected a list of full_attention",
        "qwen3   | layer_types | \"full\" | not supported; got \"full\", expected a list of"
            + " full_attention",
        "mistral | sliding_window | 0 | got 0, expected a whole number, at least 1",
      })
  void otherKindsOfAttentionAreRefused(String type, String key, String value, String fault) {
    config.put("model_type", type).set(key, TinyCheckpoint.json(value));

    assertThat(faults()).containsExactly("config.json: " + key + ": " + fault);
  }

  // ---- keys that change nothing, and keys that would change everything ----

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"hidden_act\": \"silu\"}",
        "{\"hidden_act\": \"swish\"}",
        "{\"attention_bias\": false, \"mlp_bias\": false}",
        "{\"quantization_config\": null}",
        "{\"sliding_window\": null}",
        "{\"pretraining_tp\": 2}",
        "{\"rope_scaling\": {\"type\": \"default\"}}",
        "{\"rope_scaling\": {}}",
        "{\"rope_parameters\": null}",
        "{\"partial_rotary_factor\": 1.0}",
        "{\"residual_multiplier\": 1}",
        "{\"pruned_heads\": {}}"
      })
  void keysThatChangeNothingAreAccepted(String keys) throws IOException {
    config.setAll((ObjectNode) TinyCheckpoint.json(keys));

    assertThat(read().shape()).isEqualTo(SHAPE);
    assertThat(read().unknown()).isEmpty();
  }

  @Test
  void keysWithoutEffectAndUnknownOnesAreListed() throws IOException {
    config.put("use_cache", true).put("torch_dtype", "float16").put("attention_dropout", 0.1);
    config.put("my_own_key", 3);

    assertThat(read().ignored()).containsExactly("attention_dropout", "torch_dtype", "use_cache");
    assertThat(read().unknown()).containsExactly("my_own_key");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "hidden_act          | \"gelu\"    | not supported; got \"gelu\", expected \"silu\"",
        "quantization_config | {\"bits\":4} | not supported; got {\"bits\":4}, expected no such key",
        "num_local_experts   | 8           | not supported; got 8, expected 0 or no such key",
        "attn_logit_softcapping | 50.0     | not supported; got 50.0, expected no such key",
        "residual_multiplier | 0.22        | not supported; got 0.22, expected 1 or 1.0 or no such"
            + " key",
        "partial_rotary_factor | 0.5       | not supported; got 0.5, expected 1 or 1.0 or no such"
            + " key",
        "rope_interleaved    | true        | not supported; got true, expected false or no such key",
        "attention_bias      | 1           | got 1, expected true or false",
        "tie_word_embeddings | \"yes\"     | got \"yes\", expected true or false",
        "hidden_size         | 8.5         | got 8.5, expected a whole number, at least 1",
        "num_hidden_layers   | 0           | got 0, expected a whole number, at least 1",
        "vocab_size          | \"10\"      | got \"10\", expected a whole number, at least 1",
        "intermediate_size   | 99999999999 | got 99999999999, expected a whole number, at least 1",
        "num_key_value_heads | 3           | got 3, expected a divisor of num_attention_heads = 4",
        "head_dim            | 3           | got 3, expected an even number",
        "rms_norm_eps        | 1e999       | got \"Infinity\", expected a finite number above 0",
        "rope_theta          | 1e999       | got \"Infinity\", expected a finite number above 0",
        "eos_token_id        | \"2\"       | got \"2\", expected a token of the model, 0..9, a list of them, or null",
        "eos_token_id        | -1          | got -1, expected a token of the model, 0..9, a list of them, or null",
        "eos_token_id        | [2, 10]     | got 10, expected a token of the model, 0..9, a list of them, or null",
        "eos_token_id        | 4294967298  | got 4294967298, expected a token of the model, 0..9, a list of them, or null",
        "eos_token_id        | 2.5         | got 2.5, expected a token of the model, 0..9, a list of them, or null",
        "bos_token_id        | 10          | got 10, expected a token of the model, 0..9, a list of them, or null",
        "rms_norm_eps        | 0           | got 0, expected a finite number above 0",
        "rope_theta          | \"1e4\"     | got \"1e4\", expected a finite number above 0",
        "rope_scaling        | \"linear\"  | got \"linear\", expected an object",
      })
  void whatCannotBeComputedIsRefusedWithKeyAndValue(String key, String value, String fault) {
    config.set(key, TinyCheckpoint.json(value));

    assertThat(faults()).containsExactly("config.json: " + key + ": " + fault);
  }

  @Test
  void aModelTypeThatIsNotKnownIsTheOnlyFaultReported() {
    config.put("model_type", "bloom").put("hidden_size", 0);
    assertThat(faults())
        .containsExactly(
            "config.json: model_type: not supported; got \"bloom\", (choices: llama, mistral, qwen2,"
                + " qwen3, gpt2, gpt_neox, t5)");

    config.put("model_type", "qwen2_moe");
    assertThat(faults())
        .containsExactly(
            "config.json: model_type: not supported; got \"qwen2_moe\", (choices: llama, mistral,"
                + " qwen2, qwen3, gpt2, gpt_neox, t5)");

    config.remove("model_type");
    assertThat(faults())
        .containsExactly(
            "config.json: model_type: missing; (choices: llama, mistral, qwen2, qwen3, gpt2, gpt_neox, t5)");
  }

  // ---- rotary embedding ----

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "rope_scaling    | {\"type\": \"linear\", \"factor\": 2.0}",
        "rope_scaling    | {\"rope_type\": \"linear\", \"factor\": 2}",
        "rope_parameters | {\"rope_type\": \"linear\", \"factor\": 2.0, \"rope_theta\": 10000.0}",
      })
  void linearScalingIsReadAsEveryTransformersWroteIt(String key, String value) throws IOException {
    config.set(key, TinyCheckpoint.json(value));

    assertThat(llama().rope()).isEqualTo(new Rope(Rope.Type.LINEAR, 10000, 2, 0, 0, 0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "rope_scaling    | {\"type\": \"llama3\", FACTORS}",
        "rope_scaling    | {\"rope_type\": \"llama3\", FACTORS}",
        "rope_parameters | {\"rope_type\": \"llama3\", \"rope_theta\": 10000, FACTORS}",
      })
  void llama3ScalingIsReadAsEveryTransformersWroteIt(String key, String value) throws IOException {
    String factors =
        "\"factor\": 8, \"low_freq_factor\": 1, \"high_freq_factor\": 4,"
            + " \"original_max_position_embeddings\": 16";
    config.set(key, TinyCheckpoint.json(value.replace("FACTORS", factors)));

    assertThat(llama().rope()).isEqualTo(new Rope(Rope.Type.LLAMA3, 10000, 8, 1, 4, 16));
    assertThat(read().defaulted()).isEmpty();
  }

  @Test
  void theLengthBeforeScalingIsTheModelsWhereNoneIsGiven() throws IOException {
    config
        .putObject("rope_scaling")
        .put("rope_type", "llama3")
        .put("factor", 8)
        .put("low_freq_factor", 1)
        .put("high_freq_factor", 4);

    assertThat(llama().rope().originalMaxPositions()).isEqualTo(32);
    assertThat(read().defaulted())
        .containsExactly(
            "rope_scaling.original_max_position_embeddings = 32 (max_position_embeddings)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"rope_type\": \"yarn\", \"factor\": 4} | rope_type: not supported; got \"yarn\","
            + " expected one of default, linear, llama3",
        "{\"type\": \"dynamic\", \"factor\": 4} | rope_type: not supported; got \"dynamic\","
            + " expected one of default, linear, llama3",
        "{\"full_attention\": {\"rope_theta\": 1}} | rope_type: not supported; got"
            + " {\"full_attention\":{\"rope_theta\":1}}, expected one of default, linear, llama3",
        "{\"rope_type\": \"linear\"} | factor: missing; expected a finite number above 0",
        "{\"rope_type\": \"linear\", \"factor\": -1} | factor: got -1, expected a finite number above 0",
        "{\"rope_type\": \"default\", \"partial_rotary_factor\": 0.5} | partial_rotary_factor: not"
            + " supported; got 0.5, expected 1.0",
        "{\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 4, \"high_freq_factor\":"
            + " 4} | high_freq_factor: got 4.0, expected more than low_freq_factor = 4.0",
        "{\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 1, \"high_freq_factor\":"
            + " 4, \"original_max_position_embeddings\": 0} | original_max_position_embeddings: got"
            + " 0, expected a whole number, at least 1",
      })
  void otherRotaryEmbeddingsAreRefused(String value, String fault) {
    config.set("rope_scaling", TinyCheckpoint.json(value));

    assertThat(faults()).containsExactly("config.json: rope_scaling." + fault);
  }

  @Test
  void twoRotaryEmbeddingsThatDifferAreRefused() {
    config.putObject("rope_scaling").put("rope_type", "linear").put("factor", 2);
    config.putObject("rope_parameters").put("rope_type", "linear").put("factor", 4);

    assertThat(faults())
        .containsExactly(
            "config.json: rope_scaling: says something else than rope_parameters; expected one of"
                + " them");
  }

  @Test
  void allFaultsAreReportedAtOnceInAFixedOrder() {
    config.put("hidden_size", 0).put("vocab_size", -1);
    config.put("hidden_act", "gelu").put("alibi", true).put("sliding_window", 4096);
    config.put("num_key_value_heads", 3).put("rms_norm_eps", -1);
    config.putObject("rope_scaling").put("rope_type", "llama3");

    assertThat(faults())
        .containsExactly(
            "config.json: alibi: not supported; got true, expected false or no such key",
            "config.json: sliding_window: not supported; got 4096, expected no such key",
            "config.json: hidden_act: not supported; got \"gelu\", expected \"silu\"",
            "config.json: hidden_size: got 0, expected a whole number, at least 1",
            "config.json: vocab_size: got -1, expected a whole number, at least 1",
            "config.json: rms_norm_eps: got -1, expected a finite number above 0",
            "config.json: rope_scaling.factor: missing; expected a finite number above 0",
            "config.json: rope_scaling.low_freq_factor: missing; expected a finite number above 0",
            "config.json: rope_scaling.high_freq_factor: missing; expected a finite number above 0",
            "config.json: num_key_value_heads: got 3, expected a divisor of num_attention_heads ="
                + " 4");
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
    assertThat(TinyCheckpoint.faults(folder, () -> ModelConfig.read(folder)))
        .containsExactly("config.json: damaged; not UTF-8 text");
  }

  @Test
  void aMissingFileOrFolderIsNamed() {
    assertThat(TinyCheckpoint.faults(folder, () -> ModelConfig.read(folder)))
        .containsExactly("config.json: missing; is this a checkpoint folder?");
    assertThat(TinyCheckpoint.faults(folder, () -> ModelConfig.read(folder.resolve("modle"))))
        .containsExactly(
            "modle: no such folder; expected a checkpoint folder with config.json, *.safetensors"
                + " and tokenizer.json, or a .gguf file");
  }

  @Test
  void theFileItselfIsKept() throws IOException {
    config.put("torch_dtype", "float32");

    JsonNode kept = read().json();

    assertThat(kept).isEqualTo(config);
  }
}
