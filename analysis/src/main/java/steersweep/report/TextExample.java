package steersweep.report;

import java.util.List;
import org.jspecify.annotations.Nullable;
import steersweep.score.Point;

/**
 * Texts of one prompt pair side by side, one pair for each concept.
 *
 * @param cell key of the first version's completion
 * @param versions other texts than the baseline's; a role that the sweep has nothing for is left
 *     out
 */
record TextExample(
    long cell,
    String concept,
    String basePrompt,
    String steeringPrompt,
    String baseline,
    List<Version> versions) {
  TextExample {
    versions = List.copyOf(versions);
  }

  /**
   * @param role {@code works}, {@code opposite}, ...
   * @param where the text comes from: site and setting, or in words
   * @param point the site and setting; null for texts without a site
   * @param verdict on that site and setting; empty for texts without a site
   * @param evidence of this text alone, nats
   * @param fluency of this text alone
   */
  record Version(
      String role,
      String where,
      @Nullable Point point,
      String verdict,
      String text,
      double evidence,
      double fluency) {}

  /** Where a text begins to differ from the baseline, at the start of a word. */
  static int difference(String baseline, String text) {
    int shared = 0;
    int most = Math.min(baseline.length(), text.length());
    while (shared < most && baseline.charAt(shared) == text.charAt(shared)) {
      shared++;
    }
    if (shared == text.length() && shared == baseline.length()) {
      return shared;
    }
    while (shared > 0 && !Character.isWhitespace(text.charAt(shared - 1))) {
      shared--;
    }
    return shared;
  }
}
