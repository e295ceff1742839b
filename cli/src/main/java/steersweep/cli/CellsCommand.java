package steersweep.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import steersweep.architecture.StoredWeights;
import steersweep.checkpoint.Checkpoint;
import steersweep.device.DeviceChoice;
import steersweep.device.Host;
import steersweep.engine.Activations;
import steersweep.engine.Axis;
import steersweep.engine.Baseline;
import steersweep.engine.Capture;
import steersweep.engine.Continuation;
import steersweep.engine.Engine;
import steersweep.engine.Response;
import steersweep.engine.Score;
import steersweep.engine.Steer;
import steersweep.error.Faults;
import steersweep.model.Dtype;
import steersweep.model.HookPoint;

/**
 * Runs cells given in token ids and prints tokens and numbers: the way to compare the engine with
 * another implementation.
 */
@Command(
    name = "cells",
    description =
        "Run cells given in token ids, print tokens, log-probabilities and what they do as JSON.")
final class CellsCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Parameters(index = "0", paramLabel = "MODEL", description = "Checkpoint folder, or GGUF file.")
  private Path model;

  @Parameters(index = "1", paramLabel = "CELLS.json", description = "The cells.")
  private Path cells;

  @Mixin private BatchOption batch;
  @Mixin private WeightOptions weights;
  @Mixin private DeviceOption device;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Faults faults = new Faults();
    batch.check(faults);
    Dtype asked = weights.chosen(faults);
    device.check(faults);
    faults.throwIfAny();
    Checkpoint checkpoint = Checkpoint.open(model);
    CellsFile file = CellsFile.read(cells, checkpoint.config().shape());
    DeviceChoice choice = device.choose(Host.here());
    Dtype type = DeviceOption.dtype(asked, choice, StoredWeights.of(checkpoint));
    try (TemporaryExport exported =
            TemporaryExport.of(
                checkpoint,
                HookPoint.of(checkpoint.config().shape()),
                weights,
                type,
                choice.device());
        Engine engine = Engine.open(exported.folder(), choice.processors().get(0), 0)) {
      ObjectNode result = JSON.createObjectNode();
      result.put("device", choice.describe()).put("dtype", type.word());
      spec.commandLine().getOut().println(run(engine, file, result).toPrettyString());
    }
    return 0;
  }

  private ObjectNode run(Engine engine, CellsFile file, ObjectNode result) {
    Baseline baseline =
        Baseline.of(engine, Capture.of(engine, file.baseIds()), file.newTokens(), List.of());
    Activations steering = Capture.of(engine, file.steeringIds()).activations();
    List<Axis> axes = axes(engine, file, baseline);
    List<Steer.Reading> readings = new ArrayList<>();
    for (CellsFile.Entry cell : file.cells()) {
      Steer.Request request =
          new Steer.Request(baseline, steering, cell.site(), cell.scale(), cell.positions());
      readings.add(Steer.Reading.ofBaseline(request, axes));
    }
    List<Response> responses = Steer.read(engine, readings, batch.or(256));
    List<Steer.Begun> begun = new ArrayList<>();
    for (int i = 0; i < readings.size(); i++) {
      begun.add(new Steer.Begun(readings.get(i).request(), responses.get(i).departure()));
    }
    List<Steer.Completion> completions =
        Steer.finish(engine, begun, file.newTokens(), List.of(), batch.or(256));
    describe(result.putObject("baseline"), baseline.completion());
    ArrayNode rows = result.putArray("cells");
    for (int i = 0; i < file.cells().size(); i++) {
      ObjectNode row = file.cells().get(i).json().deepCopy();
      describe(row, completions.get(i));
      describe(row, responses.get(i));
      rows.add(row);
    }
    return result;
  }

  private List<Axis> axes(Engine engine, CellsFile file, Baseline baseline) {
    List<Score.Text> texts = new ArrayList<>();
    for (CellsFile.Sides sides : file.axes()) {
      for (List<int[]> side : List.of(sides.plus(), sides.minus())) {
        side.forEach(prompt -> texts.add(new Score.Text(prompt, baseline.completion().tokens())));
      }
    }
    Iterator<Continuation> read =
        Continuation.all(engine, texts, Set.of(), batch.or(256)).iterator();
    return file.axes().stream()
        .map(
            sides ->
                new Axis(
                    sides.plus().stream().map(prompt -> read.next()).toList(),
                    sides.minus().stream().map(prompt -> read.next()).toList()))
        .toList();
  }

  private static void describe(ObjectNode row, Response response) {
    row.put("damage_last", response.damageLast());
    row.put("damage", response.damage());
    if (response.pulls().length > 0) {
      put(row, "pulls", response.pulls());
      put(row, "alignments", response.alignments());
      put(row, "prompting_pulls", response.promptingPulls());
    }
  }

  private static void put(ObjectNode row, String name, double[] values) {
    ArrayNode array = row.putArray(name);
    for (double value : values) {
      array.add(value);
    }
  }

  private static void describe(ObjectNode row, Steer.Completion completion) {
    ArrayNode tokens = row.putArray("tokens");
    completion.tokens().forEach(tokens::add);
    ArrayNode logprobs = row.putArray("logprobs");
    for (float logprob : completion.logprobs()) {
      logprobs.add(logprob);
    }
  }
}
