package steersweep.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import steersweep.architecture.StoredWeights;
import steersweep.checkpoint.Checkpoint;
import steersweep.checkpoint.LlamaConfig;
import steersweep.checkpoint.Rope;
import steersweep.cli.GoldenCheckpoint;
import steersweep.engine.PromptTokenizer;
import steersweep.error.UserError;

/** What a GGUF file's metadata stand for: config, tensors and tokenizer, or a refusal. */
class GgufCheckpointTest {
  @TempDir Path folder;
  private Path path;
  private final GgufBytes file = GgufBytes.llama();

  @BeforeEach
  void name() {
    path = folder.resolve("x.gguf");
  }

  @Test
  void theConfigIsThatOfTransformers() throws IOException {
    Checkpoint checkpoint = Checkpoint.open(file.write(path));

    assertThat(checkpoint.config().json().toString())
        .isEqualTo(
            "{\"model_type\":\"llama\",\"hidden_act\":\"silu\",\"hidden_size\":64,"
                + "\"intermediate_size\":64,\"num_hidden_layers\":1,\"num_attention_heads\":2,"
                + "\"num_key_value_heads\":2,\"head_dim\":32,\"max_position_embeddings\":128,"
                + "\"rms_norm_eps\":9.999999747378752E-6,\"vocab_size\":10,"
                + "\"tie_word_embeddings\":true,\"rope_theta\":10000.0,\"attention_bias\":false,"
                + "\"mlp_bias\":false,\"bos_token_id\":null,\"eos_token_id\":null}");
    assertThat(checkpoint.config().unknown()).isEmpty();
    assertThat(StoredWeights.of(checkpoint).tensors()).hasSize(11);
  }

  @Test
  void weightsOfALlamaAreNeverUsedWhereTheyAre() throws IOException {
    StoredWeights weights = StoredWeights.of(Checkpoint.open(file.write(path)));

    assertThat(weights.types()).containsExactly("F32");
    assertThat(weights.allOf(weights.dtype())).as("rows of q and k are in pairs").isFalse();
  }

  @Test
  void theScalingOfLlama3IsFoundAgain() {
    Checkpoint checkpoint = Checkpoint.open(GoldenCheckpoint.of("gguf-llama"));

    assertThat(((LlamaConfig) checkpoint.config().own()).rope())
        .isEqualTo(new Rope(Rope.Type.LLAMA3, 500000, 8, 1, 4, 8192));
  }

  @Test
  void linearScalingIsRead() throws IOException {
    file.text("llama.rope.scaling.type", "linear").real("llama.rope.scaling.factor", 4);

    assertThat(((LlamaConfig) Checkpoint.open(file.write(path)).config().own()).rope())
        .isEqualTo(new Rope(Rope.Type.LINEAR, 10000, 4, 0, 0, 0));
  }

  @Test
  void otherFrequenciesThanThoseOfLlama3AreRefused() throws IOException {
    file.floats("rope_freqs.weight", 16);
    assertRefused(
        "rope_freqs.weight: not the scaling of any Llama 3; expected low_freq_factor 1,"
            + " high_freq_factor 4 and 8192 positions before, with any factor");
    file.floats("rope_freqs.weight", 8);
    assertRefused("rope_freqs.weight: got F32 [8], expected F32 [16]");
  }

  @Test
  void otherArchitecturesAreRefusedWithWhatIsSupported() throws IOException {
    file.text("general.architecture", "gemma3");
    assertRefused(
        "general.architecture: not supported; got \"gemma3\", (choices: llama, qwen2, qwen3)");
    file.metadata.remove("general.architecture");
    assertRefused("general.architecture: missing; (choices: llama, qwen2, qwen3)");
  }

  @Test
  void anAdapterIsRefused() throws IOException {
    file.text("general.type", "adapter");
    assertRefused("general.type: got \"adapter\", expected \"model\"");
  }

  @Test
  void keysThatAreMissingOrNotKnownAreNamedTogether() throws IOException {
    file.metadata.remove("llama.context_length");
    file.numbers("llama.feed_forward_length", List.of(64, 64));
    file.number("llama.attention.head_count", 0);
    file.real("llama.attention.scale", 0.1f);
    file.number("llama.attention.sliding_window", 64);
    file.number("llama.expert_count", 8);
    file.number("llama.rope.dimension_count", 16);

    assertRefused(
        "llama.feed_forward_length: got a list of 2, expected a whole number, at least 1",
        "llama.attention.head_count: got 0, expected a whole number, at least 1",
        "llama.rope.dimension_count: not supported; got 16, expected 64 or no such key",
        "llama.context_length: missing; expected a whole number, at least 1",
        "llama.expert_count: not supported; got 8, expected 0 or no such key",
        "llama.attention.scale: not known, and may change what the model computes; got"
            + " 0.10000000149011612, expected no such key",
        "llama.attention.sliding_window: not known, and may change what the model computes; got 64,"
            + " expected no such key");
  }

  @ParameterizedTest
  @CsvSource({"yarn", "longrope"})
  void otherScalingsAreRefused(String type) throws IOException {
    file.text("llama.rope.scaling.type", type);
    assertRefused(
        "llama.rope.scaling.type: not supported; got "
            + type
            + ", expected none or linear, or rope_freqs.weight as Llama 3 has it");
  }

  @Test
  void tensorsThatTheArchitectureDoesNotHaveAreRefused() throws IOException {
    file.floats("blk.0.attn_sub_norm.weight", 64);
    file.tensors.remove("blk.0.ffn_up.weight");
    file.write(path);

    assertThatThrownBy(() -> StoredWeights.of(Checkpoint.open(path)))
        .hasMessage(
            path
                + ": tensor missing: model.layers.0.mlp.up_proj.weight [64, 64]"
                + System.lineSeparator()
                + path
                + ": tensor not known in a llama model: blk.0.attn_sub_norm.weight [64]");
  }

  // ---- tokenizers that are not made again ----

  @Test
  void aTokenizerThatNothingDeterminesIsRefused() throws IOException {
    assertNoTokenizer("tokenizer.ggml.model: missing; (choices: gpt2, llama)");
    file.text("tokenizer.ggml.model", "t5");
    assertNoTokenizer("tokenizer.ggml.model: not supported; got \"t5\", (choices: gpt2, llama)");
    file.text("tokenizer.ggml.model", "gpt2");
    assertNoTokenizer("tokenizer.ggml.tokens: missing; expected a list of texts");
    file.texts("tokenizer.ggml.tokens", List.of("a", "b", "a"));
    file.numbers("tokenizer.ggml.token_type", List.of(1, 1));
    assertNoTokenizer("tokenizer.ggml.token_type: got 2 values, expected one for each of 3 tokens");
    file.numbers("tokenizer.ggml.token_type", List.of(1, 1, 1));
    assertNoTokenizer("tokenizer.ggml.tokens: token 2 stands there twice");
    file.texts("tokenizer.ggml.tokens", List.of("a", "b", "c"));
    String choices =
        "(choices: gpt-2, smollm, llama-bpe, llama3, llama-v3, qwen2, deepseek-r1-qwen, default)";
    assertNoTokenizer(
        "tokenizer.ggml.pre: missing, so nothing says how texts are cut; make the file again with a"
            + " newer llama.cpp; "
            + choices);
    file.text("tokenizer.ggml.pre", "viking");
    assertNoTokenizer("tokenizer.ggml.pre: not supported; got \"viking\", " + choices);
  }

  @Test
  void aSentencePieceTokenizerOfAnotherKindIsRefused() throws IOException {
    file.text("tokenizer.ggml.model", "llama");
    file.texts("tokenizer.ggml.tokens", List.of("<unk>", "<s>", "</s>", "a"));
    file.numbers("tokenizer.ggml.token_type", List.of(2, 3, 3, 1));
    file.reals("tokenizer.ggml.scores", List.of(0f, 0f, 0f, -1000f));
    file.flag("tokenizer.ggml.add_space_prefix", false);
    file.flag("tokenizer.ggml.remove_extra_whitespaces", true);
    file.numbers("tokenizer.ggml.precompiled_charsmap", List.of(1));

    assertNoTokenizer(
        "tokenizer.ggml.scores: all the same, so nothing says which tokens are merged first;"
            + " expected those of the SentencePiece model",
        "tokenizer.ggml.add_space_prefix: not supported; got false, expected true or no such key",
        "tokenizer.ggml.remove_extra_whitespaces: not supported; got true, expected false or no"
            + " such key",
        "tokenizer.ggml.precompiled_charsmap: not supported; expected no such key");
  }

  @Test
  void aTokenThatThereIsNotIsRefused() throws IOException {
    file.text("tokenizer.ggml.model", "gpt2").text("tokenizer.ggml.pre", "smollm");
    file.texts(
        "tokenizer.ggml.tokens",
        IntStream.range(33, 127).mapToObj(c -> Character.toString(c)).toList());
    file.numbers("tokenizer.ggml.token_type", IntStream.range(33, 127).mapToObj(c -> 1).toList());
    file.texts("tokenizer.ggml.merges", List.of("ab"));
    file.flag("tokenizer.ggml.add_bos_token", true).number("tokenizer.ggml.bos_token_id", 94);

    assertNoTokenizer("tokenizer.ggml.bos_token_id: got 94, expected one of 94 tokens");
    file.number("tokenizer.ggml.bos_token_id", 3);
    assertNoTokenizer("tokenizer.ggml.merges: got 'ab', expected two parts and a space");
    file.texts("tokenizer.ggml.merges", List.of());
    try (PromptTokenizer tokenizer = PromptTokenizer.open(file.write(path))) {
      assertThat(tokenizer.encode("AB")).containsExactly(3, 'A' - 33, 'B' - 33);
    }
  }

  private void assertRefused(String... faults) throws IOException {
    file.write(path);
    assertFaults(() -> Checkpoint.open(path), faults);
  }

  private void assertNoTokenizer(String... faults) throws IOException {
    file.write(path);
    assertFaults(() -> PromptTokenizer.open(path).close(), faults);
  }

  private void assertFaults(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String... faults) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            UserError.class,
            error ->
                assertThat(error.faults())
                    .containsExactly(
                        Arrays.stream(faults).map(f -> path + ": " + f).toArray(String[]::new)));
  }
}
