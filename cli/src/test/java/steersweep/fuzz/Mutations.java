package steersweep.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Spoils good files in seeded ways: the same seed and number give the same bytes. */
final class Mutations {
  private static final int MOST_BYTES = 1 << 18;

  /** Numbers at the edges of their types, and pieces of JSON, YAML, CSV and terminal control. */
  private static final List<String> WORDS =
      List.of(
          "0",
          "-1",
          "1e309",
          "NaN",
          "2147483647",
          "2147483648",
          "9223372036854775807",
          "18446744073709551615",
          "1e-400",
          "0.1",
          "99999999999999999999999999",
          "null",
          "true",
          "\"\"",
          "\"\u0000\"",
          "\u001b[31m",
          "\u202e",
          "[]",
          "{}",
          "[[",
          "{{",
          "]",
          "}",
          ":",
          ",",
          "&a ",
          "*a",
          "<<: *a",
          "!!java.lang.String ",
          "--- ",
          "# ",
          "|\n",
          ">-\n",
          "\n",
          "\r\n",
          "\t",
          "../",
          "/dev/zero",
          "\\",
          "\"",
          "'",
          "\ud83d\ude00",
          "\\ud800",
          "0-99999999",
          "0-99999+1",
          "all",
          "each",
          "=cmd()",
          "12:30",
          "0x7f",
          "010",
          "~");

  private final List<byte[]> seeds;
  private final long seed;

  Mutations(long seed, byte[]... seeds) {
    this.seed = seed;
    this.seeds = List.of(seeds);
  }

  /** The input with this number; the first is not spoiled. */
  byte[] input(int number) {
    if (number == 0) {
      return seeds.get(0);
    }
    Random random = new Random(seed * 1_000_003 + number);
    byte[] bytes = pick(random);
    int times = 1 + random.nextInt(1 + random.nextInt(8));
    for (int i = 0; i < times; i++) {
      bytes = changed(bytes, random);
    }
    return bytes.length > MOST_BYTES ? Arrays.copyOf(bytes, MOST_BYTES) : bytes;
  }

  private byte[] pick(Random random) {
    return seeds.get(random.nextInt(seeds.size()));
  }

  private byte[] changed(byte[] bytes, Random random) {
    int from = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
    int to = Math.min(bytes.length, from + 1 + random.nextInt(1 + random.nextInt(64)));
    return switch (random.nextInt(10)) {
      case 0 -> replaced(bytes, from, to, new byte[0], 1);
      case 1 -> Arrays.copyOf(bytes, from);
      case 2 -> flipped(bytes, from, 1 << random.nextInt(8));
      case 3 -> replaced(bytes, from, from, Arrays.copyOfRange(bytes, from, to), 1);
      case 4 -> replaced(bytes, from, from, Arrays.copyOfRange(bytes, from, to), many(random));
      case 5 -> replaced(bytes, from, from, word(random), many(random));
      case 6, 7 -> number(bytes, from, random);
      case 8 -> spliced(bytes, from, pick(random), random);
      default -> replaced(bytes, from, random.nextBoolean() ? from : to, word(random), 1);
    };
  }

  private static int many(Random random) {
    return 1 << random.nextInt(13);
  }

  private static byte[] word(Random random) {
    return WORDS.get(random.nextInt(WORDS.size())).getBytes(StandardCharsets.UTF_8);
  }

  /** Puts another number, or four bytes of one, where a number is. */
  private static byte[] number(byte[] bytes, int from, Random random) {
    int start = from;
    while (start < bytes.length && !digit(bytes[start])) {
      start++;
    }
    if (start == bytes.length) {
      byte[] filled = bytes.clone();
      byte value = (byte) (random.nextBoolean() ? 0xff : 0x7f);
      Arrays.fill(filled, from, Math.min(bytes.length, from + 4), value);
      return filled;
    }
    int end = start;
    while (end < bytes.length && digit(bytes[end])) {
      end++;
    }
    return replaced(bytes, start, end, word(random), 1);
  }

  private static boolean digit(byte b) {
    return b >= '0' && b <= '9';
  }

  private static byte[] flipped(byte[] bytes, int at, int bit) {
    byte[] flipped = bytes.clone();
    if (at < bytes.length) {
      flipped[at] ^= (byte) bit;
    }
    return flipped;
  }

  private static byte[] spliced(byte[] bytes, int from, byte[] other, Random random) {
    int start = other.length == 0 ? 0 : random.nextInt(other.length);
    return replaced(bytes, from, bytes.length, Arrays.copyOfRange(other, start, other.length), 1);
  }

  private static byte[] replaced(byte[] bytes, int from, int to, byte[] by, int times) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, from);
    for (int i = 0; i < times && out.size() < MOST_BYTES; i++) {
      out.writeBytes(by);
    }
    out.write(bytes, to, bytes.length - to);
    return out.toByteArray();
  }
}
