package steersweep.report;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A drawing with what belongs to it.
 *
 * @param id letters, digits and hyphens; unique in the report, and the name of its SVG file
 * @param title one line
 * @param caption what is drawn and how to read it
 * @param svg the drawing, an {@code svg} element with role, title and description
 * @param table its numbers
 * @param wide whether it needs the page's whole width
 */
record Figure(String id, String title, String caption, Html svg, Html table, boolean wide) {
  private static final String SVG_START = "<svg ";

  /** Room for the title above a drawing that stands alone. */
  private static final int HEAD = 26;

  private static final int TITLE_LETTER = 8;

  private static final Pattern SIZE =
      Pattern.compile("viewBox=\"0 0 (\\d+) (\\d+)\" width=\"([\\d.]+)\" height=\"([\\d.]+)\"");
  private static final String LIGHT_STYLE = Template.text("figure.css") + Palette.css(false);

  /** A {@code figure} element. */
  Html html() {
    Html html = new Html().open("figure", "id", id, "class", wide ? "wide" : "narrow");
    html.leaf("h4", title);
    html.open("div", "class", "drawing", "tabindex", "0", "role", "group", "aria-label", title);
    html.add(svg).close();
    html.leaf("figcaption", caption);
    html.open("details").leaf("summary", "Numbers").open("div", "class", "scroll").add(table);
    return html.close().close().close().line();
  }

  /**
   * The drawing as a file that needs nothing else: for slides and papers, so on white ground and
   * with its title.
   */
  String svgFile() {
    String drawing = svg.toString();
    int end = drawing.indexOf('>');
    String start =
        SIZE.matcher(drawing.substring(SVG_START.length(), end + 1))
            .replaceFirst(
                size -> {
                  int width =
                      Math.max(Integer.parseInt(size.group(1)), TITLE_LETTER * title.length());
                  int height = Integer.parseInt(size.group(2)) + HEAD;
                  return "viewBox=\"0 -%d %d %d\" width=\"%d\" height=\"%d\""
                      .formatted(HEAD, width, height, width, height);
                });
    Html head =
        new Html()
            .empty("rect", "y", -HEAD, "width", "100%", "height", "100%", "fill", "#fff")
            .leaf("text", title, "class", "name", "x", 4, "y", 10 - HEAD);
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" "
        + start
        + "<style>"
        + LIGHT_STYLE
        + "</style>"
        + drawing
            .substring(end + 1)
            .replaceFirst("</desc>", "</desc>" + Matcher.quoteReplacement(head.toString()))
        + "\n";
  }

  /** Style rules for drawings in a page, on light ground, on dark ground and on paper. */
  static String pageStyle() {
    return LIGHT_STYLE
        + "@media screen and (prefers-color-scheme: dark) {\n"
        + Template.text("figure-dark.css")
        + Palette.css(true)
        + "}\n";
  }

  /**
   * The start of a drawing.
   *
   * @param width pixels at full size; it shrinks with the page
   * @param least share of that below which it does not shrink, but scrolls
   */
  static Html drawing(
      String id, String title, String description, double width, double height, double least) {
    return new Html()
        .open(
            "svg",
            "role",
            "img",
            "aria-labelledby",
            id + "-title " + id + "-desc",
            "viewBox",
            "0 0 " + Math.round(width) + " " + Math.round(height),
            "width",
            width,
            "height",
            height,
            "style",
            "min-width:" + Math.round(width * least) + "px")
        .leaf("title", title, "id", id + "-title")
        .leaf("desc", description, "id", id + "-desc");
  }
}
