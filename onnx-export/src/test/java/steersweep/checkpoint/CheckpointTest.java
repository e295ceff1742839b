package steersweep.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.TinyCheckpoint;

class CheckpointTest {
  @TempDir Path temporary;

  private final TinyCheckpoint tiny = new TinyCheckpoint(1);
  private Path folder;
  private Path index;

  @BeforeEach
  void nameTheFolder() {
    folder = temporary.resolve("model");
    index = folder.resolve(TinyCheckpoint.INDEX);
  }

  private List<String> faults() {
    return TinyCheckpoint.faults(temporary, () -> Checkpoint.open(folder));
  }

  @Test
  void theTensorsOfOneFileAreFound() throws IOException {
    Checkpoint checkpoint = Checkpoint.open(tiny.write(folder));

    assertThat(checkpoint.tensors().keySet())
        .containsExactlyInAnyOrderElementsOf(tiny.tensors().keySet());
    assertThat(checkpoint.tensors().values())
        .allSatisfy(
            tensor -> assertThat(tensor.file()).isEqualTo(folder.resolve("model.safetensors")));
    assertThat(checkpoint.config().shape().nLayers()).isEqualTo(2);
  }

  @Test
  void theTensorsOfAllShardsAreFoundEachInItsFile() throws IOException {
    Checkpoint checkpoint = Checkpoint.open(tiny.writeSharded(folder));

    assertThat(checkpoint.tensors().keySet())
        .containsExactlyInAnyOrderElementsOf(tiny.tensors().keySet());
    assertThat(checkpoint.tensors().get("model.embed_tokens.weight").file())
        .isEqualTo(folder.resolve(TinyCheckpoint.shardName(0)));
    assertThat(checkpoint.tensors().get("model.layers.0.input_layernorm.weight").file())
        .isEqualTo(folder.resolve(TinyCheckpoint.shardName(1)));
  }

  @Test
  void aFolderThatIsNotThereIsNamed() {
    assertThat(faults())
        .containsExactly(
            "model: no such folder; expected a checkpoint folder with config.json, *.safetensors"
                + " and tokenizer.json");
  }

  @Test
  void missingWeightsAreNamed() throws IOException {
    Files.delete(tiny.write(folder).resolve("model.safetensors"));

    assertThat(faults())
        .containsExactly(
            "model/model.safetensors: missing; expected the weights in model.safetensors or in the"
                + " files named by model.safetensors.index.json");
  }

  @Test
  void everyShardMissingOrDamagedIsNamed() throws IOException {
    tiny.writeSharded(folder);
    Files.delete(folder.resolve(TinyCheckpoint.shardName(0)));
    Files.write(folder.resolve(TinyCheckpoint.shardName(1)), new byte[3]);

    assertThat(faults())
        .containsExactly(
            "model/model-00001-of-00002.safetensors: missing; named by"
                + " model.safetensors.index.json",
            "model/model-00002-of-00002.safetensors: not a safetensors file; got 3 bytes, expected"
                + " a header of at least 8");
  }

  @Test
  void anIndexCannotReachOutOfTheFolderOrNameOtherFormats() throws IOException {
    tiny.write(temporary.resolve("other"));
    tiny.write(folder);
    Files.copy(folder.resolve("model.safetensors"), temporary.resolve("x.safetensors"));
    Files.copy(folder.resolve("model.safetensors"), folder.resolve("pytorch_model.bin"));
    Files.writeString(
        index,
        """
        {"weight_map": {"a": "../x.safetensors", "b": "sub\\\\x.safetensors",
          "c": "pytorch_model.bin", "d": "%s", "e": "model.safetensors"}}
        """
            .formatted(temporary.resolve("x.safetensors")));

    assertThat(faults())
        .containsExactly(
            "model/model.safetensors.index.json: names a file that is not used; got"
                + " ../x.safetensors, expected a .safetensors file of the same folder",
            "model/model.safetensors.index.json: names a file that is not used; got x.safetensors,"
                + " expected a .safetensors file of the same folder",
            "model/model.safetensors.index.json: names a file that is not used; got"
                + " pytorch_model.bin, expected a .safetensors file of the same folder",
            "model/model.safetensors.index.json: names a file that is not used; got"
                + " sub\\x.safetensors, expected a .safetensors file of the same folder");
  }

  @Test
  void aDamagedIndexIsRefusedEvenNextToASingleFile() throws IOException {
    tiny.write(folder);

    Files.writeString(index, "{\"weight_map\": {\"a\": \"model.safet");
    assertThat(faults())
        .containsExactly(
            "model/model.safetensors.index.json: damaged; not JSON: Unexpected end-of-input: was"
                + " expecting closing quote for a string value");
    Files.writeString(index, "");
    assertThat(faults())
        .containsExactly(
            "model/model.safetensors.index.json: names no files; expected a weight_map");
    Files.writeString(index, "{\"weight_map\": {}}");
    assertThat(faults())
        .containsExactly(
            "model/model.safetensors.index.json: names no files; expected a weight_map");
  }

  @Test
  void aTensorInTwoShardsIsRefused() throws IOException {
    tiny.writeSharded(folder);
    TinyCheckpoint.writeSafetensors(
        folder.resolve(TinyCheckpoint.shardName(1)),
        Map.of("model.embed_tokens.weight", TinyCheckpoint.Weights.f32(new Random(2), 10, 8)));

    assertThat(faults())
        .containsExactly(
            "model/model-00002-of-00002.safetensors: model.embed_tokens.weight stands in"
                + " model-00001-of-00002.safetensors too");
  }
}
