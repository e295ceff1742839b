package steersweep.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import steersweep.TinyCheckpoint;
import steersweep.TinyCheckpoint.Weights;
import steersweep.error.Faults;
import steersweep.model.ContentHash;
import steersweep.model.FileHashes;

class ConvertedWeightsTest {
  @TempDir Path temporary;

  private final Map<String, Weights> stored = new LinkedHashMap<>();
  private final AtomicInteger calls = new AtomicInteger();
  private Path cache;

  @BeforeEach
  void nameTheCache() {
    cache = temporary.resolve("made/cache");
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static Weights weights(String dtype, double... values) {
    ByteBuffer bytes = buffer(8 * values.length);
    for (double value : values) {
      switch (dtype) {
        case "F64" -> bytes.putDouble(value);
        case "F32" -> bytes.putFloat((float) value);
        case "F16" -> bytes.putShort(HalfPrecision.toHalf((float) value));
        case "BF16" -> bytes.putShort((short) (Float.floatToIntBits((float) value) >>> 16));
        default -> bytes.put((byte) value);
      }
    }
    return new Weights(
        dtype, List.of((long) values.length), Arrays.copyOf(bytes.array(), bytes.position()));
  }

  private List<StoredTensor> sources() throws IOException {
    Path file = temporary.resolve("model.safetensors");
    TinyCheckpoint.writeSafetensors(file, stored);
    Faults faults = new Faults();
    List<StoredTensor> tensors = SafetensorsFile.read(file, faults).tensors();
    assertThat(faults.all()).isEmpty();
    return tensors;
  }

  private Map<String, StoredTensor> convert(String dtype) throws IOException {
    return ConvertedWeights.of(
        sources(), dtype, cache, hashes(), (done, all) -> calls.incrementAndGet());
  }

  private FileHashes hashes() {
    return new FileHashes(temporary.resolve("kept"), (file, bytes) -> {});
  }

  private static byte[] bytes(StoredTensor tensor) throws IOException {
    byte[] file = Files.readAllBytes(tensor.file());
    return Arrays.copyOfRange(
        file, (int) tensor.offset(), (int) (tensor.offset() + tensor.length()));
  }

  private static List<Float> numbers(StoredTensor tensor) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(bytes(tensor)).order(ByteOrder.LITTLE_ENDIAN);
    List<Float> numbers = new ArrayList<>();
    while (bytes.hasRemaining()) {
      numbers.add(
          tensor.dtype().equals("F16")
              ? HalfPrecision.toFloat(bytes.getShort())
              : bytes.getFloat());
    }
    return numbers;
  }

  private List<String> files() throws IOException {
    if (!Files.exists(cache)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(cache)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private Path converted(String dtype) throws IOException {
    return converted(dtype, sources());
  }

  private Path converted(String dtype, List<StoredTensor> sources) {
    return cache.resolve(Fingerprint.ofWeights(sources, hashes()) + "-" + dtype + ".safetensors");
  }

  // ---- numbers ----

  @ParameterizedTest
  @CsvSource({
    "F64, F32", "F32, F32", "F16, F32", "BF16, F32",
    "F64, F16", "F32, F16", "F16, F16", "BF16, F16"
  })
  void numbersThatBothTypesHaveStayTheSame(String from, String to) throws IOException {
    double[] values = {0, -0.0, 1, -1.5, 0.0078125, -240, 0x1p-14, 0x1p-24, 65280};
    stored.put("w", weights(from, values));

    StoredTensor tensor = convert(to).get("w");

    assertThat(tensor.dtype()).isEqualTo(to);
    assertThat(tensor.shape()).containsExactly(9L);
    assertThat(numbers(tensor))
        .containsExactly(0f, -0.0f, 1f, -1.5f, 0.0078125f, -240f, 0x1p-14f, 0x1p-24f, 65280f);
  }

  @ParameterizedTest
  @ValueSource(strings = {"F32", "F16"})
  void everyHalfAndEveryBrainFloatIsConvertedAsItsNumber(String to) throws IOException {
    ByteBuffer all = buffer(2 << 16);
    for (int bits = 0; bits <= 0xffff; bits++) {
      all.putShort((short) bits);
    }
    stored.put("half", new Weights("F16", List.of(256L, 256L), all.array()));
    stored.put("brain", new Weights("BF16", List.of(1L << 16), all.array().clone()));
    ByteBuffer brains = ByteBuffer.wrap(stored.get("brain").bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int bits = 0; bits <= 0xffff && to.equals("F16"); bits++) {
      if (Math.abs(Float.intBitsToFloat(bits << 16)) > 65504) {
        brains.putShort(2 * bits, (short) 0x7f80);
      }
    }

    Map<String, StoredTensor> converted = convert(to);

    List<Float> halves = numbers(converted.get("half"));
    List<Float> brainFloats = numbers(converted.get("brain"));
    for (int bits = 0; bits <= 0xffff; bits++) {
      float from = Float.intBitsToFloat(brains.getShort(2 * bits) << 16);
      Float expected = to.equals("F32") ? from : HalfPrecision.toFloat(HalfPrecision.toHalf(from));
      assertThat(halves.get(bits)).isEqualTo(Float.valueOf(HalfPrecision.toFloat((short) bits)));
      assertThat(brainFloats.get(bits)).isEqualTo(expected);
    }
  }

  @Test
  void infinityAndNaNOfTheCheckpointStay() throws IOException {
    stored.put("w", weights("F32", Double.POSITIVE_INFINITY, Double.NaN, -1.0 / 0));

    assertThat(numbers(convert("F16").get("w")))
        .containsExactly(Float.POSITIVE_INFINITY, Float.NaN, Float.NEGATIVE_INFINITY);
  }

  /** Sizes around that of the converter's pieces. */
  @Test
  void tensorsOfSeveralPiecesAreWhole() throws IOException {
    int piece = 1 << 18;
    int[] sizes = {1, piece - 1, piece, piece + 1, 2 * piece + 3, 0};
    for (int size : sizes) {
      ByteBuffer bytes = buffer(4 * size);
      for (int i = 0; i < size; i++) {
        bytes.putFloat(i % 2039 + size % 7);
      }
      stored.put("w" + size, new Weights("F32", List.of((long) size), bytes.array()));
    }

    Map<String, StoredTensor> converted = convert("F16");

    for (int size : sizes) {
      List<Float> numbers = numbers(converted.get("w" + size));
      assertThat(numbers).hasSize(size);
      for (int i = 0; i < size; i++) {
        assertThat(numbers.get(i)).isEqualTo(i % 2039 + size % 7);
      }
    }
  }

  // ---- the file ----

  @Test
  void allTensorsOfAllFilesLieInOneFileThatTheReaderAccepts() throws IOException {
    TinyCheckpoint tiny = new TinyCheckpoint(1);
    Checkpoint checkpoint = Checkpoint.open(tiny.writeSharded(temporary.resolve("model")));
    long all = checkpoint.tensors().values().stream().mapToLong(StoredTensor::length).sum();
    List<Long> progress = new ArrayList<>();

    Map<String, StoredTensor> converted =
        ConvertedWeights.of(
            checkpoint.tensors().values(),
            "F16",
            cache,
            hashes(),
            (done, of) -> {
              progress.add(done);
              assertThat(of).isEqualTo(all);
            });

    String content = Fingerprint.ofWeights(checkpoint.tensors().values(), hashes());
    Path file = cache.resolve(content + "-f16.safetensors");
    Faults faults = new Faults();
    SafetensorsFile read = SafetensorsFile.read(file, faults);
    assertThat(faults.all()).isEmpty();
    assertThat(read.tensors()).containsExactlyElementsOf(converted.values());
    assertThat(read.metadata())
        .containsEntry("format", "pt")
        .containsEntry("steersweep.content", content)
        .containsEntry("steersweep.dtype", "F16")
        .containsEntry("steersweep.converter", "1");
    assertThat(converted.get("lm_head.weight").offset() % 2).isZero();
    assertThat(read.tensors().get(0).offset() % 8).isZero();
    assertThat(converted.keySet()).isEqualTo(checkpoint.tensors().keySet());
    converted.forEach(
        (name, tensor) ->
            assertThat(tensor.shape()).isEqualTo(checkpoint.tensors().get(name).shape()));
    assertThat(progress).isSorted().endsWith(all);
    assertThat(files())
        .containsExactly(file.getFileName().toString(), file.getFileName() + ".hash");
    assertThat(cache.resolve(file.getFileName() + ".hash")).hasContent(ContentHash.of(file));
  }

  @Test
  void nothingToConvertLeavesNothing() throws IOException {
    assertThat(convert("F32")).isEmpty();
    assertThat(cache).doesNotExist();
  }

  @Test
  void theFileIsMadeOnceAndThenFound() throws IOException {
    stored.put("w", weights("F16", 1, 2));
    Map<String, StoredTensor> first = convert("F32");
    FileTime made = Files.getLastModifiedTime(converted("f32"));
    calls.set(0);

    assertThat(convert("F32")).isEqualTo(first);

    assertThat(calls).hasValue(0);
    assertThat(Files.getLastModifiedTime(converted("f32"))).isEqualTo(made);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"cut", "longer", "empty", "header", "metadata", "tensors", "bit", "no hash"})
  void aFileThatIsNotTheOneWantedIsMadeAgain(String damage) throws IOException {
    stored.put("w", weights("F16", 1, 2));
    convert("F32");
    Path file = converted("f32");
    byte[] right = Files.readAllBytes(file);
    switch (damage) {
      case "cut" -> Files.write(file, Arrays.copyOf(right, right.length - 1));
      case "longer" -> Files.write(file, Arrays.copyOf(right, right.length + 1));
      case "empty" -> Files.write(file, new byte[0]);
      case "header" -> {
        byte[] wrong = right.clone();
        wrong[8] = 0;
        Files.write(file, wrong);
      }
      case "metadata" -> {
        String text = new String(right, StandardCharsets.ISO_8859_1);
        String content = Fingerprint.ofWeights(sources(), hashes());
        assertThat(text).contains(content);
        Files.writeString(file, text.replace(content, "f".repeat(64)), StandardCharsets.ISO_8859_1);
      }
      case "bit" -> {
        byte[] wrong = right.clone();
        wrong[right.length - 2] ^= 1;
        Files.write(file, wrong);
      }
      case "no hash" -> Files.delete(file.resolveSibling(file.getFileName() + ".hash"));
      default -> TinyCheckpoint.writeSafetensors(file, Map.of("w", weights("F32", 5, 5)));
    }

    assertThat(numbers(convert("F32").get("w"))).containsExactly(1f, 2f);
    assertThat(file).hasBinaryContent(right);
    calls.set(0);
    convert("F32");
    assertThat(calls).hasValue(0);
  }

  /** Of a large file: its hash is kept, and must not be believed once the file was written to. */
  @Test
  void aBitOfALargeConvertedFileIsSeenAndSaid() throws IOException {
    stored.put("w", new Weights("F16", List.of(1_000_000L), new byte[2_000_000]));
    convert("F32");
    Path file = converted("f32");
    byte[] right = Files.readAllBytes(file);
    byte[] wrong = right.clone();
    wrong[right.length / 2] ^= 1;
    FileTime before = Files.getLastModifiedTime(file);
    Files.write(file, wrong);
    Files.setLastModifiedTime(file, before);
    List<Path> damaged = new ArrayList<>();

    ConvertedWeights.of(
        sources(),
        "F32",
        cache,
        hashes(),
        new ConvertedWeights.Progress() {
          @Override
          public void converted(long done, long all) {}

          @Override
          public void damaged(Path found) {
            damaged.add(found);
          }
        });

    assertThat(damaged).containsExactly(file);
    assertThat(file).hasBinaryContent(right);
  }

  @Test
  void whatOthersMayNotReadOthersMayNotReadConverted() throws IOException {
    stored.put("w", weights("F16", 1, 2));
    List<StoredTensor> sources = sources();
    Files.setPosixFilePermissions(
        sources.get(0).file(), PosixFilePermissions.fromString("r--------"));

    ConvertedWeights.of(sources, "F32", cache, hashes(), (done, all) -> {});

    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(converted("f32", sources))))
        .isEqualTo("rw-------");
  }

  @Test
  void oneChangedBitOfTheSourceIsAnotherFile() throws IOException {
    byte[] bytes = new byte[2_000_000];
    stored.put("w", new Weights("F16", List.of(1_000_000L), bytes));
    assertThat(numbers(convert("F32").get("w")).get(500_001)).isEqualTo(0f);

    bytes[2 * 500_001 + 1] = 0x3c;

    assertThat(numbers(convert("F32").get("w")).get(500_001)).isEqualTo(1f);
  }

  @Test
  void anotherSelectionOfTensorsIsAnotherFile() throws IOException {
    stored.put("w", weights("F16", 1, 2));
    convert("F32");
    stored.put("v", weights("F16", 3));

    Map<String, StoredTensor> converted = convert("F32");

    assertThat(numbers(converted.get("w"))).containsExactly(1f, 2f);
    assertThat(numbers(converted.get("v"))).containsExactly(3f);
  }

  // ---- several at once, and killed ones ----

  @Test
  void whoConvertsAtTheSameTimeEndsWithTheSameWholeFile() throws Exception {
    stored.put("w", new Weights("F16", List.of(3_000_000L), new byte[6_000_000]));
    List<StoredTensor> sources = sources();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Callable<Map<String, StoredTensor>> conversion =
          () -> ConvertedWeights.of(sources, "F32", cache, hashes(), (done, all) -> {});
      for (Future<Map<String, StoredTensor>> result :
          threads.invokeAll(List.of(conversion, conversion, conversion, conversion))) {
        assertThat(result.get().get("w").length()).isEqualTo(12_000_000);
      }
    } finally {
      threads.shutdown();
    }
    assertThat(files()).hasSize(2);
  }

  @Test
  void theFirstToFinishWins() throws IOException {
    stored.put("w", weights("F16", 1, 2));
    List<StoredTensor> sources = sources();
    List<Object> winner = new ArrayList<>();

    ConvertedWeights.of(
        sources,
        "F32",
        cache,
        hashes(),
        (done, all) -> {
          try {
            convert("F32");
            winner.add(Files.readAttributes(converted("f32"), "unix:ino").get("ino"));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });

    assertThat(Files.readAttributes(converted("f32"), "unix:ino").get("ino"))
        .isEqualTo(winner.get(0));
    assertThat(files()).hasSize(2);
  }

  private Path leftOver(String name, Duration age) throws IOException {
    Files.createDirectories(cache);
    Path file = Files.write(cache.resolve(name), new byte[10]);
    return Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
  }

  @Test
  void whatAKilledProcessLeftIsDeletedTheNextTime() throws IOException {
    stored.put("w", weights("F16", 1, 2));
    leftOver("." + converted("f32").getFileName() + ".a.b.tmp", Duration.ofMinutes(1));
    leftOver(".0f0f-f16.safetensors.c.d.tmp", Duration.ofMinutes(1));
    leftOver(".fresh-f16.safetensors.c.d.tmp", Duration.ZERO);
    leftOver("notes.tmp", Duration.ofDays(9));

    convert("F32");

    assertThat(files())
        .containsExactly(
            ".fresh-f16.safetensors.c.d.tmp",
            converted("f32").getFileName().toString(),
            converted("f32").getFileName() + ".hash",
            "notes.tmp");
  }

  /** Another process, since locks within one are all held by it. */
  @Test
  void whatAnotherProcessIsStillWritingStays() throws Exception {
    stored.put("w", weights("F16", 1, 2));
    Path file = leftOver(".0f0f-f16.safetensors.c.d.tmp", Duration.ofDays(1));
    Process writer =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-cp",
                System.getProperty("java.class.path"),
                Locker.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(writer.getInputStream().read()).isEqualTo('L');

      convert("F32");

      assertThat(file).exists();
    } finally {
      writer.destroyForcibly().waitFor();
    }
    convert("F32");
    assertThat(file).doesNotExist();
  }

  /** Locks a file, says so, and waits to be killed. */
  static final class Locker {
    private Locker() {}

    public static void main(String[] args) throws Exception {
      try (FileChannel channel = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        System.out.print(lock.isValid() ? 'L' : 'x');
        System.out.flush();
        Thread.sleep(60_000);
      }
    }
  }

  // ---- refused ----

  private List<String> faults(String dtype) {
    return TinyCheckpoint.faults(temporary, () -> convert(dtype));
  }

  @Test
  void valuesTooLargeForHalfPrecisionAreAllNamedAndNothingIsLeft() throws IOException {
    stored.put("fits", weights("F32", 65519.99, Double.NEGATIVE_INFINITY));
    stored.put("float", weights("F32", 1, -65520, 3));
    stored.put("brain", weights("BF16", 0x1p127));
    stored.put("double", weights("F64", 1e300, Double.NaN));
    stored.put("fits again", weights("F64", -7));

    assertThat(faults("F16"))
        .containsExactly(
            "model.safetensors: float: does not fit into F16; got magnitudes up to 65520.0,"
                + " expected at most 65504.0",
            "model.safetensors: brain: does not fit into F16; got magnitudes up to"
                + " 1.7014118346046923E38, expected at most 65504.0",
            "model.safetensors: double: does not fit into F16; got magnitudes up to 1.0E300,"
                + " expected at most 65504.0");
    assertThat(files()).isEmpty();
    assertThat(faults("F32"))
        .containsExactly(
            "model.safetensors: double: does not fit into F32; got magnitudes up to 1.0E300,"
                + " expected at most 3.4028234663852886E38");
    assertThat(files()).isEmpty();
  }

  @Test
  void typesThatAreNotConvertedAreAllNamedBeforeAnythingIsWritten() throws IOException {
    stored.put("quantized", weights("I8", 1));
    stored.put("w", weights("F16", 1));
    stored.put("small", weights("F8_E4M3", 1));

    assertThat(faults("F32"))
        .containsExactly(
            "model.safetensors: quantized: cannot be converted; got I8, expected one of F64, F32,"
                + " F16, BF16",
            "model.safetensors: small: cannot be converted; got F8_E4M3, expected one of F64, F32,"
                + " F16, BF16");
    assertThat(cache).doesNotExist();
  }

  @Test
  void aDiskTooSmallIsFoundOutBefore() throws IOException {
    long elements = 1L << 58;
    Path file = Files.createFile(temporary.resolve("a.safetensors"));
    StoredTensor huge = new StoredTensor("w", "F16", List.of(elements), file, 100, 2 * elements);

    assertThatThrownBy(
            () -> ConvertedWeights.of(List.of(huge), "F32", cache, hashes(), (d, a) -> {}))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageMatching(
            ".*/[0-9a-f]{64}-f32.safetensors: the converted weights cannot be written:"
                + " java.io.IOException: not enough space; 11529215046068\\d+ bytes needed, \\d+"
                + " free");
  }

  @Test
  void aSourceThatIsShorterThanItsTensorsIsNamedAndNothingIsLeft() throws IOException {
    stored.put("w", weights("F16", 1, 2, 3));
    List<StoredTensor> sources = sources();
    try (RandomAccessFile file = new RandomAccessFile(sources.get(0).file().toFile(), "rw")) {
      file.setLength(file.length() - 1);
    }

    assertThatThrownBy(
            () -> ConvertedWeights.of(sources, "F32", cache, hashes(), (done, all) -> {}))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageEndingWith(
            "/model.safetensors: cannot be read: java.io.EOFException: the file ends inside of w");
    assertThat(files()).isEmpty();
  }

  @Test
  void anotherTargetTypeOrANameGivenTwiceIsAMistakeOfTheCaller() throws IOException {
    stored.put("w", weights("F16", 1));
    StoredTensor tensor = sources().get(0);

    assertThatThrownBy(() -> convert("BF16")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                ConvertedWeights.of(
                    List.of(tensor, tensor), "F32", cache, hashes(), (done, all) -> {}))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
