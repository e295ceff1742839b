package steersweep.plan;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The mean over many pairs of texts of what the model does with the positive one minus what it does
 * with the negative one; the same at every position.
 *
 * @param file where the pairs were read, as the plan names it
 * @param hash of the file
 * @param at which tokens of a text count
 */
public record MeanDifference(String file, String hash, Tokens at, List<Pair> pairs)
    implements SteeringSource {
  /** The tokens of a text whose activations are taken, their mean if there are several. */
  public enum Tokens {
    /** The last one. */
    LAST,
    /** Those after what both texts of the pair begin with, or after the pair's question. */
    ANSWER,
    /** All but the first, where a text has more than one. */
    ALL;

    /** The word used in plans. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    public static List<String> words() {
      return Arrays.stream(values()).map(Tokens::word).toList();
    }

    public static Optional<Tokens> of(String word) {
      return Arrays.stream(values()).filter(tokens -> tokens.word().equals(word)).findFirst();
    }
  }

  /**
   * @param question what stands before both; empty for nothing
   * @param positive text that shows the concept
   * @param negative text that shows its opposite
   */
  public record Pair(String question, String positive, String negative) implements Serializable {
    public String wholePositive() {
      return question + positive;
    }

    public String wholeNegative() {
      return question + negative;
    }
  }

  public MeanDifference {
    pairs = List.copyOf(pairs);
  }

  @Override
  public String identity() {
    return "pairs\0" + at.word() + "\0" + hash;
  }
}
