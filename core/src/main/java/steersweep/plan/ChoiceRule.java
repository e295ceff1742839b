package steersweep.plan;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Which cells of a sweep get a text. */
public enum ChoiceRule {
  /** Those that the readings speak for, a sample of the others, and their controls. */
  BEST,
  /** Every cell. */
  ALL,
  /** Steered cells within the plan's guards, and their controls. */
  SURVIVORS;

  /** The word used in plans. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static List<String> words() {
    return Arrays.stream(values()).map(ChoiceRule::word).toList();
  }

  public static Optional<ChoiceRule> of(String word) {
    return Arrays.stream(values()).filter(rule -> rule.word().equals(word)).findFirst();
  }
}
