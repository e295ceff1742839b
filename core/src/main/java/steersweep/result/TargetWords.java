package steersweep.result;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Counts whole words and phrases in a text, letter case ignored. */
public final class TargetWords {
  private TargetWords() {}

  /** Hits of all words together; null when there are no words to look for. */
  public static @Nullable Integer hits(String text, List<String> words) {
    if (words.isEmpty()) {
      return null;
    }
    String any = words.stream().map(Pattern::quote).collect(Collectors.joining("|"));
    Matcher matcher =
        Pattern.compile("(?<![\\p{L}\\p{N}])(?:" + any + ")(?![\\p{L}\\p{N}])")
            .matcher(text.toLowerCase(Locale.ROOT));
    int hits = 0;
    while (matcher.find()) {
      hits++;
    }
    return hits;
  }
}
