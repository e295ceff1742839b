package steersweep.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A safetensors file with a given header. */
final class SafetensorsBytes {
  private static final int DATA = 64;

  private SafetensorsBytes() {}

  static byte[] of(byte[] header) {
    return of(header.length, header);
  }

  /**
   * @param claimed the length that the file says its header has
   */
  static byte[] of(long claimed, byte[] header) {
    return ByteBuffer.allocate(Long.BYTES + header.length + DATA)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(claimed)
        .put(header)
        .array();
  }
}
