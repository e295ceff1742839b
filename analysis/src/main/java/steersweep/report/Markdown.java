package steersweep.report;

import steersweep.error.Visible;

/**
 * Puts foreign texts into Markdown so that they stay texts, in a table cell too; never at the start
 * of a line, where more characters would have a meaning.
 */
final class Markdown {
  private static final String MARKS = "\\`*_[]#!|~";

  private Markdown() {}

  static String escape(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    for (char c : Visible.text(text).toCharArray()) {
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        // No name becomes a notification where the text is pasted.
        case '@' -> out.append("@\u2060");
        default -> {
          if (MARKS.indexOf(c) >= 0) {
            out.append('\\');
          }
          out.append(c);
        }
      }
    }
    // And no web address a link.
    return out.toString().replace("://", "&#58;//");
  }

  /** A row of a table; the cells are Markdown already. */
  static String row(Iterable<String> cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }
}
