package steersweep.model;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;

/**
 * Tells contents of gigabytes apart, at the speed of the disk: SHA-256 over the CRC-32 and the
 * CRC-32C of each MiB. SHA-256 over everything would be ten times slower than that in the mode that
 * sweeps run in, where Java has its processor instructions for the two checksums only. Two contents
 * that differ by accident have the same hash in one of 2⁶⁴ cases; by intent, they can be made to.
 */
public final class ContentHash {
  /** Digits of a hash, hexadecimal. */
  public static final int DIGITS = 64;

  private static final int PIECE = 1 << 20;

  private final Checksum first = new CRC32();
  private final Checksum second = new CRC32C();
  private final MessageDigest ofPieces = sha256();
  private int inPiece;

  /** Of a whole file, which is read. */
  public static String of(Path file) throws IOException {
    ContentHash hash = new ContentHash();
    ByteBuffer buffer = ByteBuffer.allocateDirect(PIECE);
    try (FileChannel channel = FileChannel.open(file)) {
      while (channel.read(buffer.clear()) >= 0) {
        hash.update(buffer.flip());
      }
    }
    return hash.digits();
  }

  /** Takes the buffer's bytes, from its position to its limit, and leaves both as they are. */
  public void update(ByteBuffer bytes) {
    ByteBuffer left = bytes.duplicate();
    while (left.hasRemaining()) {
      int size = Math.min(left.remaining(), PIECE - inPiece);
      ByteBuffer part = left.slice(left.position(), size);
      first.update(part.duplicate());
      second.update(part);
      left.position(left.position() + size);
      inPiece += size;
      if (inPiece == PIECE) {
        endPiece();
      }
    }
  }

  /** Takes a text's UTF-8 bytes. */
  public void updateText(String text) {
    update(StandardCharsets.UTF_8.encode(text));
  }

  /** The hash of all that was taken; to be asked for once, in the end. */
  public String digits() {
    // the last piece's size too: zeros may leave a checksum as it is
    ofPieces.update(ByteBuffer.allocate(Integer.BYTES).putInt(inPiece).flip());
    endPiece();
    return HexFormat.of().formatHex(ofPieces.digest());
  }

  private void endPiece() {
    ByteBuffer both = ByteBuffer.allocate(2 * Long.BYTES);
    ofPieces.update(both.putLong(first.getValue()).putLong(second.getValue()).flip());
    first.reset();
    second.reset();
    inPiece = 0;
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
