package steersweep.result;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import steersweep.error.UserError;

/**
 * Reads files that others may have made, whole. A pipe or a device, which would never end, is
 * refused, and so is a file that is larger than any of its kind.
 */
public final class TextFile {
  /** Far more than any file of settings has, and less than any memory. */
  public static final int MOST_BYTES = 1 << 26;

  private TextFile() {}

  /**
   * @throws UserError when the file is no plain file, too large or not UTF-8
   * @throws IOException when it is missing or cannot be read
   */
  public static String read(Path file) throws IOException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes(file))).toString();
    } catch (CharacterCodingException e) {
      throw new UserError(file.toString(), "damaged; not UTF-8 text", e);
    }
  }

  /** As {@link #read}, without decoding. */
  public static byte[] bytes(Path file) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    if (!Files.isRegularFile(file)) {
      throw new UserError(file.toString(), "not a file; expected one, or a link to one");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new UserError(
            file.toString(), "too large; expected at most " + MOST_BYTES + " bytes");
      }
      return bytes;
    }
  }
}
