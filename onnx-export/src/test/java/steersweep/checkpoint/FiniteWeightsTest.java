package steersweep.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import steersweep.TinyCheckpoint;
import steersweep.TinyCheckpoint.Weights;
import steersweep.error.Faults;
import steersweep.model.FileHashes;

class FiniteWeightsTest {
  /** More than one piece, and no whole number of longs. */
  private static final int ELEMENTS = (1 << 19) + 3;

  @TempDir Path folder;

  private final Map<String, Weights> stored = new LinkedHashMap<>();

  private void check() throws IOException {
    Path file = folder.resolve("model.safetensors");
    TinyCheckpoint.writeSafetensors(file, stored);
    FiniteWeights.check(
        SafetensorsFile.read(file, new Faults()).tensors(),
        new FileHashes(folder.resolve("cache"), (read, bytes) -> {}),
        folder.resolve("cache"));
  }

  private static ByteBuffer zeros(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @ParameterizedTest
  @CsvSource({
    "F64, 8, 7ff0000000000000, Infinity",
    "F64, 8, fff8000000000001, NaN",
    "F32, 4, 7f800000, Infinity",
    "F32, 4, ff800000, -Infinity",
    "F32, 4, 7f800001, NaN",
    "BF16, 2, 7f80, Infinity",
    "BF16, 2, ffff, NaN",
    "F16, 2, 7c00, Infinity",
    "F16, 2, fc00, -Infinity",
    "F16, 2, 7c01, NaN"
  })
  void whatIsNoNumberIsFoundWhereverItIs(String dtype, int width, String bits, String word)
      throws IOException {
    long value = Long.parseUnsignedLong(bits, 16);
    for (int place : new int[] {0, 1, 2, 3, ELEMENTS / 2, ELEMENTS - 2, ELEMENTS - 1}) {
      ByteBuffer bytes = zeros(width * ELEMENTS);
      for (int i = 0; i < width; i++) {
        bytes.put(place * width + i, (byte) (value >>> (8 * i)));
      }
      stored.put("w", new Weights(dtype, List.of((long) ELEMENTS), bytes.array()));

      assertThat(TinyCheckpoint.faults(folder, this::check))
          .containsExactly(
              "model.safetensors: w: got " + word + " at place " + place + ", expected numbers");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Q8_0, 0",
    "Q4_0, 0",
    "Q4_1, 0",
    "Q4_1, 2",
    "Q5_0, 0",
    "Q5_1, 2",
    "Q4_K, 2",
    "Q5_K, 0",
    "Q6_K, 208"
  })
  void aFactorOfQuantisedWeightsIsANumberToo(String dtype, int factor) throws IOException {
    FloatType type = FloatType.valueOf(dtype);
    int blocks = (1 << 20) / type.blockBytes() + 2; // more than one piece
    for (int block : new int[] {0, blocks - 2, blocks - 1}) {
      byte[] bytes = new byte[blocks * type.blockBytes()];
      Arrays.fill(bytes, (byte) 0x3f);
      Path file = Files.write(folder.resolve("model.gguf"), bytes);
      StoredTensor tensor =
          new StoredTensor("w", dtype, List.of(type.elements(bytes.length)), file, 0, bytes.length);
      assertThatCode(() -> check(tensor)).doesNotThrowAnyException();

      bytes[block * type.blockBytes() + factor + 1] = 0x7e;
      Files.write(file, bytes);

      assertThat(TinyCheckpoint.faults(folder, () -> check(tensor)))
          .containsExactly(
              "model.gguf: w: got a factor that is no number in block "
                  + block
                  + ", expected numbers");
    }
  }

  private void check(StoredTensor tensor) {
    FiniteWeights.check(
        List.of(tensor),
        new FileHashes(folder.resolve("cache"), (read, bytes) -> {}),
        folder.resolve("cache"));
  }

  /** Each has a neighbour with all other bits set. */
  @Test
  void theLargestNumbersOfEachTypeAreNumbers() throws IOException {
    Random random = new Random(1);
    ByteBuffer halves = zeros(2 << 16);
    ByteBuffer brains = zeros(2 << 16);
    for (int bits = 0; bits <= 0xffff; bits++) {
      halves.putShort((short) ((bits & 0x7c00) == 0x7c00 ? 0xfbff : bits));
      brains.putShort((short) ((bits & 0x7f80) == 0x7f80 ? 0xff7f : bits));
    }
    ByteBuffer floats = zeros(4 << 16);
    ByteBuffer doubles = zeros(8 << 16);
    for (int i = 0; i < 1 << 16; i++) {
      int bits = random.nextInt();
      floats.putInt((bits & 0x7f800000) == 0x7f800000 ? 0xff7fffff : bits);
      long wide = random.nextLong();
      doubles.putLong((wide & 0x7ff0L << 48) == 0x7ff0L << 48 ? 0xffefL << 48 | 0xffffL : wide);
    }
    stored.put("half", new Weights("F16", List.of(1L << 16), halves.array()));
    stored.put("brain", new Weights("BF16", List.of(1L << 16), brains.array()));
    stored.put("float", new Weights("F32", List.of(1L << 16), floats.array()));
    stored.put("double", new Weights("F64", List.of(1L << 16), doubles.array()));

    assertThatCode(this::check).doesNotThrowAnyException();
  }

  @Test
  void thatAllAreNumbersIsKeptUnderTheirContent() throws IOException {
    byte[] bytes = new byte[16];
    stored.put("w", new Weights("F32", List.of(4L), bytes));
    check();
    check();
    assertThat(folder.resolve("cache/finite").toFile().list()).hasSize(1);

    bytes[3] = 0x7f;
    bytes[2] = (byte) 0x80;

    assertThat(TinyCheckpoint.faults(folder, this::check)).hasSize(1);
    assertThat(folder.resolve("cache/finite").toFile().list()).hasSize(1);
  }

  @Test
  void aCacheThatCannotBeWrittenIsDoneWithout() throws IOException {
    Files.createFile(folder.resolve("cache"));
    stored.put("w", new Weights("F32", List.of(4L), new byte[16]));

    assertThatCode(this::check).doesNotThrowAnyException();
  }
}
