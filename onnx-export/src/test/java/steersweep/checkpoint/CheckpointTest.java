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
                + " and tokenizer.json, or a .gguf file");
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
    tiny.write(folder);
    Files.copy(folder.resolve("model.safetensors"), temporary.resolve("x.safetensors"));
    Files.copy(folder.resolve("model.safetensors"), folder.resolve("pytorch_model.bin"));
    Files.move(folder.resolve("model.safetensors"), folder.resolve("y.safetensors"));
    Files.writeString(
        index,
        """
        {"weight_map": {"a": "../x.safetensors", "b": "sub\\\\x.safetensors",
          "c": "pytorch_model.bin", "d": "%s", "e": "y.safetensors",
          "f": "x\\u0000.safetensors"}}
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
                + " sub\\x.safetensors, expected a .safetensors file of the same folder",
            "model/model.safetensors.index.json: names a file that is not used; got"
                + " x\0.safetensors, expected a .safetensors file of the same folder");
  }

  @Test
  void aDamagedIndexIsRefused() throws IOException {
    tiny.writeSharded(folder);

    Files.writeString(index, "{\"weight_map\": {\"a\": \"model.safet");
    assertThat(faults())
        .containsExactly(
            "model/model.safetensors.index.json: damaged; not JSON: Unexpected end-of-input: was"
                + " expecting closing quote for a string value");
    for (String empty : List.of("", "{\"weight_map\": {}}", "{\"weight_map\": [\"a\"]}", "[]")) {
      Files.writeString(index, empty);
      assertThat(faults())
          .containsExactly(
              "model/model.safetensors.index.json: names no files; expected a weight_map");
    }
  }

  /** As transformers does: see {@code _get_resolved_checkpoint_files} in its modeling_utils.py. */
  @Test
  void oneFileIsReadAndTheIndexBesideItLeftAlone() throws IOException {
    tiny.writeSharded(folder);
    tiny.write(folder);
    assertThat(Checkpoint.open(folder).tensors().values())
        .hasSize(tiny.tensors().size())
        .allSatisfy(
            tensor -> assertThat(tensor.file()).isEqualTo(folder.resolve("model.safetensors")));

    Files.writeString(index, "not JSON");
    assertThat(Checkpoint.open(folder).tensors()).hasSize(tiny.tensors().size());
  }

  @Test
  void tensorsThatAreNotWhereTheIndexSaysAreReportedTogether() throws IOException {
    tiny.writeSharded(folder);
    String text = Files.readString(index);
    String first = TinyCheckpoint.shardName(0);
    String second = TinyCheckpoint.shardName(1);
    Files.writeString(
        index,
        text.replace(
                "\"model.embed_tokens.weight\":\"" + first,
                "\"a.bias\":\""
                    + first
                    + "\",\"b.bias\":\""
                    + first
                    + "\",\"model.embed_tokens.weight\":\""
                    + second)
            .replace(
                "\"model.layers.0.input_layernorm.weight\":\"" + second,
                "\"model.layers.0.input_layernorm.weight\":\"" + first));

    assertThat(faults())
        .containsExactly(
            "model/model.safetensors.index.json: model.layers.0.input_layernorm.weight should lie"
                + " in model-00001-of-00002.safetensors and lies in"
                + " model-00002-of-00002.safetensors",
            "model/model.safetensors.index.json: a.bias (and 1 more like it) should lie in"
                + " model-00001-of-00002.safetensors and lies in no file",
            "model/model.safetensors.index.json: model.embed_tokens.weight should lie in"
                + " model-00002-of-00002.safetensors and lies in"
                + " model-00001-of-00002.safetensors");
  }

  @Test
  void aTensorThatTheIndexForgetsIsReadAllTheSame() throws IOException {
    tiny.writeSharded(folder);
    String text = Files.readString(index);
    String without = text.replaceFirst(",\"lm_head.weight\":\"[^\"]*\"", "");
    assertThat(without).isNotEqualTo(text);
    Files.writeString(index, without);

    assertThat(Checkpoint.open(folder).tensors()).containsKey("lm_head.weight");
  }

  @Test
  void aFolderWithGgufFilesNamesTheFileToPass() throws IOException {
    Files.delete(tiny.write(folder).resolve("model.safetensors"));
    Files.createFile(folder.resolve("tiny.Q4_0.gguf"));
    Files.createFile(folder.resolve("tiny.Q8_0.gguf"));
    String message =
        "model: got a folder with tiny.Q4_0.gguf, tiny.Q8_0.gguf, expected the file itself:"
            + " model/tiny.Q4_0.gguf";

    assertThat(faults()).containsExactly(message);
    Files.delete(folder.resolve("config.json"));
    assertThat(faults()).containsExactly(message);
  }

  @Test
  void weightsInAnotherFormatComeWithTheWayOut() throws IOException {
    Files.delete(tiny.write(folder).resolve("model.safetensors"));

    Files.createFile(folder.resolve("adapter_model.safetensors"));
    Files.createFile(folder.resolve("consolidated.00.pth"));
    assertThat(faults())
        .containsExactly(
            "model/model.safetensors: missing; got consolidated.00.pth, which is not read, expected"
                + " model.safetensors; take the model in the transformers format");
    Files.createFile(folder.resolve("pytorch_model-00001-of-00002.bin"));
    Files.createFile(folder.resolve("pytorch_model-00002-of-00002.bin"));
    assertThat(faults())
        .containsExactly(
            "model/model.safetensors: missing; got pytorch_model-00001-of-00002.bin (and 1 more"
                + " like it), which is not read, expected model.safetensors; to make it: python3"
                + " -c \"from transformers import AutoModelForCausalLM as M;"
                + " M.from_pretrained('model', dtype='auto').save_pretrained('model')\"");
  }

  @Test
  void shardsWithoutTheirIndexAreNamed() throws IOException {
    Files.delete(tiny.writeSharded(folder).resolve(TinyCheckpoint.INDEX));

    assertThat(faults())
        .containsExactly(
            "model/model.safetensors: missing; got model-00001-of-00002.safetensors (and 1 more"
                + " like it), expected model.safetensors.index.json beside them, which names"
                + " them");
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
                + " model-00001-of-00002.safetensors too",
            "model/model.safetensors.index.json: model.layers.0.input_layernorm.weight (and 9 more"
                + " like it) should lie in model-00002-of-00002.safetensors and lies in no file");
  }
}
