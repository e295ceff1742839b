package steersweep.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import steersweep.error.UserError;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.SweepPlan.HeadChoice;
import steersweep.plan.SweepPlan.LayerChoice;

class CellGridTest {
  /** 3 layers, 4 query heads, 2 KV heads. */
  private static final ModelShape SHAPE = new ModelShape(3, 4, 2, 32, 8, 64, 100, 128);

  private static final Concept VEGAN =
      new Concept("vegan", List.of("Food:", "I eat"), List.of("I am vegan."), List.of("beans"));
  private static final Concept EVIL =
      new Concept("evil", List.of("Heroes:"), List.of("I am evil.", "Evil AI."), List.of());

  private static SweepPlan plan(List<HookPoint> hookPoints, LayerChoice layers, HeadChoice heads) {
    return new SweepPlan(
        "test",
        List.of(VEGAN, EVIL),
        hookPoints,
        layers,
        heads,
        List.of(-5.0, 5.0),
        PositionRule.MEAN,
        16,
        true);
  }

  private static CellGrid grid(List<HookPoint> hookPoints, LayerChoice layers, HeadChoice heads) {
    return CellGrid.of(plan(hookPoints, layers, heads), SHAPE, "conf/test.yaml");
  }

  /** 4 prompt pairs; per pair the baseline and 2 layers x (all, 0, 1) x 2 scales, twice 1 site. */
  private static SweepPlan mixedPlan() {
    return plan(
        List.of(HookPoint.VALUE, HookPoint.RESIDUAL_POST),
        new LayerChoice(false, List.of(0, 2)),
        new HeadChoice(true, true, List.of()));
  }

  private static CellGrid mixedGrid() {
    return CellGrid.of(mixedPlan(), SHAPE, "conf/test.yaml");
  }

  private static String shown(Cell cell) {
    Site site = cell.site();
    return site == null
        ? "baseline"
        : site.hookPoint().word() + " " + site.layer() + " " + site.head() + " " + cell.setting();
  }

  @Test
  void cellsOfAPairComeAsBaselineThenHookPointLayerHeadScale() {
    CellGrid grid = mixedGrid();

    assertThat(grid.cells(new Unit(Stage.SCREEN, 0, 17, 34)))
        .extracting(CellGridTest::shown)
        .containsExactly(
            "baseline",
            "value 0 -1 -5.0",
            "value 0 -1 5.0",
            "value 0 0 -5.0",
            "value 0 0 5.0",
            "value 0 1 -5.0",
            "value 0 1 5.0",
            "value 2 -1 -5.0",
            "value 2 -1 5.0",
            "value 2 0 -5.0",
            "value 2 0 5.0",
            "value 2 1 -5.0",
            "value 2 1 5.0",
            "residual_post 0 -1 -5.0",
            "residual_post 0 -1 5.0",
            "residual_post 2 -1 -5.0",
            "residual_post 2 -1 5.0");
  }

  @Test
  void controlsComeAfterTheSteeredCellsDrawByDraw() {
    CellGrid small =
        new CellGrid(
            List.of(mixedGrid().pairs().get(0), mixedGrid().pairs().get(1)),
            List.of(new Site(HookPoint.VALUE, 0, 1), new Site(HookPoint.MLP_OUTPUT, 2, -1)),
            List.of(-5.0, 2.0, 5.0),
            PositionRule.MEAN,
            new Controls(2, 1, true, true));

    assertThat(small.cellsPerPair()).isEqualTo(1 + 1 + 6 + 2 * 4 + 6 + 6);
    assertThat(small.cells(new Unit(Stage.SCREEN, 0, 28, 56)))
        .extracting(cell -> cell.kind().word() + " " + cell.draw() + " " + shown(cell))
        .containsExactly(
            "baseline null baseline",
            "prompted null baseline",
            "steered null value 0 1 -5.0",
            "steered null value 0 1 2.0",
            "steered null value 0 1 5.0",
            "steered null mlp_output 2 -1 -5.0",
            "steered null mlp_output 2 -1 2.0",
            "steered null mlp_output 2 -1 5.0",
            "random 0 value 0 1 5.0",
            "random 0 value 0 1 2.0",
            "random 0 mlp_output 2 -1 5.0",
            "random 0 mlp_output 2 -1 2.0",
            "random 1 value 0 1 5.0",
            "random 1 value 0 1 2.0",
            "random 1 mlp_output 2 -1 5.0",
            "random 1 mlp_output 2 -1 2.0",
            "shuffled 0 value 0 1 -5.0",
            "shuffled 0 value 0 1 2.0",
            "shuffled 0 value 0 1 5.0",
            "shuffled 0 mlp_output 2 -1 -5.0",
            "shuffled 0 mlp_output 2 -1 2.0",
            "shuffled 0 mlp_output 2 -1 5.0",
            "unrelated null value 0 1 -5.0",
            "unrelated null value 0 1 2.0",
            "unrelated null value 0 1 5.0",
            "unrelated null mlp_output 2 -1 -5.0",
            "unrelated null mlp_output 2 -1 2.0",
            "unrelated null mlp_output 2 -1 5.0");
    assertThat(small.cells(new Unit(Stage.SCREEN, 0, 28, 56)))
        .allSatisfy(cell -> assertThat(cell.pair()).isEqualTo(small.pairs().get(1)));
    assertThat(small.comparedWith(small.cell(28 + 14)))
        .as("random 1 mlp_output, scale 5")
        .extracting(Cell::index)
        .containsExactly(28L + 5, 28L + 7);
    assertThat(small.comparedWith(small.cell(28 + 18)))
        .as("shuffled 0 value, scale 5")
        .extracting(Cell::index)
        .containsExactly(28L + 4);
  }

  @Test
  void theBaselineHasNoSiteAndScaleZero() {
    Cell baseline = mixedGrid().cell(34);

    assertThat(baseline.baseline()).isTrue();
    assertThat(baseline.setting()).isZero();
    assertThat(mixedGrid().cell(35).baseline()).isFalse();
  }

  @Test
  void pairsAreEveryBasePromptWithEverySteeringPromptOfItsConcept() {
    assertThat(mixedGrid().pairs())
        .containsExactly(
            new PromptPair(0, "vegan", "Food:", "I am vegan.", List.of("beans")),
            new PromptPair(1, "vegan", "I eat", "I am vegan.", List.of("beans")),
            new PromptPair(2, "evil", "Heroes:", "I am evil.", List.of()),
            new PromptPair(3, "evil", "Heroes:", "Evil AI.", List.of()));
  }

  @Test
  void sizeCountsEveryCellOfEveryPair() {
    assertThat(mixedGrid().cellsPerPair()).isEqualTo(17);
    assertThat(mixedGrid().size()).isEqualTo(68);
  }

  @Test
  void sizeGoesBeyondTheIntRange() {
    List<Double> scales = new ArrayList<>();
    for (int i = 1; i <= 1_000_000; i++) {
      scales.add((double) i);
    }
    CellGrid small = mixedGrid();
    List<Site> sites = new ArrayList<>();
    for (int layer = 0; layer < 1000; layer++) {
      sites.add(new Site(HookPoint.VALUE, layer, Site.ALL_HEADS));
    }
    CellGrid grid = new CellGrid(small.pairs(), sites, scales, PositionRule.LAST, Controls.NONE);

    assertThat(grid.size()).isEqualTo(4_000_000_004L);
    assertThat(grid.cell(4_000_000_003L))
        .isEqualTo(
            new Cell(4_000_000_003L, small.pairs().get(3), sites.get(999), 1e6, PositionRule.LAST));
  }

  @Test
  void allLayersAndEachHeadAreTakenFromTheModel() {
    LayerChoice allLayers = new LayerChoice(true, List.of());
    HeadChoice each = new HeadChoice(false, true, List.of());

    assertThat(grid(List.of(HookPoint.VALUE), allLayers, each).sites())
        .containsExactly(
            new Site(HookPoint.VALUE, 0, 0),
            new Site(HookPoint.VALUE, 0, 1),
            new Site(HookPoint.VALUE, 1, 0),
            new Site(HookPoint.VALUE, 1, 1),
            new Site(HookPoint.VALUE, 2, 0),
            new Site(HookPoint.VALUE, 2, 1));
    assertThat(grid(List.of(HookPoint.HEAD_OUTPUT), allLayers, each).sites())
        .hasSize(12)
        .contains(new Site(HookPoint.HEAD_OUTPUT, 2, 3));
  }

  @Test
  void hookPointsWithoutHeadsIgnoreListedHeads() {
    assertThat(
            grid(
                    List.of(HookPoint.MLP_OUTPUT, HookPoint.VALUE),
                    new LayerChoice(false, List.of(1)),
                    new HeadChoice(false, false, List.of(1)))
                .sites())
        .containsExactly(
            new Site(HookPoint.MLP_OUTPUT, 1, Site.ALL_HEADS), new Site(HookPoint.VALUE, 1, 1));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 16, 17, 18, 1000, Integer.MAX_VALUE})
  void unitsHoldEveryCellOnceInOrder(int unitCells) {
    CellGrid grid = mixedGrid();
    List<Unit> units = grid.units(unitCells);
    List<Long> indexes = new ArrayList<>();

    for (Unit unit : units) {
      List<Cell> cells = grid.cells(unit);
      assertThat(cells).hasSize(unit.size()).hasSizeBetween(1, unitCells);
      assertThat(cells).extracting(Cell::positions).containsOnly(PositionRule.MEAN);
      cells.forEach(cell -> indexes.add(cell.index()));
    }

    assertThat(indexes).containsExactlyElementsOf(LongStream.range(0, 68).boxed().toList());
    assertThat(units).extracting(Unit::index).isSorted().doesNotHaveDuplicates();
    assertThat(units).extracting(Unit::id).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void unitsAreFullButForTheLastAndMaySpanPairs() {
    assertThat(mixedGrid().units(30))
        .containsExactly(
            new Unit(Stage.SCREEN, 0, 0, 30),
            new Unit(Stage.SCREEN, 1, 30, 60),
            new Unit(Stage.SCREEN, 2, 60, 68));
    assertThat(mixedGrid().cells(new Unit(Stage.SCREEN, 1, 30, 60)))
        .extracting(cell -> cell.pair().index())
        .startsWith(1, 1, 1, 1, 2)
        .endsWith(2, 3, 3, 3, 3, 3, 3, 3, 3, 3);
  }

  @Test
  void unitsAreTheLargerTheSmallerTheModel() {
    SweepPlan plan = mixedPlan();

    assertThat(CellGrid.unitCells(plan, SHAPE)).isEqualTo(2048);
    // 27M parameters x 2 x 4 passes x 16 tokens are 3.4 GFLOP a cell
    assertThat(CellGrid.unitCells(plan, new ModelShape(6, 8, 8, 512, 64, 1376, 8000, 512)))
        .isEqualTo(1024);
    assertThat(CellGrid.unitCells(plan, new ModelShape(32, 32, 32, 4096, 128, 11008, 32000, 2048)))
        .isEqualTo(256);
  }

  @Test
  void layersAndHeadsThatTheModelDoesNotHaveAreReportedAllAtOnce() {
    UserError error =
        catchThrowableOfType(
            UserError.class,
            () ->
                grid(
                    List.of(HookPoint.VALUE, HookPoint.HEAD_OUTPUT, HookPoint.RESIDUAL_POST),
                    new LayerChoice(false, List.of(2, 3, 7)),
                    new HeadChoice(true, false, List.of(1, 2, 4))));

    assertThat(error.faults())
        .containsExactly(
            "conf/test.yaml: grid.layers: no such layers; got 3, 7, expected 0..2",
            "conf/test.yaml: grid.heads: hook point value: no such heads; got 2, 4, expected 0..1",
            "conf/test.yaml: grid.heads: hook point head_output: no such head; got 4,"
                + " expected 0..3");
  }

  @Test
  void aRangeBeyondTheLastLayerIsOneMessage() {
    UserError error =
        catchThrowableOfType(
            UserError.class,
            () ->
                CellGrid.of(
                    plan(
                        List.of(HookPoint.VALUE),
                        new LayerChoice(false, List.of(0, 2, 4, 6, 8, 10, 12)),
                        new HeadChoice(true, false, List.of())),
                    SHAPE,
                    "conf/test.yaml",
                    new GridFlags(Map.of("layers", "0-12+2"))));

    assertThat(error.faults())
        .containsExactly("--layers: no such layers; got 5 from 4 to 12, expected 0..2");
  }
}
