package steersweep.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import steersweep.checkpoint.Checkpoint;
import steersweep.error.Faults;
import steersweep.error.Suggest;
import steersweep.llama.Export;
import steersweep.model.Device;
import steersweep.model.Dtype;
import steersweep.model.HookPoint;
import steersweep.model.ModelManifest;

/** Writes a checkpoint's steerable graph, for use outside of a sweep. */
@Command(
    name = "export",
    description = {
      "Write the steerable ONNX graph of a checkpoint: model.onnx and model.manifest.json.",
      "Weights are not copied: the graph points into the checkpoint's safetensors files."
    })
final class ExportCommand implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL_DIR", description = "Checkpoint folder as downloaded.")
  private Path model;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where to write.")
  private Path out;

  @Option(
      names = "--hook-points",
      split = ",",
      paramLabel = "NAME",
      description = "Hook points to have as inputs and outputs (default: all).")
  private List<String> hookPoints = HookPoint.words();

  @Mixin private DtypeOption dtype;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Faults faults = new Faults();
    Dtype type = dtype.chosen(faults);
    List<HookPoint> chosen = chosen(faults);
    faults.throwIfAny();
    Checkpoint checkpoint = Checkpoint.open(model);
    ModelManifest manifest =
        Export.write(checkpoint, chosen, type == null ? Dtype.FLOAT32 : type, Device.CUDA, out);
    PrintWriter console = spec.commandLine().getOut();
    Path graph = out.resolve(ModelManifest.GRAPH_FILE);
    manifest.defaulted().forEach(key -> console.printf("assumed   %s%n", key));
    console.printf("weights   %s (not copied)%n", manifest.weightsFolder());
    console.printf("graph     %s, %d bytes%n", graph, Files.size(graph));
    return 0;
  }

  private List<HookPoint> chosen(Faults faults) {
    List<HookPoint> chosen = new ArrayList<>();
    for (String word : hookPoints) {
      HookPoint.of(word)
          .ifPresentOrElse(
              chosen::add,
              () ->
                  faults.add(
                      "--hook-points",
                      "unknown; got '" + word + "', " + Suggest.among(word, HookPoint.words())));
    }
    return Arrays.stream(HookPoint.values()).filter(chosen::contains).toList();
  }
}
