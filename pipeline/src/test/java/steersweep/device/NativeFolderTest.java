package steersweep.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeFolderTest {
  @TempDir Path folder;

  private Path cache;
  private Path temporary;

  @BeforeEach
  void name() throws IOException {
    cache = folder.resolve("home/.cache/steersweep");
    temporary = Files.createDirectory(folder.resolve("tmp"));
  }

  private static String permissions(Path of) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(of));
  }

  @Test
  void itIsInTheCacheAndOnlyThisUserSeesIt() throws IOException {
    Path taken = NativeFolder.choose(cache, temporary);

    assertThat(taken).isEqualTo(cache.resolve("native")).isEmptyDirectory();
    assertThat(permissions(taken)).isEqualTo("rwx------");
    assertThat(NativeFolder.choose(cache, temporary)).isEqualTo(taken);
    assertThat(temporary).isEmptyDirectory();
  }

  private void assertNotTaken() throws IOException {
    Path taken = NativeFolder.choose(cache, temporary);

    assertThat(taken.getParent()).isEqualTo(temporary);
    assertThat(permissions(taken)).isEqualTo("rwx------");
    assertThat(NativeFolder.choose(cache, temporary)).isNotEqualTo(taken);
  }

  @Test
  void aFolderThatOthersCanWriteIsNotTaken() throws IOException {
    Path planted = Files.createDirectories(cache.resolve("native"));
    Files.setPosixFilePermissions(planted, PosixFilePermissions.fromString("rwxrwxrwx"));
    Files.writeString(planted.resolve("libtokenizers.so"), "planted");

    assertNotTaken();
  }

  @Test
  void aLinkToAFolderIsNotTaken() throws IOException {
    Files.createDirectories(cache);
    Files.createSymbolicLink(
        cache.resolve("native"), Files.createDirectory(folder.resolve("elsewhere")));

    assertNotTaken();
  }

  @Test
  void withoutACacheItIsOfThisProcessAlone() throws IOException {
    Files.createFile(folder.resolve("home"));

    assertNotTaken();
  }

  @Test
  void withoutAnyFolderOneMessageSaysWhatToDo() throws IOException {
    Files.createFile(folder.resolve("home"));

    assertThatThrownBy(() -> NativeFolder.choose(cache, folder.resolve("gone")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageStartingWith("native libraries cannot be unpacked; got " + cache + " (")
        .hasMessageEndingWith(
            "expected a folder that only this user can write: XDG_CACHE_HOME=DIR names one");
  }

  private Path left(Path in, String name, int days) throws IOException {
    Path left = Files.createDirectories(in.resolve(name));
    Files.writeString(left.resolve("model.onnx"), "x");
    return Files.setLastModifiedTime(
        left, FileTime.from(Instant.now().minus(Duration.ofDays(days))));
  }

  @Test
  void whatKilledProcessesLeftIsDeletedAndNothingElse() throws IOException {
    Path natives = Files.createDirectory(folder.resolve("natives"));
    Path library = Files.createFile(natives.resolve("snappy-1.1.10-x-libsnappyjava.so"));
    Files.setLastModifiedTime(library, FileTime.from(Instant.now().minus(Duration.ofDays(3))));
    Path export = left(temporary, "steersweep-export123", 3);
    Path young = left(temporary, "steersweep-export124", 1);
    Path results = left(temporary, "steersweep-results", 30);
    Path tokenizers = left(natives, "tokenizers", 30);

    Leftovers.delete(temporary, natives);

    assertThat(export).doesNotExist();
    assertThat(library).doesNotExist();
    assertThat(young).exists();
    assertThat(results).exists();
    assertThat(tokenizers).exists();
  }
}
