package steersweep.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.SparseCheckpoint;
import steersweep.model.FileHashes;
import steersweep.model.ModelShape;

/** Checkpoints as large as those on the hub; where a tensor lies is read back from there. */
class RealSizesTest {
  @TempDir Path temporary;

  private static void assertTensorsLieWhereTheReaderSays(Checkpoint checkpoint) throws IOException {
    for (StoredTensor tensor : checkpoint.tensors().values()) {
      try (FileChannel channel = FileChannel.open(tensor.file())) {
        ByteBuffer bytes = ByteBuffer.allocate(SparseCheckpoint.SENTINEL_BYTES);
        channel.read(bytes, tensor.offset());
        assertThat(bytes.array())
            .as("first bytes of " + tensor)
            .isEqualTo(SparseCheckpoint.sentinel(tensor.name(), true).array());
        channel.read(
            bytes.clear(), tensor.offset() + tensor.length() - SparseCheckpoint.SENTINEL_BYTES);
        assertThat(bytes.array())
            .as("last bytes of " + tensor)
            .isEqualTo(SparseCheckpoint.sentinel(tensor.name(), false).array());
      }
    }
  }

  private static Map<String, Long> sizes(Checkpoint checkpoint) {
    Map<String, Long> sizes = new TreeMap<>();
    for (StoredTensor tensor : checkpoint.tensors().values()) {
      sizes.merge(tensor.file().getFileName().toString(), tensor.length(), Long::sum);
    }
    return sizes;
  }

  private static long lastByte(Checkpoint checkpoint) {
    return checkpoint.tensors().values().stream()
        .mapToLong(tensor -> tensor.offset() + tensor.length())
        .max()
        .orElseThrow();
  }

  @Test
  void llama7bInHalfPrecisionAndTwoShards() throws IOException {
    Checkpoint checkpoint =
        Checkpoint.open(SparseCheckpoint.llama7b().write(temporary.resolve("model")));

    assertThat(checkpoint.config().shape())
        .isEqualTo(new ModelShape(32, 32, 32, 4096, 128, 11008, 32000, 2048));
    assertThat(checkpoint.tensors()).hasSize(3 + 32 * 10);
    assertThat(sizes(checkpoint).values().stream().mapToLong(bytes -> bytes).sum())
        .isEqualTo(2L * 6_738_415_616L + 32 * 64 * 4);
    assertThat(sizes(checkpoint))
        .containsOnlyKeys("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
    assertThat(lastByte(checkpoint)).isGreaterThan(2L << 32);
    assertTensorsLieWhereTheReaderSays(checkpoint);
  }

  @Test
  void llama7bInSinglePrecisionAndOneFile() throws IOException {
    Checkpoint checkpoint =
        Checkpoint.open(
            SparseCheckpoint.llama7bInSinglePrecision().write(temporary.resolve("model")));

    assertThat(sizes(checkpoint)).containsOnly(Map.entry("model.safetensors", 4 * 6_738_415_616L));
    assertTensorsLieWhereTheReaderSays(checkpoint);
  }

  /** The files have the very sizes of those on the hub, headers and all. */
  @Test
  void llama3Of8bInFourShards() throws IOException {
    Checkpoint checkpoint =
        Checkpoint.open(SparseCheckpoint.llama3Of8b().write(temporary.resolve("model")));

    assertThat(checkpoint.config().shape())
        .isEqualTo(new ModelShape(32, 32, 8, 4096, 128, 14336, 128_256, 8192));
    long[] hubSizes = {4_976_698_672L, 4_999_802_720L, 4_915_916_176L, 1_168_138_808L};
    for (int i = 0; i < hubSizes.length; i++) {
      Path shard = checkpoint.folder().resolve("model-0000" + (i + 1) + "-of-00004.safetensors");
      assertThat(shard).hasSize(hubSizes[i]);
    }
    assertThat(checkpoint.tensors().get("model.layers.31.self_attn.v_proj.weight").shape())
        .containsExactly(1024L, 4096L);
    assertTensorsLieWhereTheReaderSays(checkpoint);
  }

  /** What lies beyond 4 GiB is converted from there, and lies beyond 4 GiB again. */
  @Test
  void tensorsBeyondFourGibibytesAreConvertedFromThere() throws IOException {
    Checkpoint checkpoint =
        Checkpoint.open(SparseCheckpoint.llama7b().write(temporary.resolve("model")));
    StoredTensor far =
        checkpoint.tensors().values().stream()
            .filter(tensor -> tensor.offset() > 2L << 32 && tensor.shape().size() == 1)
            .findFirst()
            .orElseThrow();

    Map<String, StoredTensor> converted =
        ConvertedWeights.of(
            List.of(far),
            "F32",
            temporary.resolve("cache"),
            new FileHashes(temporary.resolve("cache"), (file, bytes) -> {}),
            (done, all) -> {});

    ByteBuffer first = SparseCheckpoint.sentinel(far.name(), true);
    ByteBuffer last = SparseCheckpoint.sentinel(far.name(), false);
    byte[] file = Files.readAllBytes(converted.get(far.name()).file());
    ByteBuffer made = ByteBuffer.wrap(file).order(first.order());
    int begin = (int) converted.get(far.name()).offset();
    for (int i = 0; i < 4; i++) {
      assertThat(made.getFloat(begin + 4 * i))
          .isEqualTo(HalfPrecision.toFloat(first.getShort(2 * i)));
      assertThat(made.getFloat(file.length - 16 + 4 * i))
          .isEqualTo(HalfPrecision.toFloat(last.getShort(2 * i)));
    }
  }
}
