package steersweep.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.model.FileHashes;
import steersweep.result.Json;
import steersweep.result.TextFile;

/**
 * Weights stored in one type, wanted in another: converted once into one safetensors file in a
 * cache folder, and found there ever after. The file is named after the content of the files that
 * it was made from; its own hash stands in a file beside it. One that does not have exactly the
 * right header, size and hash is made again.
 *
 * <p>It is written beside its place and renamed, so it is whole when it is there. Two processes
 * that convert at once both write; the second to finish uses the file of the first.
 */
public final class ConvertedWeights {
  /** To be counted up when the same weights would become other bits. */
  private static final String CONVERTER = "1";

  /** Called often, by the converting thread. */
  public interface Progress {
    /**
     * @param bytesDone bytes of the stored tensors converted so far
     * @param bytesInAll all of them
     */
    void converted(long bytesDone, long bytesInAll);

    /** A large file is read before, to know its content. */
    default void reading(Path file, long bytes) {}

    /** A file that was converted before is not what it was, and is made again. */
    default void damaged(Path file) {}
  }

  private final List<StoredTensor> sources;
  private final FloatType to;
  private final SafetensorsFile result;
  private final FileHashes hashes;
  private final Progress listener;
  private final long all;
  private long done;

  private ConvertedWeights(
      List<StoredTensor> sources,
      FloatType to,
      SafetensorsFile result,
      FileHashes hashes,
      Progress listener) {
    this.sources = sources;
    this.to = to;
    this.result = result;
    this.hashes = hashes;
    this.listener = listener;
    this.all = sources.stream().mapToLong(StoredTensor::length).sum();
  }

  /**
   * @param tensors what to convert; those that have the type already are copied
   * @param dtype {@code F32} or {@code F16}
   * @param cacheFolder made if missing
   * @param hashes asked for those of the files with the tensors, and of the converted file
   * @param listener not called when the file is there already
   * @return the converted tensors by name, all in one file; empty when there are none to convert
   * @throws UserError naming every tensor of a type that is not converted, or with values too large
   *     for {@code dtype}; nothing is left behind
   * @throws UncheckedIOException when the disk is full or a file cannot be read or written
   */
  public static Map<String, StoredTensor> of(
      Collection<StoredTensor> tensors,
      String dtype,
      Path cacheFolder,
      FileHashes hashes,
      Progress listener) {
    if (!Set.of("F32", "F16").contains(dtype)) {
      throw new IllegalArgumentException("cannot convert to " + dtype);
    }
    refuseOtherTypes(tensors);
    FloatType to = FloatType.valueOf(dtype);
    List<StoredTensor> sources =
        tensors.stream()
            .sorted(
                Comparator.comparing(StoredTensor::file).thenComparingLong(StoredTensor::offset))
            .toList();
    String content = Fingerprint.ofWeights(sources, hashes);
    String name = content + "-" + dtype.toLowerCase(Locale.ROOT) + ".safetensors";
    SafetensorsFile result =
        SafetensorsFile.layout(
            cacheFolder.resolve(name),
            Map.of(
                "format", "pt",
                "steersweep.converter", CONVERTER,
                "steersweep.content", content,
                "steersweep.dtype", dtype),
            sources.stream().map(tensor -> converted(tensor, to)).toList());
    if (!sources.isEmpty()) {
      new ConvertedWeights(sources, to, result, hashes, listener).makeIfMissing(content);
    }
    return result.tensors().stream()
        .collect(
            Collectors.toMap(
                StoredTensor::name, Function.identity(), (a, b) -> a, LinkedHashMap::new));
  }

  /** Whether a tensor of this type can be converted. */
  public static boolean isSourceType(String dtype) {
    return FloatType.isOne(dtype);
  }

  /** Types of safetensors files that can be converted, for messages: those of GGUF are checked. */
  public static List<String> sourceTypes() {
    return FloatType.ofSafetensors();
  }

  private static void refuseOtherTypes(Collection<StoredTensor> tensors) {
    Faults faults = new Faults();
    Set<String> names = new HashSet<>();
    for (StoredTensor tensor : tensors) {
      if (!names.add(tensor.name())) {
        throw new IllegalArgumentException(tensor.name() + " is given twice");
      }
      if (!FloatType.isOne(tensor.dtype())) {
        faults.add(
            tensor.file().toString(),
            tensor.name()
                + ": cannot be converted; got "
                + tensor.dtype()
                + ", expected one of "
                + String.join(", ", sourceTypes()));
      }
    }
    faults.throwIfAny();
  }

  /** The tensor in the new type; where it will lie is not known yet. */
  private static StoredTensor converted(StoredTensor tensor, FloatType to) {
    long bytes = to.bytes(FloatType.of(tensor).elements(tensor.length()));
    return new StoredTensor(tensor.name(), to.name(), tensor.shape(), tensor.file(), 0, bytes);
  }

  private void makeIfMissing(String content) {
    Path folder = Objects.requireNonNull(result.file().getParent());
    TemporaryFile.deleteAbandoned(folder);
    try {
      if (isThere()) {
        return;
      }
      if (Files.exists(result.file())) {
        listener.damaged(result.file());
      }
      Files.createDirectories(folder);
      requireSpace(folder);
      make();
      if (!Fingerprint.ofWeights(sources, hashes).equals(content)) {
        Files.delete(result.file());
        throw new IOException("the stored weights changed while they were read");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          result.file() + ": the converted weights cannot be written: " + e, e);
    }
  }

  /** Whether the file is there and is the one wanted. */
  private boolean isThere() throws IOException {
    if (!Files.isRegularFile(result.file())) {
      return false;
    }
    Faults faults = new Faults();
    return SafetensorsFile.read(result.file(), faults).equals(result)
        && !faults.any()
        && hashes.of(result.file()).equals(hashThatWasWritten());
  }

  /** Empty where there is none, as beside a file that an earlier version left. */
  private String hashThatWasWritten() throws IOException {
    return Files.exists(hashFile()) ? TextFile.read(hashFile()).strip() : "";
  }

  private Path hashFile() {
    return result.file().resolveSibling(result.file().getFileName() + ".hash");
  }

  private void requireSpace(Path folder) throws IOException {
    long free = Files.getFileStore(folder).getUsableSpace();
    if (free < result.bytes()) {
      throw new IOException(
          "not enough space; " + result.bytes() + " bytes needed, " + free + " free");
    }
  }

  private void make() throws IOException {
    try (TemporaryFile temporary = TemporaryFile.beside(result.file(), permissions())) {
      temporary.write(ByteBuffer.wrap(result.header()));
      convertAll(temporary);
      if (!isThere()) {
        String hash = temporary.hash();
        // before: a file without its hash would be made again
        Json.writeBytes(hashFile(), (hash + "\n").getBytes(StandardCharsets.UTF_8));
        temporary.moveTo(result.file());
        hashes.keep(result.file(), hash);
      }
    }
  }

  /** Whoever may not read one of the sources may not read what was made of it. */
  private Set<PosixFilePermission> permissions() throws IOException {
    Set<PosixFilePermission> permissions = EnumSet.allOf(PosixFilePermission.class);
    for (StoredTensor source : sources) {
      PosixFileAttributeView of =
          Files.getFileAttributeView(source.file(), PosixFileAttributeView.class);
      permissions.retainAll(of == null ? Set.of() : of.readAttributes().permissions());
    }
    if (!permissions.isEmpty()) {
      permissions.add(PosixFilePermission.OWNER_READ);
      permissions.add(PosixFilePermission.OWNER_WRITE);
    }
    return permissions;
  }

  private void convertAll(TemporaryFile target) throws IOException {
    Map<Path, List<StoredTensor>> byFile =
        sources.stream()
            .collect(
                Collectors.groupingBy(StoredTensor::file, LinkedHashMap::new, Collectors.toList()));
    TensorConverter converter = new TensorConverter(to);
    Faults tooLarge = new Faults();
    for (Map.Entry<Path, List<StoredTensor>> file : byFile.entrySet()) {
      try (FileChannel source = FileChannel.open(file.getKey())) {
        for (StoredTensor tensor : file.getValue()) {
          double largest = converter.convert(tensor, source, target, this::advance);
          if (Double.isInfinite(to.round(largest))) {
            tooLarge.add(
                file.getKey().toString(),
                tensor.name()
                    + ": does not fit into "
                    + to
                    + "; got magnitudes up to "
                    + largest
                    + ", expected at most "
                    + to.largest());
          }
        }
      }
    }
    tooLarge.throwIfAny();
  }

  private void advance(long bytes) {
    done += bytes;
    listener.converted(done, all);
  }
}
