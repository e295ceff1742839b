package steersweep.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.TreeMap;

/**
 * Tells one checkpoint from another without reading all of it: SHA-256 over config.json,
 * tokenizer.json, and of every tensor its name, type, shape, and the first and last 4 KiB. Seconds
 * would otherwise be minutes at 13 GB; a change inside the middle of a tensor and nowhere else goes
 * unseen.
 */
public final class Fingerprint {
  private static final int SAMPLE_BYTES = 4096;

  private Fingerprint() {}

  public static String of(Checkpoint checkpoint) {
    MessageDigest digest = sha256();
    try {
      for (String name : new String[] {"config.json", "tokenizer.json"}) {
        Path file = checkpoint.folder().resolve(name);
        digest.update(Files.exists(file) ? Files.readAllBytes(file) : new byte[0]);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(checkpoint.folder() + ": cannot be read: " + e, e);
    }
    for (StoredTensor tensor : new TreeMap<>(checkpoint.tensors()).values()) {
      digest.update(
          (tensor.name() + tensor.dtype() + tensor.shape()).getBytes(StandardCharsets.UTF_8));
      long sample = Math.min(SAMPLE_BYTES, tensor.length());
      update(digest, tensor.file(), tensor.offset(), sample);
      update(digest, tensor.file(), tensor.offset() + tensor.length() - sample, sample);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void update(MessageDigest digest, Path file, long offset, long bytes) {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer buffer = ByteBuffer.allocate((int) bytes);
      while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) >= 0) {
        // until full
      }
      digest.update(buffer.flip());
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read: " + e, e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
