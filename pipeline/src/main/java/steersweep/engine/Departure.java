package steersweep.engine;

import java.util.Arrays;

/**
 * Where a cell's own text leaves the text that it was read along: all that is needed to write it
 * from there.
 *
 * @param agreed tokens of that text, from its first, that are the cell's own
 * @param nextToken the token that the cell chooses next instead; {@link #NONE} if it never leaves
 * @param margin by how much the log-probability of each of these tokens is above that of the next
 *     best, at least; nats, NaN if the model's output is not finite
 * @param logprobs log-probability of each of these tokens under the steered model; NaN where not
 *     known
 */
public record Departure(int agreed, int nextToken, double margin, float[] logprobs) {
  /** A cell that never leaves chooses no other token. */
  public static final int NONE = -1;

  public Departure {
    int known = nextToken == NONE ? agreed : agreed + 1;
    if (agreed < 0 || nextToken < NONE || logprobs.length != known) {
      throw new IllegalArgumentException(
          "a departure after %d tokens to token %d has %d log-probabilities"
              .formatted(agreed, nextToken, logprobs.length));
    }
  }

  /** As it was written down: without log-probabilities. */
  public static Departure of(int agreed, int nextToken, double margin) {
    float[] unknown = new float[nextToken == NONE ? agreed : agreed + 1];
    Arrays.fill(unknown, Float.NaN);
    return new Departure(agreed, nextToken, margin, unknown);
  }
}
