package steersweep.result;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text in pieces that stand in for tokens where there is no tokenizer: runs of at most {@value
 * #MOST_LETTERS} letters, and every other character alone, but for single spaces. Long words come
 * in several pieces, as with real tokens, and so do runs of one letter.
 */
public final class TextPieces {
  private static final int MOST_LETTERS = 8;
  private static final Pattern PIECE =
      Pattern.compile("\\p{L}{1," + MOST_LETTERS + "}|(?<=\\s)\\s|[^\\p{L}\\s]|\\R");

  private TextPieces() {}

  public static List<String> of(String text) {
    List<String> pieces = new ArrayList<>();
    Matcher matcher = PIECE.matcher(text);
    while (matcher.find()) {
      pieces.add(matcher.group());
    }
    return pieces;
  }

  /**
   * Share of the pieces of two texts that the other one has not: 0 for the same pieces in any
   * order, 1 for nothing in common (1 minus the Sørensen-Dice coefficient, pieces counted as often
   * as they occur).
   */
  public static double difference(List<String> one, List<String> other) {
    int all = one.size() + other.size();
    if (all == 0) {
      return 0;
    }
    Map<String, Integer> left = new HashMap<>();
    other.forEach(piece -> left.merge(piece, 1, Integer::sum));
    int common = 0;
    for (String piece : one) {
      if (left.merge(piece, -1, Integer::sum) >= 0) {
        common++;
      }
    }
    return 1 - 2.0 * common / all;
  }
}
