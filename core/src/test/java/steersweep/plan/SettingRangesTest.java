package steersweep.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import steersweep.error.Faults;

class SettingRangesTest {
  private final Faults faults = new Faults();
  private final SettingRanges settings = new SettingRanges();

  private void add(String text) {
    add(JsonNodeFactory.instance.textNode(text));
  }

  private void add(JsonNode node) {
    settings.add(new PlanValue(faults, "a.yaml", "grid.settings", node));
  }

  @Test
  void rangesHoldBothEndsInDecimals() {
    add("0.1-0.5+0.1");

    assertThat(settings.inOrder()).containsExactly(0.1, 0.2, 0.3, 0.4, 0.5);
  }

  @Test
  void rangesAcrossZeroLeaveItOutAndMayBeginAndEndBelowIt() {
    add("-1-1+0.5, -3--2");

    assertThat(settings.inOrder()).containsExactly(-1.0, -0.5, 0.5, 1.0, -3.0, -2.0);
  }

  @Test
  void settingsKeepTheOrderOfThePlan() {
    add(JsonNodeFactory.instance.numberNode(9L));
    add("-2, 3-4");

    assertThat(settings.inOrder()).containsExactly(9.0, -2.0, 3.0, 4.0);
    assertThat(faults.all()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "5-2         | backward range; got '5-2', expected '2-5'",
        "0.1-0.5     | range without a step; got '0.1-0.5', expected '0.1-0.5+STEP'",
        "1-2+0       | no step; got '1-2+0', expected a step above 0",
        "1-2+-1      | no step; got '1-2+-1', expected a step above 0",
        "0-1+0.00001 | too long a range; got '0-1+0.00001', expected at most 10000 settings",
        "3, 3        | given twice; got 3, expected no doubles",
        "2, 1-3      | given twice; got '1-3', expected no doubles",
        "0           | 0 is the baseline, which is always run; got 0, expected a number other than 0",
        "1e99        | not a finite 32-bit number; got 1e99, expected a size between 1e-45 and 3e38",
      })
  void aTermThatCannotBeReadIsAFault(String text, String fault) {
    add(text);

    assertThat(faults.all()).containsExactly("a.yaml: grid.settings: " + fault);
  }
}
