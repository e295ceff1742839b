package steersweep.plan;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Settings as a plan writes them: {@code 0.3}, {@code "-1, 0.25-1+0.25"} and lists of these. A
 * range holds both of its ends, as far as the step meets them, and leaves out 0, which is the
 * baseline. In the order of the plan.
 */
final class SettingRanges {
  static final String EXPECTED =
      "numbers other than 0 (0.3), whole ranges (1-5) or ranges with a step (-1-1+0.5)";

  /** Keeps a mistyped step from becoming a grid of millions. */
  private static final int MOST_OF_RANGE = 10_000;

  private static final String NUMBER =
      "([-+]?(?:(?:0|[1-9][0-9]*)(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][-+]?[0-9]{1,4})?)";

  private static final Pattern TERM =
      Pattern.compile(NUMBER + "(?:\\s*-\\s*" + NUMBER + "(?:\\s*\\+\\s*" + NUMBER + ")?)?");

  /** With the place where each was given first. */
  private final Map<Double, String> settings = new LinkedHashMap<>();

  /** Adds a number, or text with numbers and ranges between commas. */
  void add(PlanValue value) {
    JsonNode node = value.node();
    if (node.isNumber()) {
      add(value, node.asText(), node.asDouble());
    } else if (node.isTextual()) {
      for (String term : node.asText().split(",", -1)) {
        addTerm(value, term.strip());
      }
    } else if (!value.faulty()) {
      value.fault("not a number or range", EXPECTED);
    }
  }

  /** Every setting once, in the plan's order. */
  List<Double> inOrder() {
    return List.copyOf(settings.keySet());
  }

  private void addTerm(PlanValue value, String term) {
    Matcher matcher = TERM.matcher(term);
    if (!matcher.matches()) {
      value.fault("not a number or range", PlanValue.quoted(term), EXPECTED);
      return;
    }
    if (matcher.group(2) == null) {
      add(value, term, Double.parseDouble(term));
      return;
    }
    BigDecimal from = new BigDecimal(matcher.group(1));
    BigDecimal to = new BigDecimal(matcher.group(2));
    String givenStep = matcher.group(3);
    boolean whole = from.stripTrailingZeros().scale() <= 0 && to.stripTrailingZeros().scale() <= 0;
    if (from.compareTo(to) > 0) {
      value.fault(
          "backward range",
          PlanValue.quoted(term),
          "'" + matcher.group(2) + "-" + matcher.group(1) + "'");
    } else if (givenStep == null && !whole) {
      value.fault("range without a step", PlanValue.quoted(term), "'" + term + "+STEP'");
    } else {
      BigDecimal step = givenStep == null ? BigDecimal.ONE : new BigDecimal(givenStep);
      addRange(value, term, from, to, step);
    }
  }

  private void addRange(
      PlanValue value, String term, BigDecimal from, BigDecimal to, BigDecimal step) {
    if (step.signum() <= 0) {
      value.fault("no step", PlanValue.quoted(term), "a step above 0");
      return;
    }
    if (to.subtract(from).doubleValue() / step.doubleValue() >= MOST_OF_RANGE) {
      value.fault(
          "too long a range", PlanValue.quoted(term), "at most " + MOST_OF_RANGE + " settings");
      return;
    }
    for (BigDecimal setting : decimals(from, to, step)) {
      if (setting.signum() != 0) {
        add(value, PlanValue.quoted(term), setting.doubleValue());
      }
    }
  }

  /** In decimals, so that 0.1-0.5+0.1 holds the number that 0.3 is. */
  private static List<BigDecimal> decimals(BigDecimal from, BigDecimal to, BigDecimal step) {
    List<BigDecimal> all = new ArrayList<>();
    for (BigDecimal next = from; next.compareTo(to) <= 0; next = next.add(step)) {
      all.add(next);
    }
    return all;
  }

  /** The graph computes with 32-bit floats at most, so that is where a setting must not vanish. */
  private void add(PlanValue value, String shown, double setting) {
    if (setting == 0) {
      value.fault("0 is the baseline, which is always run", shown, "a number other than 0");
    } else if (!Float.isFinite((float) setting) || (float) setting == 0) {
      value.fault("not a finite 32-bit number", shown, "a size between 1e-45 and 3e38");
    } else {
      String first = settings.putIfAbsent(setting, value.path());
      if (first != null) {
        value.fault(
            first.equals(value.path()) ? "given twice" : "already given at " + first,
            shown,
            "no doubles");
      }
    }
  }
}
