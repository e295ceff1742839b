package steersweep.score;

/**
 * The numbers that judgements rest on: conventions, set before results of a real model were seen,
 * and printed in the report.
 */
public final class Rules {
  /**
   * Pulls whose whole interval lies within this share of what prompting does are negligible: a
   * twentieth of the steering prompt's own effect is not worth steering for.
   */
  public static final double NEGLIGIBLE_SHARE = 0.05;

  /** The same in nats per token, where it is not known what prompting does. */
  public static final double NEGLIGIBLE_PULL = 0.01;

  /** Least share of coherent texts of a site that works. */
  public static final double LEAST_COHERENT = 0.80;

  /** Largest chance that any candidate of a concept is confirmed although none works. */
  public static final double MOST_FALSE = 0.05;

  /** Base prompts that the held-out half needs: with fewer no chance can be as small as 5 %. */
  public static final int LEAST_PROMPTS = 5;

  private Rules() {}
}
