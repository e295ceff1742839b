package steersweep.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import steersweep.checkpoint.Checkpoint;
import steersweep.model.Device;
import steersweep.model.Dtype;
import steersweep.model.HookPoint;
import steersweep.model.ModelManifest;
import steersweep.steerable.Export;
import steersweep.steerable.ExportSettings;

/**
 * A graph in a folder of its own that is deleted in the end: a checkpoint that cannot be exported
 * leaves nothing behind.
 *
 * @param folder holds model.onnx and model.manifest.json
 */
record TemporaryExport(Path folder, ModelManifest manifest) implements AutoCloseable {
  static TemporaryExport of(
      Checkpoint checkpoint,
      List<HookPoint> hookPoints,
      WeightOptions options,
      Dtype dtype,
      Device device)
      throws IOException {
    Path folder = Files.createTempDirectory("steersweep-export");
    try (ConversionProgress progress = ConversionProgress.onStandardError(dtype)) {
      ExportSettings settings = options.settings(hookPoints, dtype, device, progress);
      return new TemporaryExport(folder, Export.write(checkpoint, settings, folder));
    } catch (RuntimeException e) {
      delete(folder);
      throw e;
    }
  }

  @Override
  public void close() {
    delete(folder);
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be deleted: " + e, e);
    }
  }
}
