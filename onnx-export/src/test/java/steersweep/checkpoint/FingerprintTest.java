package steersweep.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.TinyCheckpoint;
import steersweep.TinyCheckpoint.Weights;

class FingerprintTest {
  @TempDir Path temporary;

  private final TinyCheckpoint tiny = new TinyCheckpoint(1);

  private String fingerprint(String name) throws IOException {
    return Fingerprint.of(Checkpoint.open(tiny.write(temporary.resolve(name))));
  }

  @Test
  void theSameContentInAnotherFolderHasTheSameFingerprint() throws IOException {
    assertThat(fingerprint("a")).matches("[0-9a-f]{64}").isEqualTo(fingerprint("b"));
  }

  @Test
  void shardingMakesNoDifference() throws IOException {
    Path sharded = tiny.writeSharded(temporary.resolve("sharded"));

    assertThat(Fingerprint.of(Checkpoint.open(sharded))).isEqualTo(fingerprint("single"));
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

  @Test
  void holesInTheMiddleOfALargeTensorCount() throws IOException {
    Weights large = Weights.f32(new Random(3), 40_000);
    tiny.tensors().put("large", large);
    String before = fingerprint("before");

    Arrays.fill(large.bytes(), 60_000, 100_000, (byte) 0);

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
