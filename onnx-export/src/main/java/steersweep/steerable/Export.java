package steersweep.steerable;

import ai.onnx.proto.OnnxMl.ModelProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import steersweep.architecture.Architecture;
import steersweep.architecture.StoredWeights;
import steersweep.architecture.TiedOutput;
import steersweep.architecture.Weights;
import steersweep.checkpoint.Checkpoint;
import steersweep.checkpoint.ConvertedWeights;
import steersweep.checkpoint.Fingerprint;
import steersweep.checkpoint.FiniteWeights;
import steersweep.checkpoint.ModelConfig;
import steersweep.checkpoint.StoredTensor;
import steersweep.error.UserError;
import steersweep.graph.GraphBuilder;
import steersweep.model.FileHashes;
import steersweep.model.HookPoint;
import steersweep.model.ModelFile;
import steersweep.model.ModelManifest;
import steersweep.model.Release;
import steersweep.result.Json;

/**
 * Checkpoint folder in, steerable graph out: {@code model.onnx}, some hundred kB whatever the
 * model's size, and {@code model.manifest.json}. Weights stay where they are.
 */
public final class Export {
  private Export() {}

  /**
   * Writes both files.
   *
   * @param out folder for them, made if missing
   * @throws UserError when the checkpoint's tensors are not those of its config, or hold no numbers
   */
  public static ModelManifest write(Checkpoint checkpoint, ExportSettings settings, Path out) {
    StoredWeights stored = StoredWeights.of(checkpoint);
    TiedOutput.check(checkpoint);
    FileHashes hashes = FileHashes.ofThisUser(settings.conversion()::reading);
    String fingerprint = Fingerprint.of(checkpoint, hashes);
    FiniteWeights.check(stored.tensors().values(), hashes, settings.cache());
    Map<String, StoredTensor> tensors =
        stored.allOf(settings.dtype())
            ? stored.tensors()
            : ConvertedWeights.of(
                stored.tensors().values(),
                settings.dtype().safetensors(),
                settings.cache(),
                hashes,
                settings.conversion());
    Weights weights =
        new Weights(checkpoint.config().own(), settings.dtype(), settings.device(), tensors);
    ModelManifest manifest =
        manifest(checkpoint, weights, settings, fingerprint, files(checkpoint, tensors, hashes));
    ModelProto graph = graph(checkpoint, weights, manifest);
    try {
      Files.createDirectories(out);
      Path temporary = out.resolve("." + ModelManifest.GRAPH_FILE + ".tmp");
      Files.write(temporary, graph.toByteArray());
      Files.move(temporary, out.resolve(ModelManifest.GRAPH_FILE), StandardCopyOption.ATOMIC_MOVE);
      Json.write(out.resolve(ModelManifest.MANIFEST_FILE), manifest);
    } catch (IOException e) {
      throw new UncheckedIOException(out + ": the graph cannot be written: " + e, e);
    }
    return manifest;
  }

  /** Bytes that {@link #write} would write for the graph, give or take a few. */
  public static long graphBytes(Checkpoint checkpoint, ExportSettings settings) {
    return graph(checkpoint, settings).getSerializedSize();
  }

  /** The graph that {@link #write} would write, but for its fingerprint; reads no weights. */
  static ModelProto graph(Checkpoint checkpoint, ExportSettings settings) {
    Map<String, StoredTensor> tensors = StoredWeights.of(checkpoint).tensors();
    Weights weights =
        new Weights(checkpoint.config().own(), settings.dtype(), settings.device(), tensors);
    return graph(checkpoint, weights, manifest(checkpoint, weights, settings, "", List.of()));
  }

  private static ModelProto graph(Checkpoint checkpoint, Weights weights, ModelManifest manifest) {
    return SteerableGraph.graph(
        Architecture.of(checkpoint.config().own()),
        weights,
        manifest.hookPoints(),
        Release.VERSION,
        Map.of(ModelManifest.METADATA_KEY, Json.text(manifest.withoutPaths())));
  }

  /** What the fingerprint is of, and the converted weights. */
  private static List<ModelFile> files(
      Checkpoint checkpoint, Map<String, StoredTensor> tensors, FileHashes hashes) {
    Set<Path> paths = new TreeSet<>();
    Fingerprint.SMALL_FILES.stream()
        .map(checkpoint.folder()::resolve)
        .filter(Files::exists)
        .forEach(paths::add);
    checkpoint.tensors().values().forEach(tensor -> paths.add(tensor.file()));
    tensors.values().forEach(tensor -> paths.add(tensor.file()));
    List<ModelFile> files = new ArrayList<>();
    for (Path path : paths) {
      try {
        files.add(ModelFile.of(checkpoint.folder(), path, hashes));
      } catch (IOException e) {
        throw new UncheckedIOException(path + ": cannot be read: " + e, e);
      }
    }
    return files;
  }

  private static ModelManifest manifest(
      Checkpoint checkpoint,
      Weights weights,
      ExportSettings settings,
      String fingerprint,
      List<ModelFile> files) {
    ModelConfig config = checkpoint.config();
    return new ModelManifest(
        Release.VERSION,
        GraphBuilder.OPSET,
        settings.dtype(),
        settings.device(),
        config.family().modelType(),
        config.shape(),
        settings.hookPoints().stream().filter(HookPoint.of(config.shape())::contains).toList(),
        config.bosToken(),
        config.eosTokens(),
        checkpoint.folder().toAbsolutePath().normalize().toString(),
        weights.folder().toString(),
        fingerprint,
        files,
        config.defaulted(),
        config.json());
  }
}
