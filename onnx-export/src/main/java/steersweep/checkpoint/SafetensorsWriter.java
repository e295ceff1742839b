package steersweep.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Writes a safetensors file: numbers made here, and tensors copied from other files. */
public final class SafetensorsWriter {
  private static final int PIECE_BYTES = 1 << 20;

  private SafetensorsWriter() {}

  /** One tensor to be written. */
  public sealed interface Content {
    /** Its name, type, shape and length; where it will lie is not known yet. */
    StoredTensor described(Path file);
  }

  /** Numbers, stored as F32. */
  public record Numbers(String name, List<Long> shape, float[] values) implements Content {
    public Numbers {
      shape = List.copyOf(shape);
      if (shape.stream().reduce(1L, Math::multiplyExact) != values.length) {
        throw new IllegalArgumentException(name + ": " + values.length + " numbers in " + shape);
      }
    }

    /** A vector. */
    public Numbers(String name, float[] values) {
      this(name, List.of((long) values.length), values);
    }

    @Override
    public StoredTensor described(Path file) {
      long bytes = Math.multiplyExact((long) values.length, Float.BYTES);
      return new StoredTensor(name, FloatType.F32.name(), shape, file, 0, bytes);
    }
  }

  /** A tensor of another file, byte for byte. */
  public record Copy(StoredTensor tensor) implements Content {
    @Override
    public StoredTensor described(Path file) {
      return tensor;
    }
  }

  /**
   * Writes a file that appears whole or not at all.
   *
   * @param metadata texts for the header
   * @throws UncheckedIOException naming the file
   */
  public static void write(Path file, Map<String, String> metadata, List<Content> contents) {
    SafetensorsFile layout =
        SafetensorsFile.layout(
            file, metadata, contents.stream().map(content -> content.described(file)).toList());
    try (TemporaryFile temporary = TemporaryFile.beside(file)) {
      temporary.write(ByteBuffer.wrap(layout.header()));
      for (Content content : contents) {
        if (content instanceof Numbers numbers) {
          write(temporary, numbers.values());
        } else if (content instanceof Copy copy) {
          copy(temporary, copy.tensor());
        }
      }
      temporary.moveTo(file);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
    }
  }

  private static void write(TemporaryFile target, float[] values) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    target.write(bytes);
  }

  private static void copy(TemporaryFile target, StoredTensor tensor) throws IOException {
    ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
    try (FileChannel source = FileChannel.open(tensor.file())) {
      long position = tensor.offset();
      long end = tensor.offset() + tensor.length();
      while (position < end) {
        piece.clear().limit((int) Math.min(PIECE_BYTES, end - position));
        StoredNumbers.fill(piece, source, position, tensor);
        position += piece.flip().remaining();
        target.write(piece);
      }
    }
  }
}
