package steersweep.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import steersweep.TinyCheckpoint;
import steersweep.model.ModelShape;

/** Config files of families other than Llama's: defaults, old and new keys, what is refused. */
class OtherFamiliesTest {
  @TempDir Path folder;

  private ModelConfig read(String json) throws IOException {
    Files.writeString(folder.resolve("config.json"), json);
    return ModelConfig.read(folder);
  }

  private List<String> faults(String keys) throws IOException {
    ObjectNode json = (ObjectNode) TinyCheckpoint.json(keys);
    Files.writeString(folder.resolve("config.json"), json.toString());
    return TinyCheckpoint.faults(folder, () -> ModelConfig.read(folder));
  }

  @Test
  void anEmptyGpt2TakesTheDefaultsOfTransformers() throws IOException {
    ModelConfig read = read("{\"model_type\": \"gpt2\"}");

    assertThat(read.own())
        .isEqualTo(
            new Gpt2Config(
                new ModelShape(12, 12, 12, 768, 64, 3072, 50257, 1024),
                1e-5,
                Activation.GELU_TANH,
                true,
                false,
                true));
    assertThat(read.bosToken()).isEqualTo(50256);
    assertThat(read.eosTokens()).containsExactly(50256);
    assertThat(read.defaulted())
        .contains("n_layer = 12", "activation_function = gelu_new", "bos_token_id = 50256");
  }

  @Test
  void anEmptyGptNeoXTakesTheDefaultsOfTransformers() throws IOException {
    ModelConfig read = read("{\"model_type\": \"gpt_neox\"}");

    assertThat(read.own())
        .isEqualTo(
            new GptNeoXConfig(
                new ModelShape(44, 64, 64, 6144, 96, 24576, 50432, 2048),
                1e-5,
                Activation.GELU,
                Rope.plain(10000),
                24,
                true,
                true,
                false));
    assertThat(read.bosToken()).isEqualTo(0);
    assertThat(read.eosTokens()).containsExactly(2);
    assertThat(read.defaulted()).contains("rotary_pct = 0.25", "rotary_emb_base = 10000.0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"rotary_pct\": 0.5, \"rotary_emb_base\": 500} | 48 | 500",
        "{\"rope_parameters\": {\"rope_theta\": 500, \"partial_rotary_factor\": 1.0}} | 96 | 500",
        "{\"rope_scaling\": null, \"rotary_pct\": 1} | 96 | 10000",
      })
  void theRotaryEmbeddingIsReadFromOldAndNewKeys(String keys, int width, double theta)
      throws IOException {
    ObjectNode json = (ObjectNode) TinyCheckpoint.json(keys);

    GptNeoXConfig read = (GptNeoXConfig) read(json.put("model_type", "gpt_neox").toString()).own();

    assertThat(read.rotaryWidth()).isEqualTo(width);
    assertThat(read.rope()).isEqualTo(Rope.plain(theta));
  }

  @Test
  void keysThatOneFamilyIgnoresAreNotKnownInAnother() throws IOException {
    assertThat(read("{\"model_type\": \"gpt2\", \"attn_pdrop\": 0.1}").ignored())
        .containsExactly("attn_pdrop");
    assertThat(read("{\"model_type\": \"gpt_neox\", \"attn_pdrop\": 0.1}").unknown())
        .containsExactly("attn_pdrop");
    assertThat(read("{\"model_type\": \"gpt_neox\", \"use_parallel_residual\": true}").unknown())
        .isEmpty();
  }

  @Test
  void whatIsNotComputedIsRefusedByName() throws IOException {
    assertThat(
            faults(
                "{\"model_type\": \"gpt2\", \"add_cross_attention\": true, \"n_head\": 7,"
                    + " \"rotary_pct\": 0.25, \"activation_function\": \"quick_gelu\"}"))
        .containsExactly(
            "config.json: add_cross_attention: not supported; got true, expected false or no such"
                + " key",
            "config.json: rotary_pct: not supported; got 0.25, expected 1 or 1.0 or no such key",
            "config.json: activation_function: not supported; got \"quick_gelu\", expected one of"
                + " gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, relu, silu, swish",
            "config.json: n_embd: got 768, expected a multiple of n_head = 7");
    assertThat(
            faults(
                "{\"model_type\": \"gpt_neox\", \"rotary_pct\": 0.01, \"rope_scaling\":"
                    + " {\"type\": \"yarn\", \"factor\": 2}}"))
        .containsExactly(
            "config.json: rope_scaling.rope_type: not supported; got \"yarn\", expected one of"
                + " default, linear, llama3",
            "config.json: rotary_pct: turns 0 of 96 dimensions, expected an even number");
  }
}
