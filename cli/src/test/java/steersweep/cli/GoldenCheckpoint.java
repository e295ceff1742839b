package steersweep.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** The checkpoints whose expected results come from transformers: folders, and GGUF files. */
public final class GoldenCheckpoint {
  public static final Path ORACLE = Path.of("src/test/resources/oracle");

  private GoldenCheckpoint() {}

  /** What is to be given as the model. */
  public static Path of(String name) {
    Path folder = ORACLE.resolve(name);
    Path gguf = folder.resolve("model.gguf");
    return Files.exists(gguf) ? gguf : folder.resolve("model");
  }
}
