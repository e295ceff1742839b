package steersweep.plan;

/**
 * What is run beside the steered cells, to compare them with.
 *
 * @param random random directions at each site and |setting|
 * @param shuffled orders of the steering prompt's tokens at each site and setting
 * @param unrelated whether another concept's steering prompt is tried at each site and setting
 * @param prompted whether the steering prompt is tried as plain text, once for each prompt pair
 */
public record Controls(int random, int shuffled, boolean unrelated, boolean prompted) {
  public static final Controls NONE = new Controls(0, 0, false, false);

  public Controls {
    if (random < 0 || shuffled < 0) {
      throw new IllegalArgumentException("a number of controls is never negative");
    }
  }
}
