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

  /** Three positions: rows 0..2, mean in row 3. */
  private static final Activations THREE =
      activations(3, new float[] {1, 10, 2, 20, 4, 60}, new float[] {-1, -10, -2, -20, -4, -60});

  /** One position. */
  private static final Activations ONE = activations(1, new float[] {7, 70}, new float[] {-7, -70});

  private static Activations activations(int positions, float[]... layers) {
    return new Activations(positions, Map.of(HookPoint.VALUE, layers));
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
  void theTableHoldsEachPromptsPositionsThenItsMeanWithoutTheFirstAndLastZeros() {
    Bank bank = bank(THREE, ONE);

    assertThat(bank.rows()).isEqualTo(7);
    assertThat(bank.zeroRow()).isEqualTo(6);
    assertThat(table(bank, 0)).containsExactly(1, 10, 2, 20, 4, 60, 3, 40, 7, 70, 7, 70, 0, 0);
    assertThat(table(bank, 1))
        .containsExactly(-1, -10, -2, -20, -4, -60, -3, -40, -7, -70, -7, -70, 0, 0);
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
    // the steering prompt of three tokens stands second: its rows are 2..4, its mean 5, zeros 6
    "LW2023, 2, '2 3',         2",
    "LW2023, 3, '2 3 4',       2",
    "LW2023, 5, '2 3 4 6 6',   2",
    "LW2023, 1, '2',           2",
    "PROMPT, 2, '2 3',         6",
    "PROMPT, 3, '2 3 4',       6",
    "PROMPT, 5, '2 3 4 6 6',   6",
    "MEAN,   2, '5 5',         5",
    "MEAN,   5, '5 5 5 5 5',   5",
    "LAST,   2, '4 4',         4",
    "LAST,   5, '4 4 4 4 4',   4",
  })
  void aRuleIsAChoiceOfRows(PositionRule rule, int length, String rows, int decodeRow) {
    Bank bank = bank(ONE, THREE);

    assertThat(bank.promptRows(1, rule, length)).containsExactly(ints(rows));
    assertThat(bank.decodeRow(1, rule)).isEqualTo(decodeRow);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    // rows of the one-token prompt: 0, its mean 1; then 2..5 of the other; zeros 6
    "LW2023, '0 6 6', 0",
    "PROMPT, '0 6 6', 6",
    "MEAN,   '1 1 1', 1",
    "LAST,   '0 0 0', 0",
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
