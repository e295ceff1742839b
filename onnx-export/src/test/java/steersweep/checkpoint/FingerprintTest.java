package steersweep.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.TinyCheckpoint;
import steersweep.TinyCheckpoint.Weights;
import steersweep.model.FileHashes;

class FingerprintTest {
  @TempDir Path temporary;

  private final TinyCheckpoint tiny = new TinyCheckpoint(1);

  private String fingerprint(String name) throws IOException {
    return Fingerprint.of(Checkpoint.open(tiny.write(temporary.resolve(name))), hashes());
  }

  private FileHashes hashes() {
    return new FileHashes(temporary.resolve("cache"), (file, bytes) -> {});
  }

  @Test
  void theSameContentInAnotherFolderHasTheSameFingerprint() throws IOException {
    assertThat(fingerprint("a")).matches("[0-9a-f]{64}").isEqualTo(fingerprint("b"));
  }

  @Test
  void namesOfFilesDoNotCountAndEveryShardDoes() throws IOException {
    Path sharded = tiny.writeSharded(temporary.resolve("sharded"));
    String before = Fingerprint.of(Checkpoint.open(sharded), hashes());
    Path index = sharded.resolve("model.safetensors.index.json");
    String shard = "model-00002-of-00002.safetensors";
    Files.move(sharded.resolve(shard), sharded.resolve("other.safetensors"));
    Files.writeString(index, Files.readString(index).replace(shard, "other.safetensors"));

    assertThat(Fingerprint.of(Checkpoint.open(sharded), hashes())).isEqualTo(before);

    byte[] bytes = Files.readAllBytes(sharded.resolve("other.safetensors"));
    bytes[bytes.length - 1] ^= 1;
    Files.write(sharded.resolve("other.safetensors"), bytes);
    assertThat(Fingerprint.of(Checkpoint.open(sharded), hashes())).isNotEqualTo(before);
  }

  @Test
  void theFirstAndTheLastBytesOfEveryTensorCount() throws IOException {
    tiny.tensors().put("large", Weights.f32(new Random(3), 40_000));
    String before = fingerprint("before");
    for (Weights weights : tiny.tensors().values()) {
      for (int place : new int[] {0, weights.bytes().length - 1}) {
        weights.bytes()[place] ^= 1;
        assertThat(fingerprint("after")).isNotEqualTo(before);
        weights.bytes()[place] ^= 1;
      }
    }
    assertThat(fingerprint("after")).isEqualTo(before);
  }

  /** Of 160,000: samples would not see it. */
  @Test
  void oneBitInTheMiddleOfALargeTensorCounts() throws IOException {
    Weights large = Weights.f32(new Random(3), 40_000);
    tiny.tensors().put("large", large);
    String before = fingerprint("before");

    large.bytes()[70_001] ^= 1;

    assertThat(fingerprint("after")).isNotEqualTo(before);
  }

  @Test
  void namesTypesAndShapesCount() throws IOException {
    Weights flat = Weights.f32(new Random(3), 16);
    tiny.tensors().put("extra", flat);
    String before = fingerprint("before");

    tiny.tensors().put("extra", new Weights("F32", List.of(4L, 4L), flat.bytes()));
    String reshaped = fingerprint("reshaped");
    tiny.tensors().put("extra", new Weights("I32", flat.shape(), flat.bytes()));
    String retyped = fingerprint("retyped");
    tiny.tensors().remove("extra");
    tiny.tensors().put("extra.weight", flat);
    String renamed = fingerprint("renamed");

    assertThat(new String[] {before, reshaped, retyped, renamed}).doesNotHaveDuplicates();
  }

  @Test
  void configAndTokenizerCount() throws IOException {
    String before = fingerprint("a");
    Files.writeString(temporary.resolve("a/tokenizer.json"), "{}");
    String withTokenizer = fingerprint("a");
    tiny.config().put("rope_theta", 500000.0);
    String withTheta = fingerprint("a");

    assertThat(new String[] {before, withTokenizer, withTheta}).doesNotHaveDuplicates();
  }
}
