package steersweep.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileHashesTest {
  private static final int BYTES = (1 << 21) + 5;

  @TempDir Path folder;

  private final List<Path> read = new ArrayList<>();

  private FileHashes hashes() {
    return new FileHashes(folder.resolve("cache"), (file, bytes) -> read.add(file));
  }

  /** Not just now: what was written a moment ago may be written again unseen. */
  private Path file(byte[] bytes) throws IOException, InterruptedException {
    Path file = Files.write(folder.resolve("file"), bytes);
    Thread.sleep(100);
    return file;
  }

  private static byte[] random() {
    byte[] bytes = new byte[BYTES];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  @Test
  void anUntouchedFileIsReadOnceByAllProcesses() throws Exception {
    Path file = file(random());

    String hash = hashes().of(file);

    assertThat(hash).isEqualTo(ContentHash.of(file));
    assertThat(hashes().of(file)).isEqualTo(hash);
    assertThat(hashes().of(Files.createSymbolicLink(folder.resolve("link"), file))).isEqualTo(hash);
    assertThat(read).containsExactly(file);
  }

  @Test
  void aWrittenFileIsReadAgainThoughItsSizeAndTimeAreTheSame() throws Exception {
    byte[] bytes = random();
    Path file = file(bytes);
    String before = hashes().of(file);
    FileTime time = Files.getLastModifiedTime(file);

    bytes[BYTES / 2] ^= 1;
    Files.write(file, bytes, StandardOpenOption.WRITE);
    Files.setLastModifiedTime(file, time);

    assertThat(hashes().of(file)).isNotEqualTo(before).isEqualTo(ContentHash.of(file));
  }

  @Test
  void anotherFileInItsPlaceIsRead() throws Exception {
    byte[] bytes = random();
    Path file = file(bytes);
    String before = hashes().of(file);
    bytes[0] ^= 1;
    Path other = Files.write(folder.resolve("other"), bytes);
    Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
    Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);

    assertThat(hashes().of(file)).isNotEqualTo(before).isEqualTo(ContentHash.of(file));
  }

  @Test
  void whatMayBeWrittenAgainAtTheSameTimeIsNotKept() throws Exception {
    Path file = file(random());
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(60)));

    hashes().of(file);

    assertThat(folder.resolve("cache/hashes")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "nonsense", "1 2 3"})
  void aDamagedNoteIsNotBelieved(String text) throws Exception {
    Path file = file(random());
    String hash = hashes().of(file);
    try (Stream<Path> notes = Files.list(folder.resolve("cache/hashes"))) {
      for (Path note : notes.toList()) {
        Files.writeString(note, text);
      }
    }

    assertThat(hashes().of(file)).isEqualTo(hash);
    assertThat(read).hasSize(2);
  }

  @Test
  void whereNothingCanBeKeptTheHashIsStillRight() throws Exception {
    Path file = file(random());
    Files.createFile(folder.resolve("cache"));
    FileHashes hashes = hashes();

    assertThat(hashes.of(file)).isEqualTo(ContentHash.of(file));
    assertThat(hashes.of(file)).isEqualTo(ContentHash.of(file));
    assertThat(read).hasSize(1);
  }

  @Test
  void aFolderIsRefused() {
    assertThatThrownBy(() -> hashes().of(folder)).hasMessage(folder + ": not a file");
  }

  @Test
  void everyBitCountsAndHowBytesArriveDoesNot() {
    byte[] bytes = random();
    String whole = hash(bytes, BYTES);

    assertThat(whole).hasSize(ContentHash.DIGITS);
    assertThat(hash(bytes, 1000)).isEqualTo(whole);
    assertThat(hash(bytes, (1 << 20) + 1)).isEqualTo(whole);
    for (int place : new int[] {0, (1 << 20) - 1, 1 << 20, BYTES - 1}) {
      bytes[place] ^= 16;
      assertThat(hash(bytes, BYTES)).isNotEqualTo(whole);
      bytes[place] ^= 16;
    }
    assertThat(hash(new byte[5], 5))
        .isNotEqualTo(hash(new byte[6], 6))
        .isNotEqualTo(hash(new byte[0], 1));
  }

  private static String hash(byte[] bytes, int step) {
    ContentHash hash = new ContentHash();
    for (int start = 0; start < bytes.length; start += step) {
      hash.update(ByteBuffer.wrap(bytes, start, Math.min(step, bytes.length - start)));
    }
    return hash.digits();
  }
}
