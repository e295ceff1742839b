package steersweep.plan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import steersweep.error.Faults;

class NumberRangesTest {
  private final Faults faults = new Faults();
  private final NumberRanges numbers = new NumberRanges("numbers");

  private void add(String text) {
    add(JsonNodeFactory.instance.textNode(text));
  }

  private void add(JsonNode node) {
    numbers.add(new PlanValue(faults, "a.yaml", "grid.layers", node));
  }

  @Test
  void rangesHoldBothEnds() {
    add("8-12");

    assertThat(numbers.sorted()).containsExactly(8, 9, 10, 11, 12);
  }

  @Test
  void theStepBeginsAtTheFirstNumberAndMayMissTheLast() {
    add("8-15+3");

    assertThat(numbers.sorted()).containsExactly(8, 11, 14);
  }

  @Test
  void aRangeOfOneNumberIsThatNumber() {
    add("3-3");
    add("7-7+2");

    assertThat(numbers.sorted()).containsExactly(3, 7);
  }

  @Test
  void blanksAndLeadingZerosAreIgnored() {
    add(" 0 - 2 , 08 - 012 + 2 ");

    assertThat(numbers.sorted()).containsExactly(0, 1, 2, 8, 10, 12);
  }

  @Test
  void numbersAreSortedAndOverlapsCountOnce() {
    add(JsonNodeFactory.instance.numberNode(9L));
    add("4-6, 5, 0-8+4");

    assertThat(numbers.sorted()).containsExactly(0, 4, 5, 6, 8, 9);
    assertThat(faults.all()).isEmpty();
  }

  @Test
  void theLargestRangeIsAHundredThousandNumbers() {
    add("0-99999");

    assertThat(numbers.sorted()).isEqualTo(IntStream.range(0, 100_000).boxed().toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "5-2       | backward range; got '5-2', expected '2-5'",
        "0-8+0     | step of 0; got '0-8+0', expected a step of 1 or more",
        "0-100000  | too large; got '0-100000', expected numbers from 0 to 99999",
        "100000    | too large; got '100000', expected numbers from 0 to 99999",
        "999999999 | too large; got '999999999', expected numbers from 0 to 99999",
        "-1        | not a number or range; got '-1', expected numbers",
        "1.5       | not a number or range; got '1.5', expected numbers",
        "1-        | not a number or range; got '1-', expected numbers",
        "1+2       | not a number or range; got '1+2', expected numbers",
        "1..4      | not a number or range; got '1..4', expected numbers",
        "0-4-8     | not a number or range; got '0-4-8', expected numbers",
        "0-1 4     | not a number or range; got '0-1 4', expected numbers",
        "٣         | not a number or range; got '٣', expected numbers",
        "all       | not a number or range; got 'all', expected numbers",
        "99999999999999999999 | not a number or range; got '99999999999999999999', expected"
            + " numbers",
      })
  void aTermThatCannotBeReadIsAFault(String text, String fault) {
    add(text);

    assertThat(faults.all()).containsExactly("a.yaml: grid.layers: " + fault);
    assertThat(numbers.sorted()).isEmpty();
  }

  @Test
  void eachFaultyTermIsReportedAndTheOthersAreRead() {
    add("1,,x,4-3,2,");

    assertThat(faults.all())
        .containsExactly(
            "a.yaml: grid.layers: not a number or range; got nothing, expected numbers",
            "a.yaml: grid.layers: not a number or range; got 'x', expected numbers",
            "a.yaml: grid.layers: backward range; got '4-3', expected '3-4'",
            "a.yaml: grid.layers: not a number or range; got nothing, expected numbers");
    assertThat(numbers.sorted()).containsExactly(1, 2);
  }

  @ParameterizedTest
  @ValueSource(longs = {100_000, 4_294_967_296L, Long.MAX_VALUE})
  void aNumberBeyondAnyModelIsTooLarge(long number) {
    add(JsonNodeFactory.instance.numberNode(number));

    assertThat(faults.all())
        .containsExactly(
            "a.yaml: grid.layers: too large; got " + number + ", expected numbers from 0 to 99999");
  }

  @Test
  void whatIsNeitherTextNorAWholeNumberIsAFault() {
    add(JsonNodeFactory.instance.numberNode(-1L));
    add(JsonNodeFactory.instance.numberNode(3.0));
    add(JsonNodeFactory.instance.booleanNode(true));
    add(JsonNodeFactory.instance.arrayNode().add(3));
    add(JsonNodeFactory.instance.nullNode());

    assertThat(faults.all())
        .containsExactly(
            "a.yaml: grid.layers: negative; got -1, expected numbers from 0 to 99999",
            "a.yaml: grid.layers: not a number or range; got 3.0, expected numbers",
            "a.yaml: grid.layers: not a number or range; got true, expected numbers",
            "a.yaml: grid.layers: not a number or range; got a list, expected numbers",
            "a.yaml: grid.layers: not a number or range; got nothing, expected numbers");
  }
}
