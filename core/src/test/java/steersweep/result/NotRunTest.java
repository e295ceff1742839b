package steersweep.result;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import steersweep.model.HookPoint;
import steersweep.plan.Cell;
import steersweep.plan.CellGrid;
import steersweep.plan.CellKind;
import steersweep.plan.Controls;
import steersweep.plan.Incoherence;
import steersweep.plan.PositionRule;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;

class NotRunTest {
  private static final Site BROKEN = new Site(HookPoint.VALUE, 0, Site.ALL_HEADS);
  private static final Site WHOLE = new Site(HookPoint.VALUE, 1, Site.ALL_HEADS);

  private static final CellGrid GRID =
      new CellGrid(
          List.of(pair(0, "joy", "a"), pair(1, "joy", "b"), pair(2, "war", "a")),
          List.of(BROKEN, WHOLE),
          List.of(-4.0, -2.0, 1.0, 2.0, 4.0, 8.0),
          PositionRule.MEAN,
          new Controls(1, 1, false, true));

  private static PromptPair pair(int index, String concept, String base) {
    return new PromptPair(index, concept, base, "s", List.of());
  }

  private static List<Cell> notRun(Incoherence... incoherent) {
    NotRun notRun = new NotRun(List.of(incoherent), GRID);
    return LongStream.range(0, GRID.size())
        .mapToObj(GRID::cell)
        .filter(cell -> notRun.of(cell).isPresent())
        .toList();
  }

  @Test
  void largerSettingsOfTheSameSignAreNotRunWithAnyPromptPairOfTheConcept() {
    List<Cell> cells = notRun(new Incoherence("joy", BROKEN, 2, 5.25));

    assertThat(cells)
        .filteredOn(cell -> cell.kind() == CellKind.STEERED)
        .hasSize(2 * 2)
        .allSatisfy(
            cell -> {
              assertThat(cell.pair().concept()).isEqualTo("joy");
              assertThat(cell.site()).isEqualTo(BROKEN);
              assertThat(cell.setting()).isIn(4.0, 8.0);
            });
    assertThat(cells).noneMatch(cell -> cell.site() == null);
  }

  @Test
  void controlsGoWithWhatTheyAreComparedWith() {
    List<Cell> cells = notRun(new Incoherence("joy", BROKEN, 2, 5.25));

    assertThat(cells)
        .filteredOn(cell -> cell.kind() == CellKind.SHUFFLED)
        .extracting(Cell::setting)
        .containsExactly(4.0, 8.0, 4.0, 8.0);
    // at 4 the cells at -4 still need it
    assertThat(cells)
        .filteredOn(cell -> cell.kind() == CellKind.RANDOM)
        .extracting(Cell::setting)
        .containsExactly(8.0, 8.0);
    assertThat(
            notRun(
                new Incoherence("joy", BROKEN, 2, 5.25), new Incoherence("joy", BROKEN, -2, 5.25)))
        .filteredOn(cell -> cell.kind() == CellKind.RANDOM)
        .extracting(Cell::setting)
        .containsExactly(4.0, 8.0, 4.0, 8.0);
  }

  @Test
  void theReasonNamesTheSettingAndItsDamage() {
    assertThat(new Incoherence("joy", BROKEN, 0.25, 5.25).why())
        .isEqualTo(
            "not run: texts are incoherent at setting 0.25 already, with a damage of 5.3 nats per"
                + " token");
    assertThat(new Incoherence("joy", BROKEN, -20, 5.24).why())
        .startsWith("not run: texts are incoherent at setting -20 already, with a damage of 5.2");
  }
}
