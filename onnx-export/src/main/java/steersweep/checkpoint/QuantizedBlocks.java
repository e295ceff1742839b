package steersweep.checkpoint;

import java.nio.ByteBuffer;

/**
 * Quantised blocks as ggml defines them (ggml-quants.c), made into float32 with the same operations
 * in the same order, so that the bits are the same. 16-bit floats are scales and offsets of a
 * block; the "K" types hold 256 elements in 8 or 16 groups with scales of their own, scaled by the
 * block's.
 */
final class QuantizedBlocks {
  private static final int HALF_BYTES = 2;
  private static final int SMALL = 32;
  private static final int LARGE = 256;

  /** What may be added without any change, of a zero's sign either. */
  private static final float NOTHING = -0f;

  private static final int GROUP_SCALES = 2 * HALF_BYTES;
  private static final int GROUP_SCALES_BYTES = 12;

  private final ByteBuffer in;
  private final float[] out;

  /** First byte of the block, and the first element that it becomes. */
  private int at;

  private int to;

  /**
   * @param in little endian
   */
  QuantizedBlocks(ByteBuffer in, float[] out) {
    this.in = in;
    this.out = out;
  }

  /** Decodes the first blocks of the buffer into the first elements of the array. */
  void decode(FloatType type, int elements) {
    int blocks = (int) (type.bytes(elements) / type.blockBytes());
    int perBlock = elements / blocks;
    for (int block = 0; block < blocks; block++) {
      at = block * type.blockBytes();
      to = block * perBlock;
      switch (type) {
        case Q8_0 -> q8();
        case Q4_0 -> q4(half(0), NOTHING, HALF_BYTES, -8);
        case Q4_1 -> q4(half(0), half(2), 2 * HALF_BYTES, 0);
        case Q5_0 -> q5(half(0), NOTHING, HALF_BYTES, -16);
        case Q5_1 -> q5(half(0), half(2), 2 * HALF_BYTES, 0);
        case Q4_K -> q4k();
        case Q5_K -> q5k();
        case Q6_K -> q6k();
        case F64, F32, F16, BF16 -> throw new IllegalArgumentException(type + " has no blocks");
      }
    }
  }

  private float half(int offset) {
    return HalfPrecision.toFloat(in.getShort(at + offset));
  }

  private int unsigned(int offset) {
    return in.get(at + offset) & 0xff;
  }

  private void q8() {
    float scale = half(0);
    for (int i = 0; i < SMALL; i++) {
      out[to + i] = in.get(at + HALF_BYTES + i) * scale;
    }
  }

  /** The low halves of 16 bytes, then the high ones. */
  private void q4(float scale, float minimum, int quants, int zero) {
    for (int i = 0; i < SMALL / 2; i++) {
      int both = unsigned(quants + i);
      out[to + i] = scale * ((both & 15) + zero) + minimum;
      out[to + SMALL / 2 + i] = scale * ((both >> 4) + zero) + minimum;
    }
  }

  /** As {@link #q4}, with the fifth bits of all elements in the four bytes before. */
  private void q5(float scale, float minimum, int bits, int zero) {
    int high = in.getInt(at + bits);
    for (int i = 0; i < SMALL / 2; i++) {
      int both = unsigned(bits + Integer.BYTES + i);
      int first = both & 15 | (high >>> i & 1) << 4;
      int second = both >> 4 | (high >>> i + SMALL / 2 & 1) << 4;
      out[to + i] = scale * (first + zero) + minimum;
      out[to + SMALL / 2 + i] = scale * (second + zero) + minimum;
    }
  }

  /** Pairs of groups share 32 bytes: the low halves are the first group's. */
  private void q4k() {
    for (int group = 0; group < LARGE / SMALL; group++) {
      float scale = half(0) * groupScale(group);
      float minimum = half(HALF_BYTES) * groupMinimum(group);
      int quants = GROUP_SCALES + GROUP_SCALES_BYTES + group / 2 * SMALL;
      for (int i = 0; i < SMALL; i++) {
        int quant = unsigned(quants + i) >> group % 2 * 4 & 15;
        out[to + group * SMALL + i] = scale * quant - minimum;
      }
    }
  }

  /** As {@link #q4k}; bit g of the 32 bytes before is the fifth bit in group g. */
  private void q5k() {
    int bits = GROUP_SCALES + GROUP_SCALES_BYTES;
    for (int group = 0; group < LARGE / SMALL; group++) {
      float scale = half(0) * groupScale(group);
      float minimum = half(HALF_BYTES) * groupMinimum(group);
      int quants = bits + SMALL + group / 2 * SMALL;
      for (int i = 0; i < SMALL; i++) {
        int low = unsigned(quants + i) >> group % 2 * 4 & 15;
        int quant = low | (unsigned(bits + i) >> group & 1) << 4;
        out[to + group * SMALL + i] = scale * quant - minimum;
      }
    }
  }

  /** Six bits: those of the first four groups in one byte each, of the others spread over two. */
  private int groupScale(int group) {
    return group < 4
        ? unsigned(GROUP_SCALES + group) & 63
        : unsigned(GROUP_SCALES + group + 4) & 15 | unsigned(GROUP_SCALES + group - 4) >> 6 << 4;
  }

  private int groupMinimum(int group) {
    return group < 4
        ? unsigned(GROUP_SCALES + group + 4) & 63
        : unsigned(GROUP_SCALES + group + 4) >> 4 | unsigned(GROUP_SCALES + group) >> 6 << 4;
  }

  /** Per half of the block: 64 bytes with four bits each, 32 with two each; a scale per 16. */
  private void q6k() {
    int scales = LARGE / 2 + LARGE / 4;
    float scale = half(scales + LARGE / 16);
    for (int i = 0; i < LARGE; i++) {
      int side = i / 128;
      int quarter = i % 128 / SMALL;
      int low = unsigned(side * 64 + i % 64) >> quarter / 2 * 4 & 15;
      int high = unsigned(LARGE / 2 + side * SMALL + i % SMALL) >> quarter * 2 & 3;
      out[to + i] = scale * in.get(at + scales + i / 16) * ((low | high << 4) - SMALL);
    }
  }
}
