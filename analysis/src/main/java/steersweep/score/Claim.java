package steersweep.score;

import java.util.List;

/**
 * A claim of the 2023 work on attention values, judged by this sweep.
 *
 * @param statement the claim, in a few words
 * @param rule when it counts as supported or not
 * @param reason why it was judged as it was, in a sentence
 * @param evidence the numbers
 */
public record Claim(
    String statement, Judgement judgement, String rule, String reason, List<Evidence> evidence) {
  public Claim {
    evidence = List.copyOf(evidence);
  }

  /** What a sweep can say about a claim. */
  public enum Judgement {
    SUPPORTED("supported"),
    NOT_SUPPORTED("not supported"),
    UNCLEAR("unclear");

    private final String words;

    Judgement(String words) {
      this.words = words;
    }

    public String words() {
      return words;
    }
  }

  /**
   * A number behind a judgement.
   *
   * @param what it is, unit included
   * @param value with {@code n} prompt pairs (or points, where {@code what} says so); only the mean
   *     is there where no interval makes sense
   */
  public record Evidence(String what, Interval value) {}
}
