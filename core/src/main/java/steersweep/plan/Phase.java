package steersweep.plan;

import java.util.Locale;

/** What a sweep is at, in the order it comes to it; finer than its stages. */
public enum Phase {
  /** The model is opened. */
  OPEN,
  /** Batches of several sizes are timed. */
  MEASURE,
  SOLVE,
  SCREEN,
  CHOOSE,
  WRITE,
  /** Texts are read by the unsteered model. */
  SCORE,
  REPORT;

  public String word() {
    return this == MEASURE ? "measure batch" : name().toLowerCase(Locale.ROOT);
  }

  /** What most of a stage is spent with. */
  public static Phase of(Stage stage) {
    return switch (stage) {
      case SOLVE -> SOLVE;
      case SCREEN -> SCREEN;
      case WRITE -> WRITE;
    };
  }
}
