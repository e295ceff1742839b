package steersweep.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static steersweep.TinyCheckpoint.safetensors;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import steersweep.error.Faults;

class SafetensorsFileTest {
  @TempDir Path folder;

  private final Faults faults = new Faults();

  private List<StoredTensor> read(byte[] content) throws IOException {
    return SafetensorsFile.read(Files.write(folder.resolve("a.safetensors"), content), faults)
        .tensors();
  }

  private List<String> faults() {
    return faults.all().stream().map(fault -> fault.replace(folder + "/", "")).toList();
  }

  private static byte[] withHeaderLength(long length, int fileBytes) {
    byte[] bytes = new byte[fileBytes];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
    return bytes;
  }

  @Test
  void tensorsAreFoundWhereTheyLie() throws IOException {
    String header =
        """
        {"__metadata__": {"format": "pt"},
         "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
         "b": {"dtype": "BF16", "shape": [5], "data_offsets": [24, 34]},
         "scalar": {"dtype": "I64", "shape": [], "data_offsets": [34, 42]},
         "none": {"dtype": "F16", "shape": [0, 7], "data_offsets": [42, 42]}}""";
    long start = 8L + header.length();

    List<StoredTensor> tensors = read(safetensors(header, new byte[42]));

    Path file = folder.resolve("a.safetensors");
    assertThat(faults()).isEmpty();
    assertThat(tensors)
        .containsExactly(
            new StoredTensor("a", "F32", List.of(2L, 3L), file, start, 24),
            new StoredTensor("b", "BF16", List.of(5L), file, start + 24, 10),
            new StoredTensor("scalar", "I64", List.of(), file, start + 34, 8),
            new StoredTensor("none", "F16", List.of(0L, 7L), file, start + 42, 0));
  }

  @Test
  void offsetsBeyondFourGibibytesStayWhole() throws IOException {
    long begin = (1L << 32) + 4;
    String header =
        """
        {"near": {"dtype": "U8", "shape": [%1$d], "data_offsets": [0, %1$d]},
         "far": {"dtype": "F32", "shape": [2], "data_offsets": [%1$d, %2$d]}}"""
            .formatted(begin, begin + 8);
    Path file = Files.write(folder.resolve("a.safetensors"), safetensors(header, new byte[0]));
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(8 + header.length() + begin + 8);
    }

    List<StoredTensor> tensors = SafetensorsFile.read(file, faults).tensors();

    assertThat(faults()).isEmpty();
    assertThat(tensors)
        .contains(
            new StoredTensor("far", "F32", List.of(2L), file, 8 + header.length() + begin, 8));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 7})
  void aFileTooShortForAHeaderIsRefused(int bytes) throws IOException {
    assertThat(read(new byte[bytes])).isEmpty();
    assertThat(faults())
        .containsExactly(
            "a.safetensors: not a safetensors file; got "
                + bytes
                + " bytes, expected a header of at least 8");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "93, 93",
    "100000001, 100000001",
    "-9223372036854775808, 9223372036854775808",
    "-1, 18446744073709551615"
  })
  void aHeaderThatCannotFitIntoTheFileIsRefusedBeforeItIsRead(long length, String shown)
      throws IOException {
    assertThat(read(withHeaderLength(length, 100))).isEmpty();
    assertThat(faults())
        .containsExactly(
            "a.safetensors: damaged or cut off; its header claims "
                + shown
                + " bytes, the whole file has 100");
  }

  @Test
  void aHeaderThatIsNotJsonIsRefused() throws IOException {
    assertThat(read(safetensors("{\"a\" 1}", new byte[0]))).isEmpty();
    assertThat(read(safetensors("[1, 2]", new byte[0]))).isEmpty();
    assertThat(read(safetensors("      ", new byte[0]))).isEmpty();
    assertThat(read(safetensors(" {}", new byte[0]))).isEmpty();
    assertThat(faults())
        .containsExactly(
            "a.safetensors: damaged; its header is not JSON: Unexpected character ('1' (code 49)):"
                + " was expecting a colon to separate field name and value",
            "a.safetensors: damaged; its header does not begin with '{'",
            "a.safetensors: damaged; its header does not begin with '{'",
            "a.safetensors: damaged; its header does not begin with '{'");
  }

  @Test
  void aHeaderMayBePaddedWithSpaceOnly() throws IOException {
    String header = "{\"a\": {\"dtype\": \"U8\", \"shape\": [1], \"data_offsets\": [0, 1]}}";

    assertThat(read(safetensors(header + " \n\t\r  ", new byte[1]))).hasSize(1);
    assertThat(read(safetensors(header + " ".repeat(100_000), new byte[1]))).hasSize(1);
    assertThat(faults()).isEmpty();
    for (String garbage :
        List.of("x", "}", "{}", "\0", " \0", "\u00a0", " ".repeat(100_000) + ",")) {
      assertThat(read(safetensors(header + garbage, new byte[1]))).as(garbage).isEmpty();
    }
    assertThat(faults())
        .hasSize(7)
        .containsOnly("a.safetensors: damaged; its header goes on after the JSON object");
  }

  @Test
  void aHeaderInAnotherEncodingIsRefused() throws IOException {
    byte[] latin = safetensors("{\"?\": 1}", new byte[0]);
    latin[10] = (byte) 0xe9;

    assertThat(read(latin)).isEmpty();
    assertThat(read(safetensors("{\0}\0", new byte[0]))).isEmpty();
    assertThat(faults())
        .containsExactly(
            "a.safetensors: damaged; its header is not UTF-8",
            "a.safetensors: damaged; its header is not JSON: Illegal character ((CTRL-CHAR, code"
                + " 0)): only regular white space (\\r, \\n, \\t) is allowed between tokens");
  }

  @Test
  void metadataAreTexts() throws IOException {
    Path file = folder.resolve("a.safetensors");
    for (String metadata : List.of("{\"a\": \"x\", \"b\": \"y\"}", "{}", "null")) {
      Files.write(file, safetensors("{\"__metadata__\": " + metadata + "}", new byte[0]));
      assertThat(SafetensorsFile.read(file, faults).metadata())
          .isEqualTo(metadata.contains("x") ? Map.of("a", "x", "b", "y") : Map.of());
    }
    assertThat(faults()).isEmpty();
    for (String metadata : List.of("{\"a\":\"x\",\"b\":1}", "[1]", "7")) {
      read(safetensors("{\"__metadata__\": " + metadata + "}", new byte[0]));
    }
    assertThat(faults())
        .containsExactly(
            "a.safetensors: __metadata__: expected texts; got {\"a\":\"x\",\"b\":1}",
            "a.safetensors: __metadata__: expected texts; got [1]",
            "a.safetensors: __metadata__: expected texts; got 7");
  }

  /** Names, first and last bytes of tensors of 0 or more bytes; the data have 16. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a 0 8, b 8 16 |",
        "b 8 16, a 0 8 |",
        "a 0 0, b 0 16, c 16 16 |",
        "a 0 8, b 8 8, c 8 16 |",
        "a 0 8, b 4 16 | damaged; b at bytes 4..16 of the data overlaps a at 0..8",
        "a 0 16, b 0 16 | damaged; b at bytes 0..16 of the data overlaps a at 0..16",
        "a 0 16, b 2 4, c 8 10 | damaged; b at bytes 2..4 of the data overlaps a at 0..16 (and 1"
            + " more like it)",
        "a 0 16, b 8 8 | damaged; b at bytes 8..8 of the data overlaps a at 0..16",
        "a 0 4, b 8 16 | damaged; bytes 4..8 of the data belong to no tensor",
        "a 2 4, b 8 16 | damaged; bytes 0..2 of the data belong to no tensor (and 1 more like it)",
        "a 0 8 | longer than its header says; bytes 8..16 of the data belong to no tensor",
        "a 0 8, b 8 17 | cut off; b lies at bytes 8..17 of the data, the file has 16",
      })
  void tensorsFillTheDataWithoutGapOrOverlap(String tensors, String fault) throws IOException {
    StringBuilder header = new StringBuilder();
    for (String tensor : tensors.split(", ")) {
      String[] part = tensor.split(" ");
      header
          .append(header.isEmpty() ? "{" : ",")
          .append(
              "\"%s\": {\"dtype\": \"U8\", \"shape\": [%d], \"data_offsets\": [%s, %s]}"
                  .formatted(
                      part[0],
                      Long.parseLong(part[2]) - Long.parseLong(part[1]),
                      part[1],
                      part[2]));
    }
    read(safetensors(header + "}", new byte[16]));

    assertThat(faults()).isEqualTo(fault == null ? List.of() : List.of("a.safetensors: " + fault));
  }

  @Test
  void allFaultsOfTheLayoutAreReportedAtOnce() throws IOException {
    String header =
        """
        {"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]},
         "b": {"dtype": "U8", "shape": [4], "data_offsets": [3, 7]},
         "c": {"dtype": "U8", "shape": [2], "data_offsets": [8, 10]}}""";

    read(safetensors(header, new byte[16]));

    assertThat(faults())
        .containsExactly(
            "a.safetensors: damaged; b at bytes 3..7 of the data overlaps a at 0..4",
            "a.safetensors: damaged; bytes 7..8 of the data belong to no tensor",
            "a.safetensors: longer than its header says; bytes 10..16 of the data belong to no"
                + " tensor");
  }

  @Test
  void aGapThatMayBelongToAnEntryNotUnderstoodIsNotReported() throws IOException {
    String header =
        """
        {"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}, "b": 7}""";

    read(safetensors(header, new byte[16]));

    assertThat(faults()).containsExactly("a.safetensors: b: header entry not understood; got 7");
  }

  @Test
  void aFileWithoutTensorsHasNoData() throws IOException {
    assertThat(read(safetensors("{}", new byte[0]))).isEmpty();
    assertThat(faults()).isEmpty();
    read(safetensors("{}", new byte[1]));
    assertThat(faults())
        .containsExactly(
            "a.safetensors: longer than its header says; bytes 0..1 of the data belong to no"
                + " tensor");
  }

  @Test
  void aTensorNamedTwiceInOneHeaderIsRefused() throws IOException {
    String entry = "\"a\": {\"dtype\": \"U8\", \"shape\": [1], \"data_offsets\": [0, 1]}";

    assertThat(read(safetensors("{" + entry + ", " + entry + "}", new byte[1]))).isEmpty();
    assertThat(faults())
        .containsExactly("a.safetensors: damaged; its header is not JSON: Duplicate field 'a'");
  }

  @Test
  void aFileCutOffInItsDataNamesTheTensorsThatAreNotWhole() throws IOException {
    String header =
        """
        {"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
         "b": {"dtype": "F32", "shape": [2], "data_offsets": [8, 16]}}""";
    byte[] whole = safetensors(header, new byte[16]);

    List<StoredTensor> tensors = read(Arrays.copyOf(whole, whole.length - 1));

    assertThat(tensors).extracting(StoredTensor::name).containsExactly("a");
    assertThat(faults())
        .containsExactly(
            "a.safetensors: cut off; b lies at bytes 8..16 of the data, the file has 15");
  }

  @ParameterizedTest
  @CsvSource({
    "'[2, 2]', '[2, 2]'",
    "'[]', '[]'",
    "'[4611686018427387904, 4]', '[4611686018427387904, 4]'",
    "'[4294967296, 4294967296, 2]', '[4294967296, 4294967296, 2]'",
    "'[2305843009213693954]', '[2305843009213693954]'",
    // 2 elements modulo 2^64
    "'[54, 341606371735362067]', '[54, 341606371735362067]'",
  })
  void aShapeThatDoesNotFillItsBytesIsRefusedEvenIfItOverflows(String shape, String shown)
      throws IOException {
    String header =
        "{\"a\": {\"dtype\": \"F32\", \"shape\": %s, \"data_offsets\": [0, 8]}}".formatted(shape);

    assertThat(read(safetensors(header, new byte[8]))).isEmpty();
    assertThat(faults())
        .containsExactly("a.safetensors: a: F32 " + shown + " does not fill bytes 0..8");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"dtype\":\"F31\",\"shape\":[2],\"data_offsets\":[0,8]}",
        "{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}",
        "{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}",
        "{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}",
        "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}",
        "{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,18446744073709551616]}",
        "{\"shape\":[2],\"data_offsets\":[0,8]}",
        "7"
      })
  void anEntryThatIsNoTensorIsShown(String entry) throws IOException {
    assertThat(read(safetensors("{\"a\": " + entry + "}", new byte[8]))).isEmpty();
    assertThat(faults())
        .containsExactly("a.safetensors: a: header entry not understood; got " + entry);
  }

  @Test
  void allFaultsAreReportedAndTheRightTensorsKept() throws IOException {
    String header =
        """
        {"right": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
         "unknown": {"dtype": "I4", "shape": [1], "data_offsets": [0, 4]},
         "far": {"dtype": "F32", "shape": [1], "data_offsets": [6, 10]},
         "farther": {"dtype": "F32", "shape": [1], "data_offsets": [10, 14]},
         "backward": {"dtype": "F32", "shape": [0], "data_offsets": [4, 0]},
         "small": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}""";

    assertThat(read(safetensors(header, new byte[8])))
        .extracting(StoredTensor::name)
        .containsExactly("right");
    assertThat(faults())
        .containsExactly(
            "a.safetensors: unknown: header entry not understood; got"
                + " {\"dtype\":\"I4\",\"shape\":[1],\"data_offsets\":[0,4]}",
            "a.safetensors: backward: header entry not understood; got"
                + " {\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[4,0]}",
            "a.safetensors: small: F32 [2] does not fill bytes 0..4",
            "a.safetensors: damaged; small at bytes 0..4 of the data overlaps right at 0..4 (and 1"
                + " more like it)",
            "a.safetensors: cut off; far lies at bytes 6..10 of the data (and 1 more like it), the"
                + " file has 8");
  }
}
