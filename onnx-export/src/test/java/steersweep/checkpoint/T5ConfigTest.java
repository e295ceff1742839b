package steersweep.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import steersweep.TinyCheckpoint;
import steersweep.model.ModelShape;

/** Config files of T5 and FLAN-T5; distances compared with transformers' buckets. */
class T5ConfigTest {
  private static final Path BUCKETS = Path.of("src/test/resources/t5-buckets.json");

  @TempDir Path folder;

  private ModelConfig read(String keys) throws IOException {
    ObjectNode json = (ObjectNode) TinyCheckpoint.json(keys);
    Files.writeString(folder.resolve("config.json"), json.put("model_type", "t5").toString());
    return ModelConfig.read(folder);
  }

  private T5Config t5(String keys) throws IOException {
    return (T5Config) read(keys).own();
  }

  static Stream<JsonNode> buckets() throws IOException {
    List<JsonNode> all = new ArrayList<>();
    new ObjectMapper().readTree(BUCKETS.toFile()).get("buckets").forEach(all::add);
    return all.stream();
  }

  @Test
  void anEmptyConfigTakesTheDefaultsOfTransformers() throws IOException {
    ModelConfig read = read("{}");

    assertThat(read.own())
        .isEqualTo(
            new T5Config(
                new ModelShape(6, 8, 8, 512, 64, 2048, 32128, 1 << 20).withEncoder(6, 0),
                1e-6,
                Activation.RELU,
                false,
                32,
                128,
                true,
                false));
    assertThat(read.bosToken()).isEqualTo(-1);
    assertThat(read.eosTokens()).containsExactly(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{} | true",
        "{\"tie_word_embeddings\": true} | true",
        "{\"tie_word_embeddings\": false} | false",
        "{\"tie_word_embeddings\": true, \"scale_decoder_outputs\": false} | false",
        "{\"tie_word_embeddings\": true, \"scale_decoder_outputs\": true} | true",
      })
  void theOutputIsScaledByTheFlagThatWasThereFirst(String keys, boolean scaled) throws IOException {
    assertThat(t5(keys).scaledOutput()).isEqualTo(scaled);
  }

  @Test
  void theOutputLayerIsWhatTheCheckpointHolds() throws IOException {
    T5Config tied = t5("{\"tie_word_embeddings\": true, \"scale_decoder_outputs\": false}");

    assertThat(tied.ownOutput()).isFalse();
    assertThat(tied.with(Set.of("shared.weight", "lm_head.weight")).ownOutput()).isTrue();
    assertThat(t5("{\"tie_word_embeddings\": false}").with(Set.of("shared.weight")).ownOutput())
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource({"relu, RELU, false", "gated-gelu, GELU_TANH, true", "gated-silu, SILU, true"})
  void theFeedForwardPartIsReadFromOneWord(String word, Activation activation, boolean gated)
      throws IOException {
    T5Config read = t5("{\"feed_forward_proj\": \"" + word + "\"}");

    assertThat(read.activation()).isEqualTo(activation);
    assertThat(read.gated()).isEqualTo(gated);
  }

  @Test
  void bothStacksHaveTheirOwnNumberOfLayersAndTheDecoderItsStart() throws IOException {
    ModelShape shape =
        t5("{\"num_layers\": 4, \"num_decoder_layers\": 2, \"decoder_start_token_id\": 9}").shape();

    assertThat(shape.nEncoderLayers()).isEqualTo(4);
    assertThat(shape.nLayers()).isEqualTo(2);
    assertThat(shape.prompt(new int[] {5, 6, 1})).containsExactly(5, 6, 1, 9);
    assertThat(shape.source(new int[] {5, 6, 1, 9, 7, 9})).isEqualTo(3);
  }

  @Test
  void whatIsNotComputedIsRefusedByName() throws IOException {
    Files.writeString(
        folder.resolve("config.json"),
        "{\"model_type\": \"t5\", \"is_encoder_decoder\": false, \"feed_forward_proj\": \"maxout\","
            + " \"relative_attention_num_buckets\": 30}");

    assertThat(TinyCheckpoint.faults(folder, () -> ModelConfig.read(folder)))
        .containsExactly(
            "config.json: is_encoder_decoder: not supported; got false, expected true or no such"
                + " key",
            "config.json: relative_attention_num_buckets: not supported; got 30 up to a distance of"
                + " 128, expected a multiple of 4, and a distance of more than half of it up to"
                + " 65536",
            "config.json: feed_forward_proj: not supported; got \"maxout\", expected one of gelu,"
                + " gelu_new, gelu_pytorch_tanh, gelu_fast, relu, silu, swish, maybe behind gated-");
  }

  @ParameterizedTest
  @MethodSource("buckets")
  void distancesFallIntoTheBucketsOfTransformers(JsonNode expected) throws IOException {
    T5Config read =
        t5(
            "{\"relative_attention_num_buckets\": %s, \"relative_attention_max_distance\": %s}"
                .formatted(expected.get("num_buckets"), expected.get("max_distance")));

    ObjectMapper json = new ObjectMapper();
    assertThat(read.bucketsOfDistances(true))
        .isEqualTo(json.convertValue(expected.get("encoder"), long[].class));
    assertThat(read.bucketsOfDistances(false))
        .isEqualTo(json.convertValue(expected.get("decoder"), long[].class));
  }
}
