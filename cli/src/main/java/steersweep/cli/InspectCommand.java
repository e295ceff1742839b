package steersweep.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import steersweep.architecture.StoredWeights;
import steersweep.checkpoint.Checkpoint;
import steersweep.checkpoint.ModelConfig;
import steersweep.checkpoint.StoredTensor;
import steersweep.error.Faults;
import steersweep.error.Visible;
import steersweep.gguf.GgufFile;
import steersweep.model.Device;
import steersweep.model.Dtype;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.steerable.Export;
import steersweep.steerable.ExportSettings;

/** Shows what a checkpoint is and what would be exported of it; writes nothing. */
@Command(
    name = "inspect",
    description = {
      "Show what would be exported of a checkpoint: family, sizes, weights, hook points, and",
      "everything that was assumed or ignored. Reads headers only, writes nothing."
    })
final class InspectCommand implements Callable<Integer> {
  private static final int MOST_CHARACTERS = 2000;

  @Parameters(
      paramLabel = "MODEL",
      description = "Checkpoint folder as downloaded (config.json, *.safetensors), or GGUF file.")
  private Path model;

  @Mixin private WeightOptions weights;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Faults faults = new Faults();
    Dtype asked = weights.chosen(faults);
    faults.throwIfAny();
    Checkpoint checkpoint = Checkpoint.open(model);
    StoredWeights stored = StoredWeights.of(checkpoint);
    ModelConfig config = checkpoint.config();
    row("model", config.family().modelType() + ", " + model);
    sizes(config);
    row("parameters", Quantity.of(stored.parameters()));
    stored(stored);
    hookPoints(config.shape());
    exports(checkpoint, stored, asked == null ? List.of(Dtype.values()) : List.of(asked));
    tokens(config);
    config.defaulted().forEach(line -> row("assumed", line));
    list("ignored", "tensors", stored.ignored());
    list("ignored", "keys without effect", config.ignored());
    list("ignored", "keys that are not known", config.unknown());
    return 0;
  }

  private void row(String name, String value) {
    PrintWriter out = spec.commandLine().getOut();
    // keys and types come from the checkpoint
    out.printf("%-12s%s%n", name, Visible.text(value, MOST_CHARACTERS));
  }

  private void list(String name, String what, List<String> values) {
    if (!values.isEmpty()) {
      row(name, what + ": " + String.join(", ", values));
    }
  }

  private void sizes(ModelConfig config) {
    ModelShape shape = config.shape();
    row(
        "sizes",
        String.format(
            "%d layers, %d wide, %d heads and %d key/value heads of %d, MLP %d, %d words",
            shape.nLayers(),
            shape.dModel(),
            shape.nHeads(),
            shape.nKvHeads(),
            shape.dHead(),
            shape.dMlp(),
            shape.nVocab()));
    row("length", "at most " + shape.maxPositions() + " tokens (" + config.own().lengthKey() + ")");
    config.own().facts().forEach(this::row);
  }

  private void stored(StoredWeights stored) {
    long files = stored.tensors().values().stream().map(StoredTensor::file).distinct().count();
    row(
        "weights",
        String.format(
            "%d tensors of type %s, %sB in %d file%s",
            stored.tensors().size(),
            String.join(", ", stored.types()),
            Quantity.withSpace(stored.bytes()),
            files,
            files == 1 ? "" : "s"));
  }

  private void hookPoints(ModelShape shape) {
    for (HookPoint hookPoint : HookPoint.of(shape)) {
      String width =
          hookPoint.width(shape) + " wide in each of " + hookPoint.layers(shape) + " layers";
      int heads = hookPoint.heads(shape);
      row(
          "hook point",
          hookPoint.word() + ", " + width + (hookPoint.hasHeads() ? ", " + heads + " heads" : ""));
    }
  }

  private void exports(Checkpoint checkpoint, StoredWeights stored, List<Dtype> dtypes) {
    for (Dtype dtype : dtypes) {
      ExportSettings settings =
          weights.settings(
              HookPoint.of(checkpoint.config().shape()), dtype, Device.CUDA, (done, all) -> {});
      String graph =
          "graph of " + Quantity.withSpace(Export.graphBytes(checkpoint, settings)) + "B";
      row(
          "export",
          dtype.word()
              + ": "
              + (stored.allOf(dtype)
                  ? graph + ", weights stay where they are"
                  : graph
                      + ", weights converted once to "
                      + Quantity.withSpace(stored.parameters() * dtype.bytes())
                      + "B in "
                      + weights.cache()));
    }
  }

  private void tokens(ModelConfig config) {
    String begin = config.bosToken() < 0 ? "none" : Integer.toString(config.bosToken());
    String end = config.eosTokens().stream().map(String::valueOf).collect(Collectors.joining(", "));
    row("tokens", "begin " + begin + ", end " + (end.isEmpty() ? "none" : end));
    row("tokenizer", tokenizer());
  }

  private String tokenizer() {
    if (GgufFile.isOne(model)) {
      GgufFile file = GgufFile.read(model);
      String kind = file.get("tokenizer.ggml.model").asText("none");
      String pre = file.get("tokenizer.ggml.pre").asText();
      return kind + (pre.isEmpty() ? "" : ", " + pre) + ", in the file's metadata";
    }
    return Stream.of("tokenizer.json", "tokenizer.model")
        .filter(file -> Files.isRegularFile(model.resolve(file)))
        .findFirst()
        .orElse("none: neither tokenizer.json nor tokenizer.model; a sweep needs one");
  }
}
