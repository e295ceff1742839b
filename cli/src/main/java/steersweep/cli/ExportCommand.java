package steersweep.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import steersweep.architecture.StoredWeights;
import steersweep.checkpoint.Checkpoint;
import steersweep.error.Faults;
import steersweep.error.Suggest;
import steersweep.model.Device;
import steersweep.model.Dtype;
import steersweep.model.HookPoint;
import steersweep.model.ModelManifest;
import steersweep.steerable.Export;
import steersweep.steerable.ExportSettings;

/** Writes a checkpoint's steerable graph, for use outside of a sweep. */
@Command(
    name = "export",
    description = {
      "Write the steerable ONNX graph of a checkpoint: model.onnx and model.manifest.json.",
      "At every hook point of every layer the activation is an output, and rows of an input, times a"
          + " scale, are added. Decoding is part of the graph. docs/graph.md lists inputs and outputs.",
      "Weights are not copied: the graph points into the checkpoint's safetensors files, or, where"
          + " they are of another type than asked for, into one converted file in the cache.",
      "Llama, Mistral, Qwen2, Qwen3, GPT-2, GPT-NeoX (Pythia) and T5 checkpoints are understood; anything"
          + " else is refused with the key that says so. 'steersweep inspect' shows what would be exported."
    })
final class ExportCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "MODEL",
      description = "Checkpoint folder as downloaded (config.json, *.safetensors), or GGUF file.")
  private Path model;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where to write.")
  private Path out;

  @Option(
      names = "--hook-points",
      split = ",",
      paramLabel = "NAME",
      description =
          "Hook points to have as inputs and outputs: value, head_output, attention_output,"
              + " mlp_output, residual_post; of models with an encoder also cross_value,"
              + " cross_attention_output, and the five behind encoder_ (default: all).")
  private List<String> hookPoints = List.of();

  @Option(
      names = "--device",
      paramLabel = "NAME",
      defaultValue = "cuda",
      description =
          "What the graph is for: cuda or cpu (default: ${DEFAULT-VALUE}). Makes a difference in"
              + " float16 only: ONNX Runtime's CPU kernels sum up products in half precision, so"
              + " that a graph for the CPU makes them in float32.")
  private String device;

  @Mixin private WeightOptions weights;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Faults faults = new Faults();
    Dtype asked = weights.chosen(faults);
    checkHookPoints(faults, Arrays.asList(HookPoint.values()));
    Device target = device(faults);
    faults.throwIfAny();
    Checkpoint checkpoint = Checkpoint.open(model);
    List<HookPoint> all = HookPoint.of(checkpoint.config().shape());
    checkHookPoints(faults, all);
    faults.throwIfAny();
    List<HookPoint> chosen =
        all.stream()
            .filter(point -> hookPoints.isEmpty() || hookPoints.contains(point.word()))
            .toList();
    StoredWeights stored = StoredWeights.of(checkpoint);
    Dtype dtype = asked == null ? stored.dtype() : asked;
    try (ConversionProgress progress = ConversionProgress.onStandardError(dtype)) {
      ExportSettings settings = weights.settings(chosen, dtype, target, progress);
      print(Export.write(checkpoint, settings, out), stored.allOf(dtype));
    }
    return 0;
  }

  private void print(ModelManifest manifest, boolean inPlace) throws IOException {
    PrintWriter console = spec.commandLine().getOut();
    Path graph = out.resolve(ModelManifest.GRAPH_FILE);
    manifest.defaulted().forEach(key -> console.printf("assumed   %s%n", key));
    console.printf(
        "weights   %s, %s%n",
        manifest.weightsFolder(),
        inPlace ? "not copied" : "converted to " + manifest.dtype().word());
    console.printf("graph     %s, %d bytes%n", graph, Files.size(graph));
  }

  private void checkHookPoints(Faults faults, List<HookPoint> known) {
    List<String> words = known.stream().map(HookPoint::word).toList();
    for (String word : hookPoints) {
      if (!words.contains(word)) {
        faults.add("--hook-points", "unknown; got '" + word + "', " + Suggest.among(word, words));
      }
    }
  }

  private Device device(Faults faults) {
    return switch (device) {
      case "cpu" -> Device.CPU;
      case "cuda" -> Device.CUDA;
      default -> {
        faults.add("--device", "unknown; got '" + device + "', expected cuda or cpu");
        yield Device.CUDA;
      }
    };
  }
}
