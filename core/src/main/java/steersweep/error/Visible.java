package steersweep.error;

/**
 * Makes characters visible that a page or a terminal would act upon or hide: control characters,
 * line ends, direction overrides, zero-width characters, halves of surrogate pairs.
 */
public final class Visible {
  private Visible() {}

  public static String text(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints().forEach(point -> append(out, point));
    return out.toString();
  }

  /** The same, cut after {@code most} characters, for a message. */
  public static String text(String text, int most) {
    boolean whole = text.length() <= most;
    return text(whole ? text : text.substring(0, most)) + (whole ? "" : "…");
  }

  private static void append(StringBuilder out, int point) {
    switch (point) {
      case '\n' -> out.append('↵');
      case '\t' -> out.append('⇥');
      default -> {
        if (acts(point)) {
          out.append(String.format("[U+%04X]", point));
        } else {
          out.appendCodePoint(point);
        }
      }
    }
  }

  private static boolean acts(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      // Zero-width joiners and non-joiners are part of ordinary writing and of emoji.
      case Character.FORMAT -> point != 0x200C && point != 0x200D;
      default -> false;
    };
  }
}
