package steersweep.plan;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Layer or head numbers as a plan writes them: {@code 3}, {@code "0-2, 8-24+2"} and lists of these.
 * A range holds both of its ends; what comes after the plus is the step. Ranges may overlap.
 */
final class NumberRanges {
  static final String EXPECTED = "numbers (3), ranges (0-7) or ranges with a step (0-30+2)";

  /** Far beyond any model; keeps a mistyped range from becoming a list of a thousand million. */
  private static final int LARGEST = 99_999;

  private static final String WITHIN = "numbers from 0 to " + LARGEST;

  /** More digits than {@link #LARGEST} has, so that those are told from what is no number. */
  private static final String DIGITS = "(\\d{1,9})";

  private static final Pattern TERM =
      Pattern.compile(DIGITS + "(?:\\s*-\\s*" + DIGITS + "(?:\\s*\\+\\s*" + DIGITS + ")?)?");

  private final String expected;
  private final BitSet numbers = new BitSet();

  /**
   * @param expected what a fault says should stand there
   */
  NumberRanges(String expected) {
    this.expected = expected;
  }

  /** Adds a number, or text with numbers and ranges between commas. */
  void add(PlanValue value) {
    JsonNode node = value.node();
    if (node.isTextual()) {
      for (String term : node.asText().split(",", -1)) {
        addTerm(value, term.strip());
      }
    } else if (node.isIntegralNumber()) {
      addNumber(value, node.asLong());
    } else if (!value.faulty()) {
      value.fault("not a number or range", expected);
    }
  }

  /** Every number once, ascending. */
  List<Integer> sorted() {
    return numbers.stream().boxed().toList();
  }

  private void addNumber(PlanValue value, long number) {
    if (number < 0) {
      value.fault("negative", WITHIN);
    } else if (number > LARGEST) {
      value.fault("too large", WITHIN);
    } else {
      numbers.set((int) number);
    }
  }

  private void addTerm(PlanValue value, String term) {
    Matcher matcher = TERM.matcher(term);
    if (!matcher.matches()) {
      value.fault("not a number or range", PlanValue.quoted(term), expected);
      return;
    }
    int from = Integer.parseInt(matcher.group(1));
    int to = matcher.group(2) == null ? from : Integer.parseInt(matcher.group(2));
    int step = matcher.group(3) == null ? 1 : Integer.parseInt(matcher.group(3));
    if (Math.max(from, to) > LARGEST) {
      value.fault("too large", PlanValue.quoted(term), WITHIN);
    } else if (from > to) {
      value.fault("backward range", PlanValue.quoted(term), "'" + to + "-" + from + "'");
    } else if (step == 0) {
      value.fault("step of 0", PlanValue.quoted(term), "a step of 1 or more");
    } else {
      for (int number = from; number <= to; number += step) {
        numbers.set(number);
      }
    }
  }
}
