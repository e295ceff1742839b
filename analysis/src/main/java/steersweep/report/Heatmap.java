package steersweep.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A grid of coloured cells with their numbers in them.
 *
 * @param id as in {@link Figure}
 * @param description for those who cannot see it
 * @param rowAxis what the rows are
 * @param columnAxis what the columns are
 * @param cells rows of cells, null where there is nothing
 * @param low value of the palette's first colour
 * @param high value of its last colour
 * @param unit what the numbers are, for the legend
 */
record Heatmap(
    String id,
    String title,
    String description,
    String rowAxis,
    String columnAxis,
    List<String> rows,
    List<String> columns,
    List<List<@Nullable Cell>> cells,
    Palette palette,
    double low,
    double high,
    String unit) {
  private static final double CELL_WIDTH = 46;
  private static final double CELL_HEIGHT = 24;
  private static final double LEFT = 46;
  private static final double TOP = 42;
  private static final double LEGEND = 66;
  private static final double LEAST_WIDTH = 380;
  private static final int LEGEND_STEPS = 40;

  /**
   * @param tooltip everything about the cell
   */
  record Cell(double value, Mark mark, String tooltip) {}

  /** How a cell is set off from the others. */
  enum Mark {
    NONE,
    /** Outlined. */
    WORKS,
    /** Hatched grey instead of a colour. */
    INCOHERENT
  }

  Figure figure(String caption) {
    return new Figure(id, title, caption, svg(), table());
  }

  private Html svg() {
    double width = Math.max(LEAST_WIDTH, LEFT + columns.size() * CELL_WIDTH + 8);
    double bottom = TOP + rows.size() * CELL_HEIGHT;
    Html svg = Figure.drawing(id, title, description, width, bottom + LEGEND);
    defineHatch(svg);
    axes(svg);
    for (int row = 0; row < rows.size(); row++) {
      for (int column = 0; column < columns.size(); column++) {
        Cell cell = cells.get(row).get(column);
        double x = LEFT + column * CELL_WIDTH;
        double y = TOP + row * CELL_HEIGHT;
        if (cell == null) {
          svg.empty("rect", "class", "missing", "x", x + 1, "y", y + 1, "width", 44, "height", 22);
        } else {
          draw(svg, cell, x, y);
        }
      }
    }
    legend(svg, bottom + 16);
    return svg.close();
  }

  private void defineHatch(Html svg) {
    svg.open("defs")
        .open(
            "pattern",
            "id",
            id + "-hatch",
            "patternUnits",
            "userSpaceOnUse",
            "width",
            6,
            "height",
            6)
        .empty("rect", "class", "hatch-ground", "width", 6, "height", 6)
        .empty("path", "class", "hatch-line", "d", "M-1 1L1 -1M0 6L6 0M5 7L7 5")
        .close()
        .close();
  }

  private void axes(Html svg) {
    svg.leaf("text", rowAxis, "class", "axis", "x", 4, "y", TOP - 8);
    svg.leaf("text", columnAxis + " →", "class", "axis", "x", LEFT, "y", 14);
    for (int column = 0; column < columns.size(); column++) {
      double x = LEFT + (column + 0.5) * CELL_WIDTH;
      svg.leaf("text", columns.get(column), "class", "tick mid", "x", x, "y", TOP - 8);
    }
    for (int row = 0; row < rows.size(); row++) {
      double y = TOP + row * CELL_HEIGHT + 16;
      svg.leaf("text", rows.get(row), "class", "tick end", "x", LEFT - 8, "y", y);
    }
  }

  private void draw(Html svg, Cell cell, double x, double y) {
    boolean broken = cell.mark() == Mark.INCOHERENT;
    Palette.Colour colour = palette.at(cell.value(), low, high);
    svg.open("g").leaf("title", cell.tooltip());
    svg.empty(
        "rect",
        "x",
        x + 0.5,
        "y",
        y + 0.5,
        "width",
        CELL_WIDTH - 1,
        "height",
        CELL_HEIGHT - 1,
        "fill",
        broken ? "url(#" + id + "-hatch)" : colour);
    Object ink = broken ? "#333333" : colour.readable();
    if (cell.mark() == Mark.WORKS) {
      outline(svg, x, y, ink);
    }
    String kind = cell.mark() == Mark.WORKS ? "number mid works" : "number mid";
    double middle = x + CELL_WIDTH / 2;
    svg.leaf("text", number(cell), "class", kind, "x", middle, "y", y + 16, "fill", ink);
    svg.close();
  }

  private static void outline(Html svg, double x, double y, Object ink) {
    svg.empty(
        "rect",
        "class",
        "outline",
        "x",
        x + 2,
        "y",
        y + 2,
        "width",
        CELL_WIDTH - 4,
        "height",
        CELL_HEIGHT - 4,
        "stroke",
        ink);
  }

  private void legend(Html svg, double y) {
    double step = 160.0 / LEGEND_STEPS;
    for (int i = 0; i < LEGEND_STEPS; i++) {
      double value = low + (high - low) * (i + 0.5) / LEGEND_STEPS;
      svg.empty(
          "rect",
          "x",
          LEFT + i * step,
          "y",
          y,
          "width",
          step + 0.3,
          "height",
          10,
          "fill",
          palette.at(value, low, high));
    }
    svg.leaf("text", Numbers.signed(low), "class", "tick", "x", LEFT, "y", y + 24);
    svg.leaf("text", Numbers.signed(high), "class", "tick end", "x", LEFT + 160, "y", y + 24);
    double zero = LEFT - low / (high - low) * 160;
    if (zero > LEFT + 40 && zero < LEFT + 120) {
      svg.leaf("text", "0", "class", "tick mid", "x", zero, "y", y + 24);
    }
    svg.leaf("text", unit + "; " + range(), "class", "tick", "x", LEFT, "y", y + 42);
    key(svg, LEFT + 176, y - 3);
  }

  private void key(Html svg, double x, double y) {
    double at = x;
    if (has(Mark.WORKS)) {
      svg.empty("rect", "class", "key-works", "x", at, "y", y, "width", 18, "height", 14);
      svg.leaf("text", "works", "class", "tick", "x", at + 24, "y", y + 11);
      at += 66;
    }
    if (has(Mark.INCOHERENT)) {
      String hatch = "url(#" + id + "-hatch)";
      svg.empty("rect", "x", at, "y", y, "width", 18, "height", 14, "fill", hatch);
      svg.leaf("text", "incoherent", "class", "tick", "x", at + 24, "y", y + 11);
    }
  }

  private boolean has(Mark mark) {
    return cells.stream()
        .flatMap(List::stream)
        .anyMatch(cell -> cell != null && cell.mark() == mark);
  }

  /** Smallest and largest number in the drawing, beyond the ends of the colour scale too. */
  private String range() {
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    for (List<@Nullable Cell> row : cells) {
      for (Cell cell : row) {
        if (cell != null && !Double.isNaN(cell.value())) {
          least = Math.min(least, cell.value());
          most = Math.max(most, cell.value());
        }
      }
    }
    return least > most
        ? "no numbers"
        : "here " + Numbers.signed(least) + " to " + Numbers.signed(most);
  }

  private static String number(Cell cell) {
    String text = Numbers.signed(cell.value());
    return text.length() > 6 ? Numbers.fixed(cell.value(), 0) : text;
  }

  private Html table() {
    Html table = new Html().open("table", "class", "numbers").open("thead").open("tr");
    table.leaf("th", rowAxis + " \\ " + columnAxis, "scope", "col");
    columns.forEach(column -> table.leaf("th", column, "scope", "col"));
    table.close().close().open("tbody");
    for (int row = 0; row < rows.size(); row++) {
      table.open("tr").leaf("th", rows.get(row), "scope", "row");
      for (Cell cell : cells.get(row)) {
        table.leaf("td", cell == null ? Numbers.NOTHING : tableNumber(cell));
      }
      table.close();
    }
    return table.close().close();
  }

  private static String tableNumber(Cell cell) {
    return Numbers.signed(cell.value())
        + switch (cell.mark()) {
          case NONE -> "";
          case WORKS -> " works";
          case INCOHERENT -> " incoherent";
        };
  }
}
