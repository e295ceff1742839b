package steersweep.engine;

import java.util.Collections;
import java.util.List;

/** A short trial of how fast a model is, where nothing was measured yet. */
public final class Speed {
  private static final int ROWS = 16;
  private static final int PROMPT_TOKENS = 24;

  /** Tokens generated. */
  private static final int STEPS = 4;

  /** The first one warms up; of the others the fastest counts. */
  private static final int TIMES = 3;

  private Speed() {}

  /** Seconds for a token that goes through the whole model, in batches. */
  public static double secondsForToken(Engine engine) {
    List<int[]> prompts = Collections.nCopies(ROWS, new int[PROMPT_TOKENS]); // any token will do
    double fastest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < TIMES; i++) {
      long start = System.nanoTime();
      Decode.unsteered(engine, prompts, STEPS, List.of());
      if (i > 0) {
        fastest = Math.min(fastest, (System.nanoTime() - start) / 1e9);
      }
    }
    return fastest / (ROWS * (PROMPT_TOKENS + STEPS));
  }
}
