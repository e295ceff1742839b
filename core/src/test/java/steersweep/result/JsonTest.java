package steersweep.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import steersweep.error.UserError;

class JsonTest {
  record Inner(String name, @Nullable String note) {}

  record Outer(List<Inner> inner, int number) {}

  @TempDir Path folder;

  @Test
  void whatMayBeNullMayBeMissing() throws IOException {
    assertThat(read("{\"inner\": [{\"name\": \"a\"}], \"number\": 1}"))
        .isEqualTo(new Outer(List.of(new Inner("a", null)), 1));
  }

  @Test
  void aMissingKeyIsNamed() {
    assertThatThrownBy(() -> read("{\"inner\": [{\"name\": \"a\"}, {\"note\": \"b\"}]}"))
        .isInstanceOf(UserError.class)
        .hasMessage(file() + ": damaged; inner[1].name is missing");
  }

  @Test
  void nullIsNoFile() {
    assertThatThrownBy(() -> read("null"))
        .isInstanceOf(UserError.class)
        .hasMessage(file() + ": damaged; got null");
  }

  @Test
  void textThatIsNotUtf8IsRefused() throws IOException {
    Files.write(file(), new byte[] {'{', (byte) 0xff, '}'});

    assertThatThrownBy(() -> Json.read(file(), Outer.class))
        .isInstanceOf(UserError.class)
        .hasMessage(file() + ": damaged; not UTF-8 text");
  }

  /** Reading either would never end. */
  @Test
  @Timeout(10)
  void devicesAndPipesAreRefused() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Path device = Files.createSymbolicLink(folder.resolve("link"), Path.of("/dev/zero"));

    for (Path endless : List.of(pipe, device)) {
      assertThatThrownBy(() -> Json.read(endless, Outer.class))
          .isInstanceOf(UserError.class)
          .hasMessage(endless + ": not a file; expected one, or a link to one");
    }
  }

  @Test
  void aFileLargerThanAnyOfItsKindIsRefused() throws IOException {
    try (var channel =
        Files.newByteChannel(
            file(),
            java.nio.file.StandardOpenOption.CREATE,
            java.nio.file.StandardOpenOption.WRITE)) {
      channel.position(1L << 40).write(java.nio.ByteBuffer.wrap(new byte[] {1})); // sparse
    }

    assertThatThrownBy(() -> Json.read(file(), Outer.class))
        .isInstanceOf(UserError.class)
        .hasMessage(file() + ": too large; expected at most 67108864 bytes");
  }

  private Path file() {
    return folder.resolve("file.json");
  }

  private Outer read(String json) throws IOException {
    return Json.read(Files.writeString(file(), json), Outer.class);
  }
}
