package steersweep.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.cli.GoldenCheckpoint;
import steersweep.error.UserError;

class GgufFileTest {
  @TempDir Path folder;
  private Path path;
  private final GgufBytes file = GgufBytes.llama();

  @BeforeEach
  void name() {
    path = folder.resolve("x.gguf");
  }

  @Test
  void aFileOfTheGgufPackageIsRead() {
    GgufFile read = GgufFile.read(GoldenCheckpoint.of("gguf-llama"));

    assertThat(read.get("llama.embedding_length").asInt()).isEqualTo(64);
    assertThat(read.texts("tokenizer.ggml.tokens")).hasSize(400).startsWith("<unk>", "<s>", "</s>");
    assertThat(read.numbers("tokenizer.ggml.token_type")).hasSize(400).startsWith(2.0, 3.0, 3.0);
    assertThat(read.tensors()).hasSize(31);
    GgufTensor embedding = read.tensor("token_embd.weight").orElseThrow();
    assertThat(embedding.shape()).containsExactly(400L, 64L);
  }

  @Test
  void theGoldenFilesHaveEveryType() {
    assertThat(
            Stream.of("gguf-llama", "gguf-qwen2", "gguf-qwen3")
                .flatMap(name -> GgufFile.read(GoldenCheckpoint.of(name)).tensors().stream())
                .map(GgufTensor::type)
                .distinct())
        .containsExactlyInAnyOrder(GgufType.values());
  }

  @Test
  void aFileThatIsNoneIsRefused() throws IOException {
    Files.writeString(path, "{}");
    assertRefused("not a GGUF file; expected one, or a checkpoint folder");
    Files.delete(path);
    assertRefused("no such file");
    file.version = 1;
    file.write(path);
    assertRefused("got version 1, expected 2 or 3");
    file.version = Integer.reverseBytes(3);
    file.write(path);
    assertRefused("got version 3, big endian, expected 2 or 3, little endian");
  }

  @Test
  void aFileThatIsCutOffIsRefusedWhereverItEnds() throws IOException {
    byte[] whole = file.bytes();
    for (int length = 4; length < whole.length; length += 1 + length / 8) {
      Files.write(path, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> GgufFile.read(path))
          .as("%d of %d bytes", length, whole.length)
          .isInstanceOf(UserError.class)
          .hasMessageStartingWith(path + ": ")
          .hasMessageMatching("(?s).*(cut off|damaged).*");
    }
    Files.write(path, Arrays.copyOf(whole, whole.length - 1));
    assertRefused(
        "blk.0.ffn_down.weight: cut off; should lie before byte "
            + (whole.length - 1)
            + ", the end of the file");
  }

  /** What is counted is not there: no memory is taken for it. */
  @Test
  void countsBeyondTheFileAreRefused() throws IOException {
    for (long count : new long[] {-1, 1L << 40, 1_000_000}) {
      byte[] bytes = file.bytes();
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(8, count);
      Files.write(path, bytes);
      assertRefused("damaged or cut off; got " + Long.toUnsignedString(count) + " tensors");
    }
    file.put("long", 8, new byte[] {-1, -1, -1, -1, -1, 0, 0, 0}).write(path);
    assertRefused("damaged or cut off; got 1099511627775 bytes of a text in the value of long");
  }

  @Test
  void whatIsNotReadIsNamed() throws IOException {
    file.tensors.put("a", new GgufBytes.Part(10, new long[] {256}, 84));
    file.tensors.put("b", new GgufBytes.Part(10, new long[] {256}, 84));
    file.tensors.put("c", new GgufBytes.Part(99, new long[] {256}, 84));
    String types = "F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K";
    file.write(path);
    assertRefused(
        "a and 1 more: got type Q2_K, which is not read, expected one of " + types,
        "c: got type no. 99, which is not read, expected one of " + types);
  }

  @Test
  void aPartOfAModelIsRefused() throws IOException {
    file.number("split.count", 3).write(path);

    assertRefused(
        "one of 3 parts of a model; expected one file: llama-gguf-split --merge FIRST_PART"
            + " WHOLE.gguf makes it");
  }

  @Test
  void damagedHeadsAreRefused() throws IOException {
    file.list("lists", 9, List.of()).write(path);
    assertRefused("the value of lists is a list of lists, which is not read");
    file.metadata.remove("lists");
    file.put("strange", 77, new byte[0]).write(path);
    assertRefused("damaged; the value of strange has a type 77, which there is not");
    file.metadata.remove("strange");
    file.number("general.alignment", 33).write(path);
    assertRefused("damaged; general.alignment: got 33, expected a power of two");
    file.metadata.remove("general.alignment");
    file.tensors.put("rows", new GgufBytes.Part(2, new long[] {33, 32}, 594));
    file.write(path);
    assertRefused("rows: damaged; got Q4_0 [32, 33] at byte 118016");
  }

  @Test
  void aDeviceIsRefused() {
    assertThatThrownBy(() -> GgufFile.read(Path.of("/dev/zero")))
        .hasMessage("/dev/zero: not a file; expected one, or a link to one");
  }

  private void assertRefused(String... faults) {
    assertThatThrownBy(() -> GgufFile.read(path))
        .isInstanceOfSatisfying(
            UserError.class,
            error ->
                assertThat(error.faults())
                    .containsExactly(
                        Arrays.stream(faults).map(f -> path + ": " + f).toArray(String[]::new)));
  }
}
