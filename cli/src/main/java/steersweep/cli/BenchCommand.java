package steersweep.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import steersweep.architecture.StoredWeights;
import steersweep.checkpoint.Checkpoint;
import steersweep.device.DeviceChoice;
import steersweep.device.Host;
import steersweep.engine.Baseline;
import steersweep.engine.Capture;
import steersweep.engine.Engine;
import steersweep.engine.EngineException;
import steersweep.engine.Steer;
import steersweep.error.Faults;
import steersweep.model.Dtype;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.PositionRule;
import steersweep.plan.Site;

/**
 * Times the engine on one device: which batch size suits a machine, and how far from its limits the
 * program is. Prompts are random tokens; each cell steers the values of one layer.
 */
@Command(
    name = "bench",
    description = {
      "Time the model on this machine at several batch sizes, and print the figures as JSON.",
      "A batch is timed twice, with one new token and with --new-tokens: the difference is the time"
          + " of decoding. Times are medians, after one run that does not count."
    })
final class BenchCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double NANOS = 1e9;

  @Parameters(paramLabel = "MODEL", description = "Checkpoint folder, or GGUF file.")
  private Path model;

  @Option(
      names = "--batch-sizes",
      split = ",",
      paramLabel = "N",
      description = "Cells in one run of the model (default: 32,64,128,256,512).")
  private List<Integer> batchSizes = List.of(32, 64, 128, 256, 512);

  @Option(
      names = "--prompt-tokens",
      paramLabel = "N",
      defaultValue = "16",
      description = "Tokens of base and steering prompt (default: ${DEFAULT-VALUE}).")
  private int promptTokens;

  @Option(
      names = "--new-tokens",
      paramLabel = "N",
      defaultValue = "32",
      description = "Tokens to generate (default: ${DEFAULT-VALUE}).")
  private int newTokens;

  @Option(
      names = "--repeat",
      paramLabel = "N",
      defaultValue = "5",
      description = "Times each batch is run (default: ${DEFAULT-VALUE}).")
  private int repeat;

  @Option(
      names = "--memory-runs",
      paramLabel = "N",
      defaultValue = "0",
      description = "Further runs of changing size, GPU memory read in between (default: none).")
  private int memoryRuns;

  @Mixin private WeightOptions weights;
  @Mixin private DeviceOption device;
  @Spec private CommandSpec spec;

  /** What all batches have in common. */
  private record Prompts(Baseline base, Capture.Captured steering, ModelShape shape) {
    List<Steer.Request> requests(int size) {
      List<Steer.Request> requests = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        Site site = new Site(HookPoint.VALUE, i % shape.nLayers(), Site.ALL_HEADS);
        double scale = 1 + i % 7;
        requests.add(
            new Steer.Request(base, steering.activations(), site, scale, PositionRule.LW2023));
      }
      return requests;
    }
  }

  @Override
  public Integer call() throws IOException {
    Faults faults = new Faults();
    Dtype asked = weights.chosen(faults);
    device.check(faults);
    batchSizes.forEach(size -> BatchOption.atLeast(1, "--batch-sizes", size, faults));
    BatchOption.atLeast(1, "--prompt-tokens", promptTokens, faults);
    BatchOption.atLeast(2, "--new-tokens", newTokens, faults);
    BatchOption.atLeast(1, "--repeat", repeat, faults);
    BatchOption.atLeast(0, "--memory-runs", memoryRuns, faults);
    faults.throwIfAny();
    Checkpoint checkpoint = Checkpoint.open(model);
    StoredWeights stored = StoredWeights.of(checkpoint);
    DeviceChoice choice = device.choose(Host.here());
    Dtype dtype = DeviceOption.dtype(asked, choice, stored);
    ObjectNode result = JSON.createObjectNode();
    result.put("device", choice.describe()).put("dtype", dtype.word());
    result.put("parameters", stored.parameters());
    result.put("weight_bytes", stored.parameters() * dtype.bytes());
    result.put("prompt_tokens", promptTokens).put("new_tokens", newTokens);
    long start = System.nanoTime();
    try (TemporaryExport exported =
            TemporaryExport.of(
                checkpoint, List.of(HookPoint.VALUE), weights, dtype, choice.device());
        Engine engine = Engine.open(exported.folder(), choice.processors().get(0), 0)) {
      result.put("open_seconds", (System.nanoTime() - start) / NANOS);
      measure(engine, checkpoint.config().shape(), result);
    }
    spec.commandLine().getOut().println(result.toPrettyString());
    return 0;
  }

  private void measure(Engine engine, ModelShape shape, ObjectNode result) {
    Random random = new Random(7);
    int[] base = random.ints(promptTokens, 3, shape.nVocab()).toArray();
    int[] steering = random.ints(promptTokens, 3, shape.nVocab()).toArray();
    Prompts prompts =
        new Prompts(
            Baseline.of(engine, Capture.of(engine, base), 1, List.of()),
            Capture.of(engine, steering),
            shape);
    ArrayNode batches = result.putArray("batches");
    for (int size : batchSizes) {
      List<Steer.Request> requests = prompts.requests(size);
      ObjectNode batch = batches.addObject().put("batch", size);
      double first;
      double all;
      try {
        first = median(engine, requests, 1);
        all = median(engine, requests, newTokens);
      } catch (EngineException e) { // too large for the memory, most likely: the others still count
        batch.put("error", e.getMessage());
        continue;
      }
      batch
          .put("cells_per_second", size / all)
          .put("prefill_seconds", first)
          .put("decode_step_seconds", (all - first) / (newTokens - 1));
    }
    ArrayNode memory = result.putArray("gpu_memory_mib");
    int largest = batchSizes.stream().mapToInt(Integer::intValue).max().orElse(1);
    for (int i = 0; i < memoryRuns; i++) {
      List<Steer.Request> some = prompts.requests(1 + random.nextInt(largest));
      run(engine, some, 1 + random.nextInt(newTokens));
      Host.here().gpuMemory().ifPresent(memory::add);
    }
  }

  /** In seconds. */
  private double median(Engine engine, List<Steer.Request> requests, int tokens) {
    run(engine, requests, tokens);
    double[] seconds = new double[repeat];
    for (int i = 0; i < repeat; i++) {
      long start = System.nanoTime();
      run(engine, requests, tokens);
      seconds[i] = (System.nanoTime() - start) / NANOS;
    }
    Arrays.sort(seconds);
    return (seconds[(repeat - 1) / 2] + seconds[repeat / 2]) / 2;
  }

  private static void run(Engine engine, List<Steer.Request> requests, int tokens) {
    Steer.decode(engine, requests, tokens, List.of(), requests.size());
  }
}
