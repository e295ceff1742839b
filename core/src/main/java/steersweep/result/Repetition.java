package steersweep.result;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.Deflater;
import steersweep.measure.Measure;
import steersweep.measure.Measures;

/**
 * How repetitive a text is, without a model.
 *
 * @param distinct1 distinct tokens / tokens; 1 = no repetition, and 1 for texts too short to repeat
 * @param distinct2 the same for pairs of neighbouring tokens
 * @param distinct3 the same for triples
 * @param zlibRatio deflated bytes / bytes of the text; the lower, the more repetitive. Comparable
 *     between texts of like length only; 1 for an empty text
 */
public record Repetition(double distinct1, double distinct2, double distinct3, double zlibRatio) {
  /**
   * @param tokens token ids, or {@link TextPieces} where there are none
   */
  public static Repetition of(List<?> tokens, String text) {
    return new Repetition(
        distinct(tokens, 1), distinct(tokens, 2), distinct(tokens, 3), zlibRatio(text));
  }

  public Measures measures() {
    return Measures.NONE
        .with(Measure.DISTINCT_1, distinct1)
        .with(Measure.DISTINCT_2, distinct2)
        .with(Measure.DISTINCT_3, distinct3)
        .with(Measure.ZLIB_RATIO, zlibRatio);
  }

  private static double distinct(List<?> tokens, int n) {
    int grams = tokens.size() - n + 1;
    if (grams < 1) {
      return 1;
    }
    Set<List<?>> seen = new HashSet<>();
    for (int i = 0; i < grams; i++) {
      seen.add(tokens.subList(i, i + n));
    }
    return (double) seen.size() / grams;
  }

  private static double zlibRatio(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0) {
      return 1;
    }
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION);
    try {
      deflater.setInput(bytes);
      deflater.finish();
      byte[] buffer = new byte[bytes.length + 64];
      int compressed = 0;
      while (!deflater.finished()) {
        compressed += deflater.deflate(buffer);
      }
      return (double) compressed / bytes.length;
    } finally {
      deflater.end();
    }
  }
}
