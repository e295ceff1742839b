package steersweep;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
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
import steersweep.plan.Choice;
import steersweep.plan.ChoiceRule;
import steersweep.plan.Concept;
import steersweep.plan.PositionRule;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;
import steersweep.plan.Stage;
import steersweep.plan.SweepPlan;
import steersweep.plan.Unit;
import steersweep.result.Chosen;
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
  private List<Choice> choices = new ArrayList<>();
  private boolean chosen = true;

  public SyntheticRun(Path folder) {
    this.folder = new RunFolder(folder);
  }

  /** What was measured of one cell, and its text. */
  public record Text(
      String text,
      boolean changed,
      Measures measures,
      List<Double> pulls,
      List<Double> evidences,
      double dose,
      double doseResidual) {
    /** A text of its own, with evidence in proportion to the pull. */
    public static Text changed(String text, double pull) {
      return of(text, true, pull).with(Measure.FLUENCY, -0.2).with(Measure.DAMAGE, 0.2);
    }

    /** The baseline's text. */
    public static Text same(String text, double pull) {
      return of(text, false, pull).with(Measure.FLUENCY, 0).with(Measure.DAMAGE, 0.02);
    }

    private static Text of(String text, boolean changed, double pull) {
      Measures measures =
          new Repetition(1, 1, 1, 0.9)
              .measures()
              .with(Measure.PULL, pull)
              .with(Measure.ALIGNMENT, pull / 2)
              .with(Measure.PULL_PROMPTING, 1)
              .with(Measure.DAMAGE_LAST, 0.01)
              .with(Measure.LOGPROB, -1.2)
              .with(Measure.UPTAKE, 0.1)
              .with(Measure.EVIDENCE, 8 * pull)
              .with(Measure.RECOGNISED, pull > 0 ? 1 : 0)
              .with(Measure.COHERENT, 1);
      return new Text(text, changed, measures, List.of(), List.of(), 0.5, 0.1);
    }

    public Text with(Measure measure, double value) {
      return new Text(
          text, changed, measures.with(measure, value), pulls, evidences, dose, doseResidual);
    }

    public Text pulls(Double... values) {
      return new Text(text, changed, measures, List.of(values), evidences, dose, doseResidual);
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

  /** Of which site texts are to confirm something; by default every steered site and setting. */
  public SyntheticRun choose(String concept, Site site, double setting, Choice.Why why) {
    choices.add(new Choice(concept, site, setting, why));
    return this;
  }

  /** As long as nothing is chosen. */
  public SyntheticRun nothingChosen() {
    chosen = false;
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
    readings.add(reading(at, Text.same("", 0)));
    completions.add(CompletionRow.without(at, CompletionRow.SKIPPED, guard));
    return this;
  }

  private static ReadingRow reading(Placement at, Text text) {
    boolean added = at.cell().site() != null;
    return new ReadingRow(
        at,
        added ? text.measures() : Measures.NONE,
        added ? text.pulls() : List.of(),
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
    readings.add(reading(at, text));
    completions.add(
        new CompletionRow(
            at, List.of(4, 5, 6), text.text(), false, !text.changed(), CompletionRow.OK, null));
    scores.add(
        new ScoreRow(
            cell.index(), unit(completions.size() - 1), text.measures(), text.evidences()));
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
      if (chosen) {
        Chosen.Range all = new Chosen.Range(0, Math.max(1, completions.size()));
        Json.write(
            folder.chosenFile(), new Chosen(ChoiceRule.ALL, List.copyOf(choices()), List.of(all)));
      }
      Json.write(folder.manifestFile(), manifest());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return folder;
  }

  private Collection<Choice> choices() {
    if (!choices.isEmpty()) {
      return choices;
    }
    Set<Choice> every = new LinkedHashSet<>();
    for (CompletionRow row : completions) {
      Cell cell = row.cell();
      if (cell.kind() == CellKind.STEERED && cell.site() != null) {
        Choice.Why why = cell.setting() > 0 ? Choice.Why.BEST : Choice.Why.OPPOSITE;
        every.add(new Choice(cell.pair().concept(), cell.site(), cell.setting(), why));
      }
    }
    return every;
  }

  private RunManifest manifest() {
    List<PromptPair> pairsSeen =
        completions.stream().map(row -> row.cell().pair()).distinct().toList();
    int units = (completions.size() + UNIT_CELLS - 1) / UNIT_CELLS;
    return manifest(
        planName, pairsSeen, 8, UNIT_CELLS, planned < 0 ? completions.size() : planned, units);
  }

  /** The manifest of a made-up run: 4 KV heads. */
  static RunManifest manifest(
      String planName, List<PromptPair> pairs, int layers, int unitCells, long cells, int units) {
    Map<String, List<PromptPair>> byConcept =
        pairs.stream()
            .collect(
                Collectors.groupingBy(
                    PromptPair::concept, LinkedHashMap::new, Collectors.toList()));
    List<Concept> concepts =
        byConcept.entrySet().stream()
            .map(
                of ->
                    new Concept(
                        of.getKey(),
                        of.getValue().stream().map(PromptPair::basePrompt).distinct().toList(),
                        of.getValue().stream().map(PromptPair::steeringPrompt).distinct().toList(),
                        List.of("pie", "tofu")))
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
