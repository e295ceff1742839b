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
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.DoubleToIntFunction;
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
          + " of decoding. Times are medians, after one run that does not count.",
      "What does not fit into --within is left out, and left_out says what. A sweep's other passes,"
          + " along the baseline's text and over finished texts, are not timed here."
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
      names = "--within",
      paramLabel = "SECONDS",
      defaultValue = "55",
      description =
          "End within this time, opening the model included; 0 for all that was asked for"
              + " (default: ${DEFAULT-VALUE}).")
  private int within;

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
    BenchTime time = new BenchTime(within == 0 ? Double.POSITIVE_INFINITY : within);
    Faults faults = new Faults();
    Dtype asked = weights.chosen(faults);
    device.check(faults);
    batchSizes.forEach(size -> BatchOption.atLeast(1, "--batch-sizes", size, faults));
    BatchOption.atLeast(1, "--prompt-tokens", promptTokens, faults);
    BatchOption.atLeast(2, "--new-tokens", newTokens, faults);
    BatchOption.atLeast(1, "--repeat", repeat, faults);
    BatchOption.atLeast(0, "--within", within, faults);
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
      measure(engine, checkpoint.config().shape(), time, result);
    }
    result.put("seconds", time.gone());
    spec.commandLine().getOut().println(result.toPrettyString());
    return 0;
  }

  private void measure(Engine engine, ModelShape shape, BenchTime time, ObjectNode result) {
    Random random = new Random(7);
    int[] base = random.ints(promptTokens, 3, shape.nVocab()).toArray();
    int[] steering = random.ints(promptTokens, 3, shape.nVocab()).toArray();
    Prompts prompts =
        new Prompts(
            Baseline.of(engine, Capture.of(engine, base), 1, List.of()),
            Capture.of(engine, steering),
            shape);
    ArrayNode batches = result.putArray("batches");
    ArrayNode leftOut = result.putArray("left_out");
    List<Integer> sizes = new ArrayList<>(new TreeSet<>(batchSizes));
    for (int i = 0; i < sizes.size(); i++) {
      int rows = sizes.get(i);
      if (!time.fits(rows)) {
        leftOut.add(time.whyNot(rows));
        continue;
      }
      ObjectNode batch = batches.addObject().put("batch", rows);
      try {
        List<Steer.Request> requests = prompts.requests(rows);
        measure(
            engine, requests, time.repeats(sizes.subList(i, sizes.size()), repeat), time, batch);
      } catch (EngineException e) { // too large for the memory, most likely: the others still count
        batch.put("error", e.getMessage());
      }
      if (!batch.has("error") && !batch.has("runs")) {
        batches.remove(batches.size() - 1);
        leftOut.add(time.whyNot(rows));
      } else if (batch.path("runs").asInt(repeat) < repeat) {
        leftOut.add("batch %d: %d of %d runs".formatted(rows, batch.path("runs").asInt(), repeat));
      }
    }
    ArrayNode memory = result.putArray("gpu_memory_mib");
    int largest = sizes.get(sizes.size() - 1);
    for (int i = 0; i < memoryRuns; i++) {
      List<Steer.Request> some = prompts.requests(1 + random.nextInt(largest));
      run(engine, some, 1 + random.nextInt(newTokens));
      Host.here().gpuMemory().ifPresent(memory::add);
    }
  }

  /**
   * @param repeats how often it may be run, by how long the run took that does not count
   */
  private void measure(
      Engine engine,
      List<Steer.Request> requests,
      DoubleToIntFunction repeats,
      BenchTime time,
      ObjectNode batch) {
    double uncounted = seconds(engine, requests, 1) + seconds(engine, requests, newTokens);
    time.took(requests.size(), uncounted);
    if (!time.allows(uncounted)) {
      return;
    }
    int runs = repeats.applyAsInt(uncounted);
    double[] first = new double[runs];
    double[] all = new double[runs];
    for (int i = 0; i < runs; i++) {
      first[i] = seconds(engine, requests, 1);
      all[i] = seconds(engine, requests, newTokens);
    }
    batch
        .put("runs", runs)
        .put("cells_per_second", requests.size() / median(all))
        .put("prefill_seconds", median(first))
        .put("decode_step_seconds", (median(all) - median(first)) / (newTokens - 1));
  }

  private static double median(double[] seconds) {
    Arrays.sort(seconds);
    return (seconds[(seconds.length - 1) / 2] + seconds[seconds.length / 2]) / 2;
  }

  private static double seconds(Engine engine, List<Steer.Request> requests, int tokens) {
    long start = System.nanoTime();
    run(engine, requests, tokens);
    return (System.nanoTime() - start) / NANOS;
  }

  private static void run(Engine engine, List<Steer.Request> requests, int tokens) {
    Steer.decode(engine, requests, tokens, List.of(), requests.size());
  }
}
