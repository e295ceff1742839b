package steersweep.sweep;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import steersweep.engine.Engine;
import steersweep.engine.PromptTokenizer;
import steersweep.model.HookPoint;
import steersweep.model.ModelManifest;
import steersweep.plan.CellGrid;
import steersweep.plan.ChoiceRule;
import steersweep.plan.Concept;
import steersweep.plan.Contexts;
import steersweep.plan.Controls;
import steersweep.plan.DoseUnit;
import steersweep.plan.PositionRule;
import steersweep.plan.SweepPlan;
import steersweep.plan.SweepPlan.HeadChoice;
import steersweep.plan.SweepPlan.LayerChoice;
import steersweep.plan.TextChoice;
import steersweep.result.Json;
import steersweep.result.RunFolder;

/**
 * A real model that opens at once: two layers of random weights, tokens that are bytes. {@code make
 * golden} exports its graph; a test of the command line compares it with what would be exported.
 *
 * @param folder of the graph and the manifest
 */
record TinyModel(Path folder, Engine engine, PromptTokenizer tokenizer) implements AutoCloseable {
  private static final Path COMMITTED = Path.of("src/test/resources/tiny").toAbsolutePath();

  static final int BATCH = 8;
  static final int NEW_TOKENS = 5;

  static final Concept JOY =
      new Concept(
          "joy",
          List.of("I ate", "We cook"),
          List.of("Glad I am.", "Happy!"),
          List.of("ham"),
          List.of("Sad I am.", "Woe!"),
          List.of("ham", "good jam"),
          List.of("ash"));

  static final Concept WAR =
      new Concept(
          "war",
          List.of("I ate", "They run"),
          List.of("To arms!"),
          List.of(),
          List.of(),
          List.of(),
          List.of());

  /**
   * @param folder an empty one
   */
  static TinyModel open(Path folder) throws IOException {
    Path graph = COMMITTED.resolve(ModelManifest.GRAPH_FILE);
    Files.copy(graph, folder.resolve(ModelManifest.GRAPH_FILE));
    ObjectNode manifest =
        Json.read(COMMITTED.resolve(ModelManifest.MANIFEST_FILE), ObjectNode.class);
    manifest.put("device", "CPU");
    manifest.put("checkpoint", COMMITTED.toString());
    manifest.put("weightsFolder", COMMITTED.toString());
    Json.write(folder.resolve(ModelManifest.MANIFEST_FILE), manifest);
    return new TinyModel(folder, Engine.open(folder, 1), PromptTokenizer.open(COMMITTED));
  }

  /** Both concepts, values and block outputs of both layers, every control that needs no luck. */
  static SweepPlan plan(DoseUnit dose, Concept... concepts) {
    return new SweepPlan(
        "tiny",
        List.of(concepts),
        List.of(HookPoint.VALUE, HookPoint.RESIDUAL_POST),
        new LayerChoice(true, List.of()),
        new HeadChoice(true, false, List.of()),
        dose == DoseUnit.RAW ? List.of(-3.0, 3.0, 6.0) : List.of(-0.5, 0.5),
        PositionRule.LW2023,
        NEW_TOKENS,
        true,
        dose,
        new Controls(2, 0, concepts.length > 1, true),
        TextChoice.of(ChoiceRule.ALL));
  }

  CellGrid grid(SweepPlan plan) {
    return CellGrid.of(plan, engine.manifest().shape(), "tiny.yaml");
  }

  PairContexts pairs(SweepPlan plan) {
    return new PairContexts(
        engine, tokenizer, plan, List.of(), Set.of(0, 1), BATCH, grid(plan), 1000, 2);
  }

  Placing placing(SweepPlan plan) {
    return new Placing(pairs(plan), plan.dose(), new StoredFactors(new RunFolder(folder)));
  }

  Screening screening(SweepPlan plan, Placing placing) {
    Contexts contexts = new Contexts(plan.concepts());
    PairAxes axes = new PairAxes(engine, tokenizer, contexts, BATCH, 8);
    return new Screening(engine, placing, axes, contexts, BATCH);
  }

  @Override
  public void close() {
    engine.close();
    tokenizer.close();
  }
}
