package steersweep.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelWatchTest {
  @TempDir Path folder;

  private Path weights;
  private ModelWatch watch;

  @BeforeEach
  void watch() throws Exception {
    weights = Files.writeString(folder.resolve("model.safetensors"), "weights");
    Files.writeString(folder.resolve("config.json"), "{}");
    Thread.sleep(50); // a tick of the file system's clock
    watch =
        new ModelWatch(
            List.of(new ModelFile("model.safetensors", 7, ""), new ModelFile("config.json", 2, "")),
            folder);
  }

  @Test
  void untouchedFilesAreNotChanged() throws Exception {
    Files.readString(weights);
    Files.writeString(folder.resolve("notes.txt"), "beside them");

    assertThat(watch.changed()).isEmpty();
  }

  @Test
  void aFileThatIsWrittenToIsChanged() throws Exception {
    Files.writeString(weights, "WEIGHTS", StandardOpenOption.WRITE);

    assertThat(watch.changed()).containsExactly(weights);
  }

  @Test
  void aFileInThePlaceOfAnotherIsChanged() throws Exception {
    Path other = Files.writeString(folder.resolve("other"), "weights");
    Files.setLastModifiedTime(other, Files.getLastModifiedTime(weights));
    Files.move(other, weights, StandardCopyOption.ATOMIC_MOVE);

    assertThat(watch.changed()).containsExactly(weights);
  }

  @Test
  void aFileThatIsGoneIsChanged() throws Exception {
    Files.delete(weights);
    Files.delete(folder.resolve("config.json"));

    assertThat(watch.changed()).containsExactly(weights, folder.resolve("config.json"));
  }
}
