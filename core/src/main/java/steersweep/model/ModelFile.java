package steersweep.model;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A file that a model was exported from or is run from, and what it was then: enough to see in a
 * moment that it was cut short, or is another one now.
 *
 * @param name relative to the checkpoint folder, or absolute where it is not in there
 * @param bytes its size
 * @param samples SHA-256 over {@value #SAMPLES} samples of 4 KiB, spread evenly from the first byte
 *     to the last; over all of a smaller file
 */
public record ModelFile(String name, long bytes, String samples) {
  private static final int SAMPLE_BYTES = 4096;
  private static final int SAMPLES = 256;

  /**
   * @param folder the checkpoint
   */
  public static ModelFile of(Path folder, Path file) throws IOException {
    Path base = folder.toAbsolutePath().normalize();
    Path path = file.toAbsolutePath().normalize();
    String name = path.startsWith(base) ? base.relativize(path).toString() : path.toString();
    return new ModelFile(name, Files.size(file), samples(file));
  }

  /** What changed since, file by file: {@code model.safetensors: 100 bytes, were 200}. */
  public static List<String> changes(List<ModelFile> files, Path folder) {
    List<String> changes = new ArrayList<>();
    for (ModelFile before : files) {
      Path file = folder.resolve(before.name());
      try {
        changes.addAll(changes(List.of(before), List.of(of(folder, file))));
      } catch (IOException e) {
        changes.add(file + ": is gone or cannot be read");
      }
    }
    return changes;
  }

  /** The same between two states of a checkpoint. */
  public static List<String> changes(List<ModelFile> before, List<ModelFile> after) {
    Map<String, ModelFile> left = new HashMap<>();
    after.forEach(file -> left.put(file.name(), file));
    List<String> changes = new ArrayList<>();
    for (ModelFile file : before) {
      ModelFile now = left.remove(file.name());
      if (now == null) {
        changes.add(file.name() + ": is gone");
      } else if (now.bytes() != file.bytes()) {
        changes.add(file.name() + ": " + now.bytes() + " bytes, were " + file.bytes());
      } else if (!now.samples().equals(file.samples())) {
        changes.add(file.name() + ": other content");
      }
    }
    left.keySet().stream().sorted().map(name -> name + ": is new").forEach(changes::add);
    return changes;
  }

  private static String samples(Path file) throws IOException {
    MessageDigest digest = sha256();
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      if (size <= (long) SAMPLES * SAMPLE_BYTES) {
        update(digest, channel, 0, (int) size);
      } else {
        for (int i = 0; i < SAMPLES; i++) {
          update(digest, channel, (size - SAMPLE_BYTES) * i / (SAMPLES - 1), SAMPLE_BYTES);
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void update(MessageDigest digest, FileChannel channel, long offset, int bytes)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) >= 0) {
      // until full, or the file ends
    }
    digest.update(buffer.flip());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
