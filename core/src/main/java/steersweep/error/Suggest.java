package steersweep.error;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/** "Did you mean": the nearest of the known words to an unknown one. */
public final class Suggest {
  private Suggest() {}

  /**
   * The end of a message about an unknown word: {@code did you mean 'settings'? (choices: heads,
   * layers, scales)}. The suggestion is left out when no choice is near.
   */
  public static String among(String word, Collection<String> choices) {
    String list = "(choices: " + String.join(", ", choices) + ")";
    return choices.stream()
        .min(Comparator.comparingInt(choice -> distance(word, choice)))
        .filter(choice -> distance(word, choice) <= Math.max(1, word.length() / 3))
        .map(choice -> "did you mean '" + choice + "'? " + list)
        .orElse(list);
  }

  /** Levenshtein distance, letter case ignored. */
  static int distance(String left, String right) {
    String a = left.toLowerCase(Locale.ROOT);
    String b = right.toLowerCase(Locale.ROOT);
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] current = new int[b.length() + 1];
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(substitution, Math.min(previous[j], current[j - 1]) + 1);
      }
      previous = current;
    }
    return previous[b.length()];
  }
}
