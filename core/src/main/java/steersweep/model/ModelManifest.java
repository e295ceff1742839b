package steersweep.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * What an exported graph is: written beside it as {@code model.manifest.json}, read by the engine.
 *
 * @param exporter version of this program that wrote the graph
 * @param opset ONNX opset of the default domain
 * @param dtype type of the weights and of the computation
 * @param device what the graph was written for
 * @param modelType {@code model_type} of config.json
 * @param shape sizes
 * @param hookPoints hook points that the graph has as inputs and outputs
 * @param bosToken token put before every text; -1 for none
 * @param eosTokens tokens that end a text; may be empty
 * @param checkpoint the checkpoint folder, absolute
 * @param weightsFolder the folder that the graph's external data locations are relative to,
 *     absolute; never part of the graph itself, because ONNX Runtime refuses weights outside a
 *     folder named to it
 * @param fingerprint hash of config, tokenizer and weights, see the exporter
 * @param files the checkpoint's files, and the converted weights if there are any
 * @param defaulted keys missing from config.json and the value assumed for each, as {@code key =
 *     value}
 * @param config config.json as it was read
 */
public record ModelManifest(
    String exporter,
    int opset,
    Dtype dtype,
    Device device,
    String modelType,
    ModelShape shape,
    List<HookPoint> hookPoints,
    int bosToken,
    List<Integer> eosTokens,
    String checkpoint,
    String weightsFolder,
    String fingerprint,
    List<ModelFile> files,
    List<String> defaulted,
    JsonNode config) {
  public static final String GRAPH_FILE = "model.onnx";
  public static final String MANIFEST_FILE = "model.manifest.json";

  /** Key of the manifest in the graph file's own metadata. */
  public static final String METADATA_KEY = "steersweep.manifest";

  public ModelManifest {
    hookPoints = List.copyOf(hookPoints);
    eosTokens = List.copyOf(eosTokens);
    files = List.copyOf(files);
    defaulted = List.copyOf(defaulted);
  }

  /** The same without paths of this machine, as it travels inside the graph file. */
  public ModelManifest withoutPaths() {
    return new ModelManifest(
        exporter,
        opset,
        dtype,
        device,
        modelType,
        shape,
        hookPoints,
        bosToken,
        eosTokens,
        "",
        "",
        fingerprint,
        List.of(),
        defaulted,
        config);
  }
}
