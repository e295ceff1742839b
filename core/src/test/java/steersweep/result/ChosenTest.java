package steersweep.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.model.HookPoint;
import steersweep.plan.Choice;
import steersweep.plan.ChoiceRule;
import steersweep.plan.Site;
import steersweep.plan.Stage;
import steersweep.plan.Unit;
import steersweep.result.Chosen.Range;

class ChosenTest {
  private static final Chosen CHOSEN =
      new Chosen(
          ChoiceRule.BEST,
          List.of(new Choice("joy", new Site(HookPoint.VALUE, 3, 1), -0.25, Choice.Why.OPPOSITE)),
          List.of(new Range(0, 2), new Range(5, 6), new Range(9, 12)));

  @Test
  void rangesAreTheSetBits() {
    BitSet cells = new BitSet();
    cells.set(0, 2);
    cells.set(5);
    cells.set(9, 12);

    assertThat(Chosen.ranges(cells)).isEqualTo(CHOSEN.cells());
    assertThat(Chosen.ranges(new BitSet())).isEmpty();
  }

  @Test
  void unitsOfWritingHoldTheChosenCellsInTheirOrder() {
    assertThat(CHOSEN.size()).isEqualTo(6);
    assertThat(CHOSEN.units(4))
        .containsExactly(new Unit(Stage.WRITE, 0, 0, 4), new Unit(Stage.WRITE, 1, 4, 6));
    assertThat(CHOSEN.cells(CHOSEN.units(4).get(0))).containsExactly(0L, 1L, 5L, 9L);
    assertThat(CHOSEN.cells(CHOSEN.units(4).get(1))).containsExactly(10L, 11L);
    assertThat(CHOSEN.rank(9)).isEqualTo(OptionalLong.of(3));
    assertThat(CHOSEN.rank(8)).isEmpty();
    assertThat(CHOSEN.rank(12)).isEmpty();
  }

  @Test
  void theFileSaysTheSame(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("chosen.json");

    Json.write(file, CHOSEN);

    assertThat(Json.read(file, Chosen.class)).isEqualTo(CHOSEN);
  }

  @Test
  void cellsThatAreNotAscendingAreRefused() {
    assertThatThrownBy(
            () -> new Chosen(ChoiceRule.ALL, List.of(), List.of(new Range(5, 6), new Range(0, 2))))
        .hasMessageStartingWith("cells are not ascending");
  }
}
