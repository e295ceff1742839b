package steersweep.engine;

import java.util.Collections;
import java.util.List;
import steersweep.model.ProcessorTime;

/** A short trial of how fast a model is, where nothing was measured yet. */
public final class Speed {
  private static final int ROWS = 16;
  private static final int PROMPT_TOKENS = 24;

  /** Tokens generated. */
  private static final int STEPS = 4;

  /** Of the processors, where several share a run. */
  private static final double BUSY = 0.8;

  /** The first one warms up; of the others the fastest counts. */
  private static final int TIMES = 3;

  private Speed() {}

  /**
   * Seconds for a token that goes through the whole model, in batches, if nothing else runs.
   *
   * @param onProcessors whether processors do the work
   * @param threads of the runtime; 0 for as many as there are processors
   */
  public static double secondsForToken(Engine engine, boolean onProcessors, int threads) {
    List<int[]> prompts = Collections.nCopies(ROWS, new int[PROMPT_TOKENS]); // any token will do
    double fastest = Double.POSITIVE_INFINITY;
    for (int i = 0; i < TIMES; i++) {
      long start = System.nanoTime();
      double processors = ProcessorTime.seconds();
      Decode.unsteered(engine, prompts, STEPS, List.of());
      if (i > 0) {
        double seconds = (System.nanoTime() - start) / 1e9;
        double alone = (ProcessorTime.seconds() - processors) / usable(threads);
        fastest = Math.min(fastest, onProcessors ? Math.min(seconds, alone) : seconds);
      }
    }
    return fastest / (ROWS * (PROMPT_TOKENS + STEPS));
  }

  /** Processors that a run of the model keeps busy. */
  private static double usable(int threads) {
    int processors = Runtime.getRuntime().availableProcessors();
    return Math.max(1, BUSY * (threads > 0 ? Math.min(threads, processors) : processors));
  }
}
