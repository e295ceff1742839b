package steersweep.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a shared library asks of the dynamic loader, read from its dynamic section (ELF, 64 bits,
 * little-endian): so the libraries that a build of the runtime needs are known without loading it.
 *
 * @param needed names of the libraries that it is linked to
 * @param searched folders that it wants them looked for in, {@code $ORIGIN} being its own
 */
record SharedLibrary(List<String> needed, List<String> searched) {
  private static final int MAGIC = 0x464c457f; // 0x7f ELF
  private static final int SEGMENT_LOAD = 1;
  private static final int SEGMENT_DYNAMIC = 2;
  private static final int END = 0;
  private static final int NEEDED = 1;
  private static final int STRINGS = 5;
  private static final int STRINGS_BYTES = 10;
  private static final int OLD_SEARCHED = 15;
  private static final int SEARCHED = 29;

  SharedLibrary {
    needed = List.copyOf(needed);
    searched = List.copyOf(searched);
  }

  /** Where a part of the file lands in memory. */
  private record Segment(int type, long offset, long address, long bytes) {}

  static SharedLibrary read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer header = bytes(channel, 0, 64);
      if (header.getInt(0) != MAGIC || header.get(4) != 2 || header.get(5) != 1) {
        throw new IOException(file + ": not a shared library for 64 bits, little-endian");
      }
      List<Segment> segments = segments(channel, header);
      long[] tags = {};
      for (Segment segment : segments) {
        if (segment.type == SEGMENT_DYNAMIC) {
          ByteBuffer dynamic = bytes(channel, segment.offset, segment.bytes);
          tags = new long[dynamic.remaining() / Long.BYTES];
          dynamic.asLongBuffer().get(tags);
        }
      }
      return of(channel, segments, tags);
    }
  }

  private static List<Segment> segments(FileChannel channel, ByteBuffer header) throws IOException {
    int size = header.getShort(54);
    int count = header.getShort(56);
    ByteBuffer table = bytes(channel, header.getLong(32), (long) size * count);
    List<Segment> segments = new ArrayList<>();
    for (int at = 0; at < size * count; at += size) {
      segments.add(
          new Segment(
              table.getInt(at),
              table.getLong(at + 8),
              table.getLong(at + 16),
              table.getLong(at + 32)));
    }
    return segments;
  }

  /**
   * @param tags pairs of tag and value
   */
  private static SharedLibrary of(FileChannel channel, List<Segment> segments, long[] tags)
      throws IOException {
    ByteBuffer strings =
        bytes(channel, offset(segments, value(tags, STRINGS)), value(tags, STRINGS_BYTES));
    List<String> needed = new ArrayList<>();
    List<String> searched = new ArrayList<>();
    for (int i = 0; i + 1 < tags.length && tags[i] != END; i += 2) {
      if (tags[i] == NEEDED) {
        needed.add(string(strings, tags[i + 1]));
      } else if (tags[i] == SEARCHED || tags[i] == OLD_SEARCHED) {
        searched.addAll(Arrays.asList(string(strings, tags[i + 1]).split(":")));
      }
    }
    return new SharedLibrary(needed, searched);
  }

  private static long value(long[] tags, int tag) {
    for (int i = 0; i + 1 < tags.length; i += 2) {
      if (tags[i] == tag) {
        return tags[i + 1];
      }
    }
    return 0;
  }

  private static long offset(List<Segment> segments, long address) {
    for (Segment segment : segments) {
      long within = address - segment.address;
      if (segment.type == SEGMENT_LOAD && within >= 0 && within < segment.bytes) {
        return segment.offset + within;
      }
    }
    return address;
  }

  private static String string(ByteBuffer strings, long start) {
    int end = Math.toIntExact(start);
    while (strings.get(end) != 0) {
      end++;
    }
    byte[] text = new byte[end - Math.toIntExact(start)];
    strings.get(Math.toIntExact(start), text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private static ByteBuffer bytes(FileChannel channel, long offset, long bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, offset + buffer.position()) < 0) {
        throw new IOException("the file ends in the middle of its dynamic section");
      }
    }
    return buffer.flip();
  }
}
