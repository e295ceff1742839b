package steersweep.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import steersweep.model.HookPoint;

class FactorGridTest {
  private static final List<Site> SITES =
      List.of(new Site(HookPoint.VALUE, 0, 1), new Site(HookPoint.RESIDUAL_POST, 2, -1));

  /** Two concepts, one of them with two steering prompts: three of them, five pairs. */
  private static CellGrid cells(Controls controls) {
    List<PromptPair> pairs = new ArrayList<>();
    for (String base : List.of("Food:", "I eat", "We cook")) {
      pairs.add(new PromptPair(pairs.size(), "vegan", base, "I am vegan.", List.of()));
    }
    pairs.add(new PromptPair(3, "evil", "Heroes:", "I am evil.", List.of()));
    pairs.add(new PromptPair(4, "evil", "Heroes:", "Evil AI.", List.of()));
    return new CellGrid(pairs, SITES, List.of(-0.3, 0.3, 1.0), PositionRule.MEAN, controls);
  }

  @Test
  void aSourceHasOneFactorForAllBasePromptsOfItsConcept() {
    FactorGrid grid = new FactorGrid(cells(Controls.NONE));

    assertThat(grid.size()).isEqualTo(3 * 2 * 3);
    assertThat(grid.places()).hasSize(3 * 2);
    assertThat(grid.places().get(0).source().pairs())
        .extracting("basePrompt")
        .containsExactly("Food:", "I eat", "We cook");
    assertThat(grid.places().get(5).source().steeringPrompt()).isEqualTo("Evil AI.");
    assertThat(grid.places().get(5).site()).isEqualTo(SITES.get(1));
  }

  @Test
  void randomDirectionsHaveAFactorForEachSizeOfASetting() {
    FactorGrid grid = new FactorGrid(cells(new Controls(2, 1, true, true)));

    assertThat(grid.places()).hasSize(3 * (1 + 2 + 1 + 1) * 2);
    FactorGrid.Source random = grid.places().get(4).source();
    assertThat(random.kind()).isEqualTo(CellKind.RANDOM);
    assertThat(random.draw()).isEqualTo(1);
    assertThat(grid.settings(random)).containsExactly(0.3, 1.0);
    assertThat(grid.size()).isEqualTo(3 * 2 * (3 + 2 * 2 + 3 + 3));
  }

  @Test
  void unitsHoldEveryPlaceOnce() {
    FactorGrid grid = new FactorGrid(cells(new Controls(2, 1, true, true)));

    List<Unit> units = grid.units(10);
    assertThat(units).extracting(Unit::stage).containsOnly(Stage.SOLVE);
    assertThat(units).hasSizeGreaterThan(1);
    assertThat(units.stream().mapToLong(Unit::size).sum()).isEqualTo(grid.size());
    assertThat(units.stream().flatMap(unit -> grid.places(unit).stream()).toList())
        .isEqualTo(grid.places());
  }
}
