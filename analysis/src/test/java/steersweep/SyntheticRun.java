package steersweep;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import steersweep.measure.Measure;
import steersweep.measure.Measures;
import steersweep.model.Device;
import steersweep.model.Dtype;
import steersweep.model.HookPoint;
import steersweep.model.ModelManifest;
import steersweep.model.ModelShape;
import steersweep.plan.Cell;
import steersweep.plan.CellKind;
import steersweep.plan.Concept;
import steersweep.plan.PositionRule;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;
import steersweep.plan.Stage;
import steersweep.plan.SweepPlan;
import steersweep.plan.Unit;
import steersweep.result.CompletionRow;
import steersweep.result.Json;
import steersweep.result.ParquetFiles;
import steersweep.result.Placement;
import steersweep.result.ReadingRow;
import steersweep.result.Repetition;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.result.ScoreRow;

/** A run folder with made-up results, written the way the pipeline writes one. */
public final class SyntheticRun {
  private static final int UNIT_CELLS = 64;

  private final RunFolder folder;
  private final List<CompletionRow> completions = new ArrayList<>();
  private final List<ScoreRow> scores = new ArrayList<>();
  private final List<ReadingRow> readings = new ArrayList<>();
  private String planName = "synthetic";
  private long planned = -1;
  private int pairs;

  public SyntheticRun(Path folder) {
    this.folder = new RunFolder(folder);
  }

  /** The scores of one text. */
  public record Text(
      String text,
      boolean changed,
      double uptake,
      double fluency,
      double distinct2,
      double dose,
      double doseResidual,
      @Nullable Integer targetHits) {
    public static Text changed(String text, double uptake) {
      return new Text(text, true, uptake, -0.2, 1, 0.5, 0.1, null);
    }

    public static Text same(String text, double uptake) {
      return new Text(text, false, uptake, 0, 1, 0.5, 0.1, null);
    }

    public Text fluency(double value) {
      return new Text(text, changed, uptake, value, distinct2, dose, doseResidual, targetHits);
    }

    public Text distinct2(double value) {
      return new Text(text, changed, uptake, fluency, value, dose, doseResidual, targetHits);
    }

    public Text dose(double value) {
      return new Text(text, changed, uptake, fluency, distinct2, value, doseResidual, targetHits);
    }

    public Text doseResidual(double value) {
      return new Text(text, changed, uptake, fluency, distinct2, dose, value, targetHits);
    }

    public Text hits(int value) {
      return new Text(text, changed, uptake, fluency, distinct2, dose, doseResidual, value);
    }
  }

  public static Site whole(HookPoint hookPoint, int layer) {
    return new Site(hookPoint, layer, Site.ALL_HEADS);
  }

  public SyntheticRun named(String name) {
    planName = name;
    return this;
  }

  /** Cells that the plan has; by default as many as there are rows. */
  public SyntheticRun planned(long cells) {
    planned = cells;
    return this;
  }

  public PromptPair pair(String concept, String base, String steering) {
    return new PromptPair(pairs++, concept, base, steering, List.of());
  }

  public SyntheticRun baseline(PromptPair pair, Text text) {
    return add(CellKind.BASELINE, null, pair, null, 0, text);
  }

  public SyntheticRun cell(PromptPair pair, Site site, double scale, Text text) {
    return add(CellKind.STEERED, null, pair, site, scale, text);
  }

  /** The text of a random direction; its scale has no sign. */
  public SyntheticRun random(PromptPair pair, int draw, Site site, double scale, Text text) {
    return add(CellKind.RANDOM, draw, pair, site, scale, text);
  }

  /** The steering prompt's tokens in a random order. */
  public SyntheticRun shuffled(PromptPair pair, int draw, Site site, double scale, Text text) {
    return add(CellKind.SHUFFLED, draw, pair, site, scale, text);
  }

  /** A steering prompt of another concept. */
  public SyntheticRun unrelated(PromptPair pair, Site site, double scale, Text text) {
    return add(CellKind.UNRELATED, null, pair, site, scale, text);
  }

  /** The text after steering prompt + base prompt. */
  public SyntheticRun prompted(PromptPair pair, Text text) {
    return add(CellKind.PROMPTED, null, pair, null, 0, text);
  }

  /** A cell that a guard kept from being generated. */
  public SyntheticRun skipped(PromptPair pair, Site site, double scale, String guard) {
    Cell cell = new Cell(completions.size(), pair, site, scale, PositionRule.LW2023);
    Placement at = new Placement(cell, unit(), scale, 0.5, 0.1);
    readings.add(reading(at));
    completions.add(CompletionRow.without(at, CompletionRow.SKIPPED, guard));
    return this;
  }

  private static ReadingRow reading(Placement at) {
    Measures measures = Measures.NONE.with(Measure.DAMAGE_LAST, 0.01).with(Measure.DAMAGE, 0.02);
    return new ReadingRow(
        at,
        at.cell().kind() == CellKind.PROMPTED ? Measures.NONE : measures,
        List.of(),
        List.of(),
        null,
        CompletionRow.OK,
        null);
  }

  public SyntheticRun failed(PromptPair pair, @Nullable Site site, double scale, String message) {
    Cell cell = new Cell(completions.size(), pair, site, scale, PositionRule.LW2023);
    Placement at = new Placement(cell, unit(), scale, 0, 0);
    completions.add(
        new CompletionRow(at, List.of(), "", false, false, CompletionRow.FAILED, message));
    return this;
  }

  private SyntheticRun add(
      CellKind kind,
      @Nullable Integer draw,
      PromptPair pair,
      @Nullable Site site,
      double scale,
      Text text) {
    Cell cell = new Cell(completions.size(), kind, draw, pair, site, scale, PositionRule.LW2023);
    Placement at =
        site == null
            ? Placement.nowhere(cell, unit())
            : new Placement(cell, unit(), scale, text.dose(), text.doseResidual());
    readings.add(reading(at));
    completions.add(
        new CompletionRow(
            at, List.of(4, 5, 6), text.text(), false, !text.changed(), CompletionRow.OK, null));
    scores.add(
        new ScoreRow(
            cell.index(),
            unit(completions.size() - 1),
            new Repetition(1, text.distinct2(), 1, 0.9)
                .measures()
                .with(Measure.LOGPROB, -1 + text.fluency())
                .with(Measure.UPTAKE, text.uptake())
                .with(Measure.FLUENCY, text.fluency())
                .with(Measure.TARGET_HITS, text.targetHits())));
    return this;
  }

  private static String unit(int cell) {
    return unitOf(cell).id();
  }

  private String unit() {
    return unit(completions.size());
  }

  private static Unit unitOf(int cell) {
    return new Unit(Stage.WRITE, cell / UNIT_CELLS, 0, UNIT_CELLS);
  }

  public RunFolder write() {
    folder.prepare();
    for (int from = 0; from < completions.size(); from += UNIT_CELLS) {
      Unit unit = unitOf(from);
      List<CompletionRow> rows =
          completions.subList(from, Math.min(from + UNIT_CELLS, completions.size()));
      List<GenericRecord> read =
          readings.stream()
              .filter(reading -> reading.at().unit().equals(unit.id()))
              .map(ReadingRow::toRecord)
              .toList();
      ParquetFiles.write(folder.readingsFile(unit), ReadingRow.SCHEMA, read, Map.of());
      List<GenericRecord> scored =
          scores.stream().filter(s -> s.unit().equals(unit.id())).map(ScoreRow::toRecord).toList();
      ParquetFiles.write(folder.scoresFile(unit), ScoreRow.SCHEMA, scored, Map.of());
      ParquetFiles.write(
          folder.completionsFile(unit),
          CompletionRow.SCHEMA,
          rows.stream().map(CompletionRow::toRecord).toList(),
          Map.of());
    }
    try {
      Json.write(folder.manifestFile(), manifest());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return folder;
  }

  private RunManifest manifest() {
    List<PromptPair> pairsSeen =
        completions.stream().map(row -> row.cell().pair()).distinct().toList();
    int units = (completions.size() + UNIT_CELLS - 1) / UNIT_CELLS;
    return manifest(
        planName, pairsSeen, 8, UNIT_CELLS, planned < 0 ? completions.size() : planned, units);
  }

  /** The manifest of a made-up run: 4 KV heads, a concept for each prompt pair. */
  static RunManifest manifest(
      String planName, List<PromptPair> pairs, int layers, int unitCells, long cells, int units) {
    List<Concept> concepts =
        pairs.stream()
            .map(
                pair ->
                    new Concept(
                        pair.concept(),
                        List.of(pair.basePrompt()),
                        List.of(pair.steeringPrompt()),
                        List.of()))
            .toList();
    SweepPlan plan =
        new SweepPlan(
            planName,
            concepts,
            List.of(HookPoint.VALUE, HookPoint.RESIDUAL_POST),
            new SweepPlan.LayerChoice(true, List.of()),
            new SweepPlan.HeadChoice(true, true, List.of()),
            List.of(-2.0, 2.0),
            PositionRule.LW2023,
            16,
            true);
    ModelManifest model =
        new ModelManifest(
            "0.1.0",
            21,
            Dtype.FLOAT32,
            Device.CPU,
            "llama",
            new ModelShape(layers, 8, 4, 128, 16, 344, 1024, 256),
            List.of(HookPoint.VALUE, HookPoint.RESIDUAL_POST),
            1,
            List.of(2),
            "/models/demo",
            "/models/demo",
            "sha256:5f1c0a77e2",
            List.of(),
            List.of("rope_theta = 10000.0"),
            JsonNodeFactory.instance.objectNode());
    return new RunManifest(
        "2026-11-23T10:15:00Z",
        "conf/demo.yaml",
        plan,
        "a3f09b12",
        model,
        unitCells,
        cells,
        units,
        "CPU, 2 threads",
        Map.of("steersweep", "0.1.0", "onnxruntime", "1.29.0", "java", "17.0.15"));
  }
}
