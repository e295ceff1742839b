package steersweep.llama;

import ai.onnx.proto.OnnxMl.ModelProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import steersweep.checkpoint.Checkpoint;
import steersweep.checkpoint.Fingerprint;
import steersweep.checkpoint.LlamaConfig;
import steersweep.checkpoint.StoredTensor;
import steersweep.error.UserError;
import steersweep.graph.GraphBuilder;
import steersweep.model.Device;
import steersweep.model.Dtype;
import steersweep.model.HookPoint;
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
   * @param checkpoint the model
   * @param hookPoints hook points to have as inputs and outputs
   * @param dtype type of the weights and of the computation
   * @param device what the graph will be run on; makes a difference in half precision only
   * @param out folder for the two files, made if missing
   * @throws steersweep.error.UserError when the checkpoint's tensors are not those of its config
   */
  public static ModelManifest write(
      Checkpoint checkpoint, List<HookPoint> hookPoints, Dtype dtype, Device device, Path out) {
    Map<String, StoredTensor> stored = LlamaTensors.of(checkpoint);
    String types =
        stored.values().stream()
            .map(StoredTensor::dtype)
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
    if (!types.equals(dtype.safetensors())) {
      throw new UserError(
          checkpoint.folder().toString(),
          "weights of a type not supported yet; got "
              + types
              + ", expected "
              + dtype.safetensors());
    }
    LlamaWeights weights = new LlamaWeights(dtype, device, stored);
    ModelManifest manifest = manifest(checkpoint, weights, hookPoints);
    ModelProto graph =
        SteerableLlama.graph(
            checkpoint.config(), weights, hookPoints, Release.VERSION, metadata(manifest));
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

  private static ModelManifest manifest(
      Checkpoint checkpoint, LlamaWeights weights, List<HookPoint> hookPoints) {
    LlamaConfig config = checkpoint.config();
    return new ModelManifest(
        Release.VERSION,
        GraphBuilder.OPSET,
        weights.dtype(),
        config.family().modelType(),
        config.shape(),
        hookPoints,
        config.bosToken(),
        config.eosTokens(),
        checkpoint.folder().toAbsolutePath().normalize().toString(),
        weights.folder().toString(),
        Fingerprint.of(checkpoint),
        config.defaulted(),
        config.json());
  }

  /** What travels inside the graph file itself; no paths of this machine. */
  private static Map<String, String> metadata(ModelManifest manifest) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("steersweep.fingerprint", manifest.fingerprint());
    metadata.put("steersweep.model_type", manifest.modelType());
    metadata.put(
        "steersweep.hook_points",
        manifest.hookPoints().stream().map(HookPoint::word).collect(Collectors.joining(",")));
    metadata.put("steersweep.shape", Json.text(manifest.shape()).strip());
    return metadata;
  }
}
