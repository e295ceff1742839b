package steersweep.sweep;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import steersweep.model.Device;
import steersweep.model.Dtype;
import steersweep.model.HookPoint;
import steersweep.model.ModelManifest;
import steersweep.model.ModelShape;
import steersweep.plan.Concept;
import steersweep.plan.PositionRule;
import steersweep.plan.SweepPlan;
import steersweep.plan.SweepPlan.HeadChoice;
import steersweep.plan.SweepPlan.LayerChoice;
import steersweep.result.Json;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;

/** Plans, models and run folders for tests, small and without any weights. */
final class TestRuns {
  private TestRuns() {}

  static SweepPlan plan(Double... scales) {
    return new SweepPlan(
        "demo",
        List.of(new Concept("vegan", List.of("I eat"), List.of("I am vegan."), List.of("beans"))),
        List.of(HookPoint.VALUE),
        new LayerChoice(true, List.of()),
        new HeadChoice(true, false, List.of()),
        List.of(scales),
        PositionRule.LW2023,
        4,
        true);
  }

  static ModelManifest model(String exporter, String fingerprint, Path checkpoint) {
    return new ModelManifest(
        exporter,
        21,
        Dtype.FLOAT32,
        Device.CPU,
        "llama",
        new ModelShape(2, 4, 2, 8, 2, 12, 10, 32),
        List.of(HookPoint.VALUE),
        1,
        List.of(2),
        checkpoint.toString(),
        checkpoint.toString(),
        fingerprint,
        List.of(),
        List.of(),
        JsonNodeFactory.instance.objectNode());
  }

  static RunManifest manifest(String key, Path checkpoint) {
    return new RunManifest(
        "2026-01-02T03:04:05Z",
        "conf/demo.yaml",
        plan(1.0, 2.0),
        key,
        model("0.1.0", "f00d", checkpoint),
        2,
        5,
        3,
        "cpu",
        Map.of());
  }

  /** A run folder as the sweep makes it, but without a model. */
  static RunFolder run(Path folder, String key) throws IOException {
    RunFolder run = new RunFolder(folder);
    run.prepare();
    Json.write(run.manifestFile(), manifest(key, folder.resolve("checkpoint")));
    return run;
  }

  /** Marks a unit of screening as finished. */
  static void finish(RunFolder run, String unit) throws IOException {
    Files.write(run.readings().resolve(unit + ".parquet"), new byte[0]);
  }
}
