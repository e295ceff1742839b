package steersweep.checkpoint;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.model.ContentHash;
import steersweep.model.FileHashes;

/**
 * Finds weights that are no numbers (NaN, infinities), of which every text would be made of nothing
 * but more of them. All weights are read for it; that the weights of some files are numbers is kept
 * in the cache, under the files' content.
 */
public final class FiniteWeights {
  private static final Logger LOG = LoggerFactory.getLogger(FiniteWeights.class);

  /** Bytes read at once; whole elements of every type. */
  private static final int PIECE = 1 << 20;

  /** To be counted up when other weights would be found. */
  private static final String VERSION = "1";

  private final ByteBuffer bytes = ByteBuffer.allocateDirect(PIECE).order(ByteOrder.LITTLE_ENDIAN);
  private final long[] longs = new long[PIECE / Long.BYTES];

  private FiniteWeights() {}

  /**
   * @param tensors of types that can be converted
   * @param cache made if missing; where it cannot be written, the weights are read every time
   * @throws UserError naming every tensor that holds something else than numbers
   */
  public static void check(Collection<StoredTensor> tensors, FileHashes hashes, Path cache) {
    List<StoredTensor> inOrder =
        tensors.stream()
            .sorted(
                Comparator.comparing(StoredTensor::file).thenComparingLong(StoredTensor::offset))
            .toList();
    Path note = cache.resolve("finite").resolve(name(inOrder, hashes));
    if (Files.exists(note)) {
      return;
    }
    Faults faults = new Faults();
    FiniteWeights reader = new FiniteWeights();
    inOrder.forEach(tensor -> reader.check(tensor, faults));
    faults.throwIfAny();
    keep(note);
  }

  private static String name(List<StoredTensor> tensors, FileHashes hashes) {
    ContentHash hash = new ContentHash();
    hash.updateText(VERSION + "\n" + Fingerprint.ofWeights(tensors, hashes));
    tensors.forEach(tensor -> hash.updateText("\n" + tensor.name()));
    return hash.digits();
  }

  private static void keep(Path note) {
    try {
      Files.createDirectories(Objects.requireNonNull(note.getParent()));
      Files.writeString(note, "");
    } catch (IOException e) {
      LOG.info("{}: not kept: {}", note, e.toString());
    }
  }

  private void check(StoredTensor tensor, Faults faults) {
    FloatType type = FloatType.of(tensor);
    int piece = PIECE / type.blockBytes() * type.blockBytes();
    try (FileChannel file = FileChannel.open(tensor.file())) {
      for (long at = 0; at < tensor.length(); at += piece) {
        int size = (int) Math.min(piece, tensor.length() - at);
        read(file, tensor, at, size);
        if (!finite(type, size)) {
          faults.add(
              tensor.file().toString(),
              tensor.name() + ": got " + first(type, at, size) + ", expected numbers");
          return;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(tensor.file() + ": cannot be read: " + e, e);
    }
  }

  /** Zeros follow the last byte, up to a whole number of longs. */
  private void read(FileChannel file, StoredTensor tensor, long at, int size) throws IOException {
    bytes.clear().limit(size);
    while (bytes.hasRemaining()) {
      if (file.read(bytes, tensor.offset() + at + bytes.position()) < 0) {
        throw new EOFException("the file ends inside of " + tensor.name());
      }
    }
    bytes.limit((size + Long.BYTES - 1) / Long.BYTES * Long.BYTES);
    while (bytes.hasRemaining()) {
      bytes.put((byte) 0);
    }
    bytes.flip();
  }

  private boolean finite(FloatType type, int size) {
    return switch (type) {
      case F64 -> finite(0x8000_0000_0000_0000L, 0x7ff0_0000_0000_0000L, Double.SIZE);
      case F32 -> finite(0x8000_0000_8000_0000L, 0x7f80_0000_7f80_0000L, Float.SIZE);
      case BF16 -> finite(0x8000_8000_8000_8000L, 0x7f80_7f80_7f80_7f80L, Short.SIZE);
      case F16 -> finite(0x8000_8000_8000_8000L, 0x7c00_7c00_7c00_7c00L, Short.SIZE);
      case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> firstBlock(type, size) < 0;
    };
  }

  /**
   * Whether no element of {@link #bytes} has all bits of its exponent set.
   *
   * @param signs the signs of a long's elements
   * @param exponents their exponents
   * @param bits of an element
   */
  private boolean finite(long signs, long exponents, int bits) {
    long ones = signs >>> (bits - 1);
    LongBuffer buffer = bytes.asLongBuffer();
    int count = buffer.remaining();
    buffer.get(longs, 0, count);
    long found = 0;
    for (int i = 0; i < count; i++) {
      long missing = ~longs[i] & exponents; // 0 in an element that is no number
      found |= (missing - ones) & ~missing & signs;
    }
    return found == 0;
  }

  /** Of quantised weights: the first block of which a factor is no number; -1 for none. */
  private int firstBlock(FloatType type, int size) {
    for (int block = 0; block < size / type.blockBytes(); block++) {
      for (int factor : factors(type)) {
        if (!Float.isFinite(
            HalfPrecision.toFloat(bytes.getShort(block * type.blockBytes() + factor)))) {
          return block;
        }
      }
    }
    return -1;
  }

  /** Where in a block the half precision numbers are that the others are multiplied by. */
  private static int[] factors(FloatType type) {
    return switch (type) {
      case F64, F32, BF16, F16 -> new int[0];
      case Q8_0, Q4_0, Q5_0 -> new int[] {0};
      case Q4_1, Q5_1, Q4_K, Q5_K -> new int[] {0, 2};
      case Q6_K -> new int[] {type.blockBytes() - 2};
    };
  }

  /** {@code NaN at place 5}. */
  private String first(FloatType type, long at, int size) {
    for (int i = 0; i < size; i += type.blockBytes()) {
      double value =
          switch (type) {
            case F64 -> bytes.getDouble(i);
            case F32 -> bytes.getFloat(i);
            case BF16 -> Float.intBitsToFloat(bytes.getShort(i) << 16);
            case F16 -> HalfPrecision.toFloat(bytes.getShort(i));
            case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> 0;
          };
      if (!Double.isFinite(value)) {
        return value + " at place " + (at + i) / type.blockBytes();
      }
    }
    return "a factor that is no number in block "
        + (at / type.blockBytes() + firstBlock(type, size));
  }
}
