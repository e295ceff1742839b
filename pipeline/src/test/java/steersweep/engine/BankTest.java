package steersweep.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.PositionRule;

class BankTest {
  /** Width 2 at every hook point, two layers. */
  private static final ModelShape SHAPE = new ModelShape(2, 1, 1, 2, 2, 2, 2, 8);

  private static final List<HookPoint> VALUE = List.of(HookPoint.VALUE);

  /** Three positions: rows 0..2, mean in row 3, the last position again in row 4. */
  private static final Activations THREE =
      activations(3, new float[] {1, 10, 2, 20, 4, 60}, new float[] {-1, -10, -2, -20, -4, -60});

  /** One position. */
  private static final Activations ONE = activations(1, new float[] {7, 70}, new float[] {-7, -70});

  private static Activations activations(int positions, float[]... layers) {
    return Activations.of(positions, Map.of(HookPoint.VALUE, layers));
  }

  private static Bank bank(Activations... prompts) {
    return Bank.of(SHAPE, VALUE, List.of(prompts));
  }

  private static float[] table(Bank bank, int layer) {
    FloatBuffer values = bank.values(HookPoint.VALUE, layer);
    float[] table = new float[values.remaining()];
    values.duplicate().get(table);
    return table;
  }

  @Test
  void theTableHoldsEachPromptsPositionsThenItsMeanWithoutTheFirstThenItsLastAndInTheEndZeros() {
    Bank bank = bank(THREE, ONE);

    assertThat(bank.rows()).isEqualTo(9);
    assertThat(bank.zeroRow()).isEqualTo(8);
    assertThat(table(bank, 0))
        .containsExactly(1, 10, 2, 20, 4, 60, 3, 40, 4, 60, 7, 70, 7, 70, 7, 70, 0, 0);
    assertThat(table(bank, 1))
        .containsExactly(
            -1, -10, -2, -20, -4, -60, -3, -40, -4, -60, -7, -70, -7, -70, -7, -70, 0, 0);
  }

  @Test
  void aBankWithoutPromptsHasOnlyTheZeros() {
    Bank bank = Bank.empty(SHAPE, VALUE);

    assertThat(bank.rows()).isEqualTo(1);
    assertThat(bank.zeroRow()).isZero();
    assertThat(table(bank, 1)).containsExactly(0, 0);
  }

  @ParameterizedTest(name = "{0}, base prompt of {1}")
  @CsvSource({
    // the steering prompt of three tokens stands second: its rows are 3..5, its mean 6, its last 7,
    // zeros 8
    "LW2023, 2, '3 4',         3",
    "LW2023, 3, '3 4 5',       3",
    "LW2023, 5, '3 4 5 8 8',   3",
    "LW2023, 1, '3',           3",
    "PROMPT, 2, '3 4',         8",
    "PROMPT, 3, '3 4 5',       8",
    "PROMPT, 5, '3 4 5 8 8',   8",
    "MEAN,   2, '6 6',         6",
    "MEAN,   5, '6 6 6 6 6',   6",
    "LAST,   2, '7 7',         7",
    "LAST,   5, '7 7 7 7 7',   7",
  })
  void aRuleIsAChoiceOfRows(PositionRule rule, int length, String rows, int decodeRow) {
    Bank bank = bank(ONE, THREE);

    assertThat(bank.promptRows(1, rule, length)).containsExactly(ints(rows));
    assertThat(bank.decodeRow(1, rule)).isEqualTo(decodeRow);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    // rows of the one-token prompt: 0, its mean 1, its last 2; then 3..7 of the other; zeros 8
    "LW2023, '0 8 8', 0",
    "PROMPT, '0 8 8', 8",
    "MEAN,   '1 1 1', 1",
    "LAST,   '2 2 2', 2",
  })
  void aSteeringPromptOfOneTokenHasARowUnderEveryRule(
      PositionRule rule, String rows, int decodeRow) {
    Bank bank = bank(ONE, THREE);

    assertThat(bank.promptRows(0, rule, 3)).containsExactly(ints(rows));
    assertThat(bank.decodeRow(0, rule)).isEqualTo(decodeRow);
  }

  @ParameterizedTest
  @EnumSource(PositionRule.class)
  void oneTokenAgainstOneTokenAddsThatToken(PositionRule rule) {
    Bank bank = bank(ONE);

    int row = bank.promptRows(0, rule, 1)[0];

    assertThat(table(bank, 0)[2 * row]).isEqualTo(7);
  }

  @Test
  void aHookPointThatWasNotCapturedIsNamed() {
    assertThatThrownBy(() -> Bank.of(SHAPE, List.of(HookPoint.MLP_OUTPUT), List.of(ONE)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no activations of mlp_output were captured");
  }

  private static int[] ints(String numbers) {
    return List.of(numbers.split(" ")).stream().mapToInt(Integer::parseInt).toArray();
  }
}
