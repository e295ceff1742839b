package steersweep.plan;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the numbers under {@code grid.settings} are. */
public enum DoseUnit {
  /** Factors of the steering activations. */
  RAW,
  /**
   * Doses: the size of the addition relative to the activation it is added to, mean over the
   * prompt's positions. The factor is worked out for each prompt pair and site.
   */
  RELATIVE,
  /**
   * Damages: KL(unsteered || steered) along the baseline's text, nats per token. One factor for
   * each steering source and site is solved for over all base prompts of the concept.
   */
  KL;

  /** The word used in plans. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static List<String> words() {
    return Arrays.stream(values()).map(DoseUnit::word).toList();
  }

  public static Optional<DoseUnit> of(String word) {
    return Arrays.stream(values()).filter(unit -> unit.word().equals(word)).findFirst();
  }
}
