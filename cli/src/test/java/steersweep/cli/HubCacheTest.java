package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model as Hugging Face's tools leave it in their cache: links to blobs. */
class HubCacheTest {
  @TempDir Path folder;
  private Path ofModel;
  private Path snapshot;

  @BeforeEach
  void download() throws IOException {
    Path downloaded = TestCheckpoint.write(folder.resolve("downloaded"));
    ofModel = folder.resolve("hub/models--org--tiny");
    snapshot = Files.createDirectories(ofModel.resolve("snapshots/4f2c"));
    Path blobs = Files.createDirectories(ofModel.resolve("blobs"));
    try (Stream<Path> files = Files.list(downloaded)) {
      int blob = 0;
      for (Path file : files.toList()) {
        Path stored = blobs.resolve("blob" + blob++);
        Files.move(file, stored);
        Files.createSymbolicLink(snapshot.resolve(file.getFileName()), snapshot.relativize(stored));
      }
    }
  }

  private CommandRun run(Path model) throws IOException {
    Path plan = folder.resolve("plan.yaml");
    Files.writeString(
        plan,
        """
        name: tiny
        concepts: [{name: vegan, base_prompts: I eat, steering_prompts: I am vegan.}]
        grid: {hook_points: value, layers: 0, settings: [3]}
        generate: {new_tokens: 2, cells: all}
        """);
    return CommandRun.of(
            "sweep",
            "--model",
            model.toString(),
            "--conf",
            plan.toString(),
            "--runs",
            folder.resolve("runs").toString(),
            "--device",
            "cpu")
        .in(folder);
  }

  @Test
  void aSnapshotIsACheckpoint() throws IOException {
    CommandRun run = run(snapshot);

    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
  }

  @Test
  void theModelsFolderIsSentToItsSnapshot() throws IOException {
    CommandRun run = run(ofModel);

    assertThat(run.code()).isEqualTo(Main.USER_ERROR);
    assertThat(run.err())
        .isEqualTo(
            "error: TMP/hub/models--org--tiny/config.json: missing; this is a model's folder in a"
                + " hub's cache, expected TMP/hub/models--org--tiny/snapshots/4f2c\n");
  }

  @Test
  void aNameOnAHubIsToldHowToGetIt() throws IOException {
    assertThat(List.of(run(Path.of("org/none-of-this-name")).err()))
        .containsExactly(
            "error: org/none-of-this-name: no such folder; expected a checkpoint folder with"
                + " config.json, *.safetensors and tokenizer.json, or a .gguf file; nothing is"
                + " downloaded here: if this is a model's name on a hub, hf download"
                + " org/none-of-this-name --local-dir models/none-of-this-name\n");
  }
}
