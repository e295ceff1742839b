package steersweep.checkpoint;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.function.LongConsumer;

/**
 * Converts one tensor after the other from file to file, in pieces: whatever a tensor's size, the
 * memory used is that of one converter, some 5 MB. Every element goes through float, so a double
 * becomes a half by rounding twice, as in torch.
 */
final class TensorConverter {
  /** Elements of one piece. */
  private static final int PIECE = 1 << 18;

  private final FloatType to;
  private final ByteBuffer in = direct((int) FloatType.F64.bytes(PIECE));
  private final ByteBuffer out;
  private final float[] floats = new float[PIECE];
  private final short[] shorts = new short[PIECE];
  private final QuantizedBlocks blocks = new QuantizedBlocks(in, floats);
  private double largest;

  /**
   * @param to F32 or F16
   */
  TensorConverter(FloatType to) {
    this.to = to;
    this.out = direct((int) to.bytes(PIECE));
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Appends a tensor to {@code target}, and tells {@code progress} the bytes of each piece read.
   *
   * @return the largest finite magnitude in the tensor, before conversion
   */
  double convert(
      StoredTensor tensor, FileChannel source, TemporaryFile target, LongConsumer progress)
      throws IOException {
    largest = 0;
    if (tensor.pairedHeads() == 0) {
      convert(tensor, tensor.offset(), tensor.length(), source, target, progress);
    } else {
      for (long row = 0; row < tensor.rows(); row++) {
        long bytes = tensor.length() / tensor.rows();
        long offset = tensor.offset() + tensor.storedRow(row) * bytes;
        convert(tensor, offset, bytes, source, target, progress);
      }
    }
    return largest;
  }

  private void convert(
      StoredTensor tensor,
      long offset,
      long length,
      FileChannel source,
      TemporaryFile target,
      LongConsumer progress)
      throws IOException {
    FloatType from = FloatType.of(tensor);
    long position = offset;
    long end = offset + length;
    while (position < end) {
      in.clear().limit((int) Math.min(from.bytes(PIECE), end - position));
      fill(tensor, source, position);
      int bytes = in.flip().remaining();
      int elements = (int) from.elements(bytes);
      decode(from, elements);
      encode(elements);
      target.write(out);
      position += bytes;
      progress.accept(bytes);
    }
  }

  private void fill(StoredTensor tensor, FileChannel source, long position) throws IOException {
    try {
      while (in.hasRemaining()) {
        if (source.read(in, position + in.position()) < 0) {
          throw new EOFException("the file ends inside of " + tensor.name());
        }
      }
    } catch (IOException e) {
      throw new IOException(tensor.file() + ": cannot be read: " + e, e);
    }
  }

  private void decode(FloatType from, int elements) {
    switch (from) {
      case F64 -> decodeDoubles(elements);
      case F32 -> {
        in.asFloatBuffer().get(floats, 0, elements);
        measure(elements);
      }
      case BF16 -> {
        in.asShortBuffer().get(shorts, 0, elements);
        for (int i = 0; i < elements; i++) {
          floats[i] = Float.intBitsToFloat(shorts[i] << 16);
        }
        measure(elements);
      }
      case F16 -> {
        in.asShortBuffer().get(shorts, 0, elements);
        for (int i = 0; i < elements; i++) {
          floats[i] = HalfPrecision.toFloat(shorts[i]);
        }
        measure(elements);
      }
      case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> {
        blocks.decode(from, elements);
        measure(elements);
      }
    }
  }

  private void decodeDoubles(int elements) {
    for (int i = 0; i < elements; i++) {
      double value = in.getDouble(i * Double.BYTES);
      double magnitude = Math.abs(value);
      if (magnitude > largest && magnitude < Double.POSITIVE_INFINITY) {
        largest = magnitude;
      }
      floats[i] = (float) value;
    }
  }

  private void measure(int elements) {
    float found = (float) largest;
    for (int i = 0; i < elements; i++) {
      float magnitude = Math.abs(floats[i]);
      if (magnitude > found && magnitude < Float.POSITIVE_INFINITY) {
        found = magnitude;
      }
    }
    largest = found;
  }

  private void encode(int elements) {
    out.clear();
    if (to == FloatType.F16) {
      for (int i = 0; i < elements; i++) {
        shorts[i] = HalfPrecision.toHalf(floats[i]);
      }
      out.asShortBuffer().put(shorts, 0, elements);
    } else {
      out.asFloatBuffer().put(floats, 0, elements);
    }
    out.limit((int) to.bytes(elements));
  }
}
