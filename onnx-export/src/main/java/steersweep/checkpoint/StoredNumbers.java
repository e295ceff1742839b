package steersweep.checkpoint;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;

/**
 * The numbers of a tensor of a safetensors file, read for arithmetic here rather than in a graph.
 */
public final class StoredNumbers {
  private StoredNumbers() {}

  /**
   * All of a tensor's numbers; F64 rounded.
   *
   * @throws UncheckedIOException naming the file
   */
  public static float[] read(StoredTensor tensor) {
    try (FileChannel channel = FileChannel.open(tensor.file())) {
      return row(
          tensor, channel, 0, Math.toIntExact(FloatType.of(tensor).elements(tensor.length())));
    } catch (IOException e) {
      throw unreadable(tensor, e);
    }
  }

  /**
   * A matrix times a vector, summed up in float64.
   *
   * @param matrix [out, in]
   * @param vector [in]
   * @return [out]
   * @throws UncheckedIOException naming the file
   */
  public static double[] product(StoredTensor matrix, float[] vector) {
    int rows = Math.toIntExact(matrix.shape().get(0));
    if (matrix.shape().get(1) != vector.length) {
      throw new IllegalArgumentException(
          matrix.name() + " " + matrix.shape() + " times a vector of " + vector.length);
    }
    double[] product = new double[rows];
    try (FileChannel channel = FileChannel.open(matrix.file())) {
      for (int i = 0; i < rows; i++) {
        float[] row = row(matrix, channel, (long) i * vector.length, vector.length);
        for (int j = 0; j < vector.length; j++) {
          product[i] += (double) row[j] * vector[j];
        }
      }
    } catch (IOException e) {
      throw unreadable(matrix, e);
    }
    return product;
  }

  /**
   * A vector times a matrix, summed up in float64.
   *
   * @param vector [in]
   * @param matrix [in, out]
   * @return [out]
   * @throws UncheckedIOException naming the file
   */
  public static double[] product(float[] vector, StoredTensor matrix) {
    if (matrix.shape().get(0) != vector.length) {
      throw new IllegalArgumentException(
          "a vector of " + vector.length + " times " + matrix.name() + " " + matrix.shape());
    }
    int columns = Math.toIntExact(matrix.shape().get(1));
    float[] all = read(matrix);
    double[] product = new double[columns];
    for (int i = 0; i < vector.length; i++) {
      for (int j = 0; j < columns; j++) {
        product[j] += (double) vector[i] * all[i * columns + j];
      }
    }
    return product;
  }

  private static float[] row(StoredTensor tensor, FileChannel channel, long from, int elements)
      throws IOException {
    FloatType type = FloatType.of(tensor);
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(type.bytes(elements))).order(ByteOrder.LITTLE_ENDIAN);
    fill(bytes, channel, tensor.offset() + type.bytes(from), tensor);
    bytes.flip();
    float[] numbers = new float[elements];
    for (int i = 0; i < elements; i++) {
      numbers[i] =
          switch (type) {
            case F64 -> (float) bytes.getDouble(i * Double.BYTES);
            case F32 -> bytes.getFloat(i * Float.BYTES);
            case F16 -> HalfPrecision.toFloat(bytes.getShort(i * Short.BYTES));
            case BF16 -> Float.intBitsToFloat(bytes.getShort(i * Short.BYTES) << 16);
            case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K ->
                throw new IllegalArgumentException(tensor.name() + ": quantised");
          };
    }
    return numbers;
  }

  /** Fills a buffer up to its limit. */
  static void fill(ByteBuffer bytes, FileChannel channel, long position, StoredTensor tensor)
      throws IOException {
    long next = position;
    while (bytes.hasRemaining()) {
      int read = channel.read(bytes, next);
      if (read < 0) {
        throw new EOFException("the file ends inside of " + tensor.name());
      }
      next += read;
    }
  }

  private static UncheckedIOException unreadable(StoredTensor tensor, IOException e) {
    return new UncheckedIOException(tensor.file() + ": cannot be read: " + e, e);
  }
}
