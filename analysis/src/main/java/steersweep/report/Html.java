package steersweep.report;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import steersweep.error.Visible;

/**
 * A piece of HTML or SVG under construction. Tag and attribute names come from the program; every
 * text and every attribute value is escaped, so there is no way to put a foreign text in as markup.
 */
final class Html {
  private final StringBuilder out = new StringBuilder();
  private final Deque<String> open = new ArrayDeque<>();

  /**
   * @param attributes names and values by turns
   */
  Html open(String tag, Object... attributes) {
    start(tag, attributes);
    out.append('>');
    open.push(tag);
    return this;
  }

  /** Closes the element that was opened last. */
  Html close() {
    out.append("</").append(open.pop()).append('>');
    return this;
  }

  Html text(String text) {
    out.append(escape(text));
    return this;
  }

  /** An element with nothing but text in it. */
  Html leaf(String tag, String text, Object... attributes) {
    return open(tag, attributes).text(text).close();
  }

  /** An element that never has anything in it. */
  Html empty(String tag, Object... attributes) {
    start(tag, attributes);
    out.append("/>");
    return this;
  }

  /** Opens a section. */
  Html section(String id, String title) {
    return line().open("section", "id", id).leaf("h2", title);
  }

  /** The head of a table; opens its body. */
  Html columns(Iterable<String> names) {
    open("thead").open("tr");
    names.forEach(name -> leaf("th", name, "scope", "col"));
    return close().close().open("tbody");
  }

  Html add(Html part) {
    out.append(part);
    return this;
  }

  /** A line end, for whoever reads the source. */
  Html line() {
    out.append('\n');
    return this;
  }

  /** The markup; every element must have been closed. */
  @Override
  public String toString() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("elements left open: " + open);
    }
    return out.toString();
  }

  private void start(String tag, Object... attributes) {
    out.append('<').append(tag);
    for (int i = 0; i < attributes.length; i += 2) {
      out.append(' ').append(attributes[i]).append("=\"");
      out.append(escape(value(attributes[i + 1]))).append('"');
    }
  }

  /** Coordinates need no more than a tenth of a pixel. */
  private static String value(Object value) {
    if (value instanceof Double number) {
      String text = String.format(Locale.ROOT, "%.1f", number);
      return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }
    return value.toString();
  }

  static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    String visible = Visible.text(text);
    for (int i = 0; i < visible.length(); i++) {
      char c = visible.charAt(i);
      switch (c) {
        case '&' -> escaped.append("&amp;");
        case '<' -> escaped.append("&lt;");
        case '>' -> escaped.append("&gt;");
        case '"' -> escaped.append("&quot;");
        case '\'' -> escaped.append("&#39;");
        default -> escaped.append(c);
      }
    }
    return escaped.toString();
  }
}
