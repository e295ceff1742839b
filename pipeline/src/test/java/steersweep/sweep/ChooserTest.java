package steersweep.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.measure.Measure;
import steersweep.measure.Measures;
import steersweep.model.Device;
import steersweep.model.Dtype;
import steersweep.model.HookPoint;
import steersweep.model.ModelManifest;
import steersweep.model.ModelShape;
import steersweep.plan.Cell;
import steersweep.plan.CellGrid;
import steersweep.plan.CellKind;
import steersweep.plan.Choice;
import steersweep.plan.Choice.Why;
import steersweep.plan.ChoiceRule;
import steersweep.plan.Concept;
import steersweep.plan.Controls;
import steersweep.plan.DoseUnit;
import steersweep.plan.Guard;
import steersweep.plan.Halves;
import steersweep.plan.PositionRule;
import steersweep.plan.Stage;
import steersweep.plan.SweepPlan;
import steersweep.plan.SweepPlan.HeadChoice;
import steersweep.plan.SweepPlan.LayerChoice;
import steersweep.plan.TextChoice;
import steersweep.plan.Unit;
import steersweep.result.Chosen;
import steersweep.result.Json;
import steersweep.result.ParquetFiles;
import steersweep.result.Placement;
import steersweep.result.ReadingRow;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.result.RunUnits;

/** Readings that are made up, since what is chosen follows from them alone. */
class ChooserTest {
  private static final int LAYERS = 8;

  /** The layer that pulls farthest is another one for each concept. */
  private static final Map<String, Integer> BEST = Map.of("joy", 3, "war", 6);

  /** At this setting every site breaks the model. */
  private static final double TOO_MUCH = 4;

  @TempDir Path folder;

  private static SweepPlan plan(TextChoice texts) {
    return new SweepPlan(
        "demo",
        List.of(
            new Concept("joy", List.of("a", "b", "c", "d"), List.of("j1", "j2"), List.of()),
            new Concept("war", List.of("e", "f", "g", "h"), List.of("w1", "w2"), List.of())),
        List.of(HookPoint.VALUE, HookPoint.RESIDUAL_POST),
        new LayerChoice(true, List.of()),
        new HeadChoice(true, false, List.of()),
        List.of(-1.0, 1.0, TOO_MUCH),
        PositionRule.MEAN,
        4,
        true,
        DoseUnit.RAW,
        new Controls(2, 0, false, true),
        texts);
  }

  private RunFolder run(TextChoice texts) throws IOException {
    SweepPlan plan = plan(texts);
    ModelManifest model =
        new ModelManifest(
            "1",
            21,
            Dtype.FLOAT32,
            Device.CPU,
            "llama",
            new ModelShape(LAYERS, 4, 2, 8, 2, 12, 10, 32),
            List.of(HookPoint.VALUE),
            1,
            List.of(2),
            "checkpoint",
            "weights",
            "f00d",
            List.of(),
            List.of(),
            JsonNodeFactory.instance.objectNode());
    CellGrid grid = CellGrid.of(plan, model.shape(), "demo.yaml");
    RunFolder run = new RunFolder(folder.resolve("run"));
    run.prepare();
    Json.write(
        run.manifestFile(),
        new RunManifest(
            "2026-01-02T03:04:05Z",
            "demo.yaml",
            plan,
            "k",
            model,
            64,
            grid.size(),
            grid.units(64).size(),
            "cpu",
            Map.of()));
    for (Unit unit : grid.units(64)) {
      List<GenericRecord> rows = new ArrayList<>();
      grid.cells(unit).forEach(cell -> rows.add(reading(unit.id(), cell, grid).toRecord()));
      ParquetFiles.write(run.readingsFile(unit), ReadingRow.SCHEMA, rows, Map.of());
    }
    return run;
  }

  /** Pulls are larger on the half that has no say, at a layer that must not be chosen for it. */
  private static ReadingRow reading(String unit, Cell cell, CellGrid grid) {
    Placement at = new Placement(cell, unit, 1, 1, 1);
    if (cell.site() == null) {
      return new ReadingRow(at, Measures.NONE, List.of(), List.of(), null, "ok", null);
    }
    boolean choosing = Halves.of(grid.pairs()).choosing().contains(cell.pair().basePrompt());
    int layer = cell.site().layer();
    int from = Math.abs(layer - BEST.get(cell.pair().concept()));
    double pull = choosing ? 1 - 0.1 * from : layer == 0 ? 100 : 0;
    boolean random = cell.kind() == CellKind.RANDOM;
    Measures measures =
        Measures.NONE
            .with(Measure.DAMAGE, cell.setting() == TOO_MUCH ? 2 : 0.5)
            .with(Measure.PULL, random ? 0.01 * layer : cell.setting() * pull);
    return new ReadingRow(at, measures, List.of(), List.of(), null, "ok", null);
  }

  @Test
  void theSitesThatPullFarthestOnTheChoosingHalfAreChosenForEachConcept() throws IOException {
    RunFolder run = run(new TextChoice(ChoiceRule.BEST, 1, 2, 3, List.of()));

    Chosen chosen = Chooser.choose(run);

    assertThat(chosen.choices())
        .filteredOn(choice -> choice.why() != Why.SAMPLE)
        .extracting(
            Choice::concept,
            c -> c.site().hookPoint(),
            c -> c.site().layer(),
            Choice::setting,
            Choice::why)
        .containsExactly(
            tuple("joy", HookPoint.VALUE, 3, 1.0, Why.BEST),
            tuple("joy", HookPoint.VALUE, 2, 1.0, Why.BEST),
            tuple("joy", HookPoint.RESIDUAL_POST, 3, 1.0, Why.BEST),
            tuple("joy", HookPoint.RESIDUAL_POST, 2, 1.0, Why.BEST),
            tuple("joy", HookPoint.VALUE, 3, -1.0, Why.OPPOSITE),
            tuple("joy", HookPoint.RESIDUAL_POST, 3, -1.0, Why.OPPOSITE),
            tuple("war", HookPoint.VALUE, 6, 1.0, Why.BEST),
            tuple("war", HookPoint.VALUE, 5, 1.0, Why.BEST),
            tuple("war", HookPoint.RESIDUAL_POST, 6, 1.0, Why.BEST),
            tuple("war", HookPoint.RESIDUAL_POST, 5, 1.0, Why.BEST),
            tuple("war", HookPoint.VALUE, 6, -1.0, Why.OPPOSITE),
            tuple("war", HookPoint.RESIDUAL_POST, 6, -1.0, Why.OPPOSITE));
    assertThat(chosen.choices())
        .filteredOn(choice -> choice.why() == Why.SAMPLE)
        .hasSize(2 * 3)
        .extracting(choice -> List.of(choice.concept(), choice.site(), choice.setting()))
        .doesNotHaveDuplicates();
  }

  @Test
  void chosenSitesGetTextsOnAllBasePromptsWithTheirControlsAndWhatIsUnsteered() throws IOException {
    RunFolder run = run(new TextChoice(ChoiceRule.BEST, 1, 1, 0, List.of()));
    CellGrid grid = RunUnits.of(run).grid();

    Chosen chosen = Chooser.choose(run);

    List<Cell> cells =
        chosen.cells().stream()
            .flatMap(range -> LongStream.range(range.from(), range.to()).mapToObj(grid::cell))
            .toList();
    int pairs = grid.pairs().size();
    assertThat(cells).filteredOn(cell -> cell.site() == null).hasSize(2 * pairs);
    // best and opposite at two hook points; both signs share their random directions
    assertThat(cells).filteredOn(cell -> cell.kind() == CellKind.STEERED).hasSize(4 * pairs);
    assertThat(cells).filteredOn(cell -> cell.kind() == CellKind.RANDOM).hasSize(2 * 2 * pairs);
    assertThat(cells)
        .filteredOn(cell -> cell.site() != null)
        .allSatisfy(
            cell -> assertThat(cell.site().layer()).isEqualTo(BEST.get(cell.pair().concept())));
  }

  @Test
  void theChoiceIsMadeOnce() throws IOException {
    RunFolder run = run(TextChoice.of(ChoiceRule.BEST));
    Chosen chosen = Chooser.choose(run);
    byte[] file = Files.readAllBytes(run.chosenFile());
    Files.delete(run.readingsFile(new Unit(Stage.SCREEN, 0, 0, 0)));

    assertThat(Chooser.choose(run)).isEqualTo(chosen);
    assertThat(run.chosenFile()).hasBinaryContent(file);
  }

  @Test
  void whereEveryCellGetsATextTheChoiceIsStillThereToBeJudged() throws IOException {
    RunFolder run = run(TextChoice.of(ChoiceRule.ALL));

    Chosen chosen = Chooser.choose(run);

    assertThat(chosen.cells()).containsExactly(new Chosen.Range(0, RunUnits.of(run).grid().size()));
    assertThat(chosen.choices()).extracting(Choice::why).contains(Why.values());
  }

  @Test
  void settingsBeyondOneThatBreaksTextsAreNotPutToTheTestAndSaid() throws IOException {
    SweepPlan plan = plan(TextChoice.of(ChoiceRule.BEST).stoppingAt(0.4));
    RunFolder run = run(plan.texts());

    Chosen chosen = Chooser.choose(run);

    // at 1 the damage is 0.5; nothing is larger than -1
    assertThat(chosen.incoherent())
        .hasSize(2 * RunUnits.of(run).grid().sites().size())
        .allSatisfy(
            of -> {
              assertThat(of.setting()).isEqualTo(1);
              assertThat(of.damage()).isEqualTo(0.5);
            });
    assertThat(chosen.choices())
        .isNotEmpty()
        .extracting(Choice::setting)
        .doesNotContain(TOO_MUCH)
        .contains(1.0);
  }

  @Test
  void whatIsNotRunIsStillAmongTheCellsWhereEveryCellGetsARow() throws IOException {
    RunFolder run = run(TextChoice.of(ChoiceRule.ALL).stoppingAt(0.4));
    assertThat(RunUnits.of(run).all(Stage.WRITE)).as("before the choice").isEmpty();

    Chosen chosen = Chooser.choose(run);

    assertThat(chosen.size()).isEqualTo(RunUnits.of(run).grid().size());
    assertThat(RunUnits.of(run).all(Stage.WRITE)).isNotEmpty();
  }

  @Test
  void noSettingIsLeftOutIfThePlanSaysNever() throws IOException {
    assertThat(Chooser.choose(run(TextChoice.of(ChoiceRule.ALL))).incoherent()).isEmpty();
  }

  @Test
  void survivorsAreWithinTheGuards() throws IOException {
    RunFolder run =
        run(
            new TextChoice(
                ChoiceRule.SURVIVORS,
                1,
                1,
                0,
                List.of(
                    new Guard(Measure.DAMAGE, null, 1.0), new Guard(Measure.PULL, 50.0, null))));
    CellGrid grid = RunUnits.of(run).grid();

    Chosen chosen = Chooser.choose(run);

    assertThat(chosen.cells())
        .flatExtracting(range -> LongStream.range(range.from(), range.to()).boxed().toList())
        .map(cell -> grid.cell((Long) cell))
        .filteredOn(cell -> cell.kind() == CellKind.STEERED)
        .isNotEmpty()
        .allSatisfy(cell -> assertThat(cell.site().layer()).isZero())
        .allSatisfy(cell -> assertThat(Math.abs(cell.setting())).isEqualTo(1));
  }
}
