package steersweep.plan;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Which of the steering prompt's activations is added at which position of the run. */
public enum PositionRule {
  /**
   * As in the 2023 LessWrong work: aligned with the base prompt from position 0, cut or zero-padded
   * to its length; every generated position gets position 0 again.
   */
  LW2023,
  /** Aligned as in {@link #LW2023} over the base prompt; nothing at generated positions. */
  PROMPT,
  /** The mean over the steering prompt's positions, the first (BOS) left out, at every position. */
  MEAN,
  /** The steering prompt's last position, at every position. */
  LAST;

  /** Whether the same is added at every position, whatever the base prompt. */
  public boolean constant() {
    return switch (this) {
      case LW2023, PROMPT -> false;
      case MEAN, LAST -> true;
    };
  }

  /** The word used in plans and result files. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static List<String> words() {
    return Arrays.stream(values()).map(PositionRule::word).toList();
  }

  public static Optional<PositionRule> of(String word) {
    return Arrays.stream(values()).filter(rule -> rule.word().equals(word)).findFirst();
  }
}
