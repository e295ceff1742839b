package steersweep.checkpoint;

import java.io.EOFException;
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
import java.util.List;
import java.util.TreeMap;

/**
 * Tells one checkpoint from another without reading all of it: SHA-256 over config.json, the
 * tokenizer's files, and of every tensor its name, type, shape, and {@value #SAMPLES} samples of 4
 * KiB, spread evenly from its first byte to its last; smaller tensors are read whole. Seconds would
 * otherwise be minutes at 13 GB; a change between the samples and nowhere else goes unseen.
 */
public final class Fingerprint {
  /** Files that are read whole, where they are there. */
  public static final List<String> SMALL_FILES =
      List.of("config.json", "tokenizer.json", "tokenizer.model", "tokenizer_config.json");

  private static final int SAMPLE_BYTES = 4096;
  private static final int SAMPLES = 8;

  private Fingerprint() {}

  public static String of(Checkpoint checkpoint) {
    MessageDigest digest = sha256();
    try {
      for (String name : SMALL_FILES) {
        Path file = checkpoint.folder().resolve(name);
        digest.update(Files.exists(file) ? Files.readAllBytes(file) : new byte[0]);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(checkpoint.folder() + ": cannot be read: " + e, e);
    }
    for (StoredTensor tensor : new TreeMap<>(checkpoint.tensors()).values()) {
      digest.update(
          (tensor.name() + tensor.dtype() + tensor.shape()).getBytes(StandardCharsets.UTF_8));
      try (FileChannel channel = FileChannel.open(tensor.file())) {
        sample(digest, tensor, channel);
      } catch (IOException e) {
        throw new UncheckedIOException(tensor.file() + ": cannot be read: " + e, e);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void sample(MessageDigest digest, StoredTensor tensor, FileChannel channel)
      throws IOException {
    if (tensor.length() <= (long) SAMPLES * SAMPLE_BYTES) {
      update(digest, channel, tensor.offset(), (int) tensor.length());
      return;
    }
    long last = tensor.length() - SAMPLE_BYTES;
    for (int i = 0; i < SAMPLES; i++) {
      update(digest, channel, tensor.offset() + last * i / (SAMPLES - 1), SAMPLE_BYTES);
    }
  }

  private static void update(MessageDigest digest, FileChannel channel, long offset, int bytes)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, offset + buffer.position()) < 0) {
        throw new EOFException("ends before byte " + (offset + bytes));
      }
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
