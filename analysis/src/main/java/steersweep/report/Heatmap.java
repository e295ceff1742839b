package steersweep.report;

import java.util.List;
import java.util.Locale;
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
  private static final double RIGHT = 18;
  private static final double TOP = 42;
  private static final double LEGEND = 86;
  private static final double LEAST_WIDTH = 380;

  /**
   * @param tooltip everything about the cell
   * @param key of its site and setting, for the page's script
   */
  record Cell(double value, Mark mark, String tooltip, String key) {}

  /** How a cell is set off from the others. */
  enum Mark {
    NONE("", ""),
    /** Outlined. */
    WORKS("works", " works"),
    /** Grey, with its colour as a strip at the foot: not told apart from nothing. */
    UNSURE("unclear or negligible", " n. s."),
    /** Hatched grey instead of a colour. */
    DAMAGING("damaging", " damaging");

    private final String words;

    /** Beside a number in the table. */
    private final String note;

    Mark(String words, String note) {
      this.words = words;
      this.note = note;
    }
  }

  Figure figure(String caption) {
    return new Figure(id, title, caption, svg(), table(), columns.size() > 12);
  }

  private Html svg() {
    double width =
        Math.max(LEAST_WIDTH, LEFT + columns.size() * CELL_WIDTH + 8 + (wide() ? RIGHT : 0));
    double bottom = TOP + rows.size() * CELL_HEIGHT;
    Html svg = Figure.drawing(id, title, description, width, bottom + LEGEND, 0.85);
    defineHatch(svg);
    axes(svg);
    svg.open("g", "class", "cells", "data-columns", columns.size());
    for (int row = 0; row < rows.size(); row++) {
      for (int column = 0; column < columns.size(); column++) {
        Cell cell = cells.get(row).get(column);
        double x = LEFT + column * CELL_WIDTH;
        double y = TOP + row * CELL_HEIGHT;
        if (cell == null) {
          box(svg, "missing", x + 1, y + 1, CELL_WIDTH - 2, CELL_HEIGHT - 2, "");
        } else {
          draw(svg, cell, x, y);
        }
      }
    }
    svg.close();
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

  /** Whether it scrolls on a phone, so that its rows need names on the other side too. */
  private boolean wide() {
    return columns.size() > 6;
  }

  /** Whether the columns at the right end are the ones to look at first. */
  private boolean endsFirst() {
    return wide() && !columnAxis.startsWith("head");
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
      if (wide()) {
        double right = LEFT + columns.size() * CELL_WIDTH + 8;
        svg.leaf("text", rows.get(row), "class", "tick", "x", right, "y", y);
      }
    }
  }

  private void draw(Html svg, Cell cell, double x, double y) {
    svg.open("g", "class", group(cell), "data-cell", cell.key()).leaf("title", cell.tooltip());
    box(svg, "ground", x + 0.5, y + 0.5, CELL_WIDTH - 1, CELL_HEIGHT - 1, fill(cell.mark()));
    String step = palette.step(cell.value(), low, high);
    if (cell.mark() == Mark.UNSURE && !step.equals(palette.step(0, low, high))) {
      svg.open("g", "class", step);
      box(svg, "ground", x + 0.5, y + CELL_HEIGHT - 3.5, CELL_WIDTH - 1, 3, "");
      svg.close();
    }
    if (cell.mark() == Mark.WORKS) {
      box(svg, "outline", x + 2, y + 2, CELL_WIDTH - 4, CELL_HEIGHT - 4, "");
    }
    String kind = cell.mark() == Mark.WORKS ? "ink works" : "ink";
    svg.leaf("text", number(cell), "class", kind, "x", x + CELL_WIDTH / 2, "y", y + 15.5);
    svg.close();
  }

  private String group(Cell cell) {
    return switch (cell.mark()) {
      case NONE, WORKS -> palette.step(cell.value(), low, high);
      case UNSURE, DAMAGING -> "grey";
    };
  }

  private String fill(Mark mark) {
    return mark == Mark.DAMAGING ? "fill:url(#" + id + "-hatch)" : "";
  }

  /** A path, because a page may have thousands, and a {@code rect} is longer. */
  private static void box(
      Html svg, String kind, double x, double y, double width, double height, String style) {
    String path =
        "M"
            + tenths(x)
            + " "
            + tenths(y)
            + "h"
            + tenths(width)
            + "v"
            + tenths(height)
            + "h-"
            + tenths(width)
            + "z";
    if (style.isEmpty()) {
      svg.empty("path", "class", kind, "d", path);
    } else {
      svg.empty("path", "class", kind, "d", path, "style", style);
    }
  }

  private static String tenths(double pixels) {
    return String.format(Locale.ROOT, "%.1f", pixels).replace(".0", "");
  }

  private void legend(Html svg, double y) {
    // A phone shows the right end first, see the page's script.
    double left = endsFirst() ? Math.max(LEFT, LEFT + columns.size() * CELL_WIDTH - 280) : LEFT;
    double step = 160.0 / (Palette.STEPS + 1);
    for (int i = 0; i <= Palette.STEPS; i++) {
      double value = low + (high - low) * i / Palette.STEPS;
      svg.open("g", "class", palette.step(value, low, high));
      box(svg, "ground", left + i * step, y, step + 0.6, 10, "");
      svg.close();
    }
    svg.leaf("text", shown(low), "class", "tick", "x", left, "y", y + 24);
    svg.leaf("text", shown(high), "class", "tick end", "x", left + 160, "y", y + 24);
    double zero = left - low / (high - low) * 160;
    if (zero > left + 40 && zero < left + 120) {
      svg.leaf("text", "0", "class", "tick mid", "x", zero, "y", y + 24);
    }
    svg.leaf("text", unit + "; " + range(), "class", "tick", "x", left, "y", y + 42);
    key(svg, left, y + 52);
  }

  /** The marks that occur, one below the other at the right of the colours. */
  private void key(Html svg, double x, double y) {
    double at = x;
    for (Mark mark : Mark.values()) {
      if (mark == Mark.NONE || !has(mark)) {
        continue;
      }
      svg.open("g", "class", "grey");
      if (mark == Mark.WORKS) {
        box(svg, "key-works", at, y, 18, 14, "");
      } else {
        box(svg, "ground", at, y, 18, 14, fill(mark));
      }
      svg.close().leaf("text", mark.words, "class", "tick", "x", at + 23, "y", y + 11);
      at += 33 + 6.3 * mark.words.length();
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
    return least > most ? "no numbers" : "here " + shown(least) + " to " + shown(most);
  }

  /** With its sign where there are two. */
  private String shown(double value) {
    return palette == Palette.DIVERGING ? Numbers.signed(value) : Numbers.fixed(value, 2);
  }

  private String number(Cell cell) {
    String text = shown(cell.value());
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

  private String tableNumber(Cell cell) {
    return shown(cell.value()) + cell.mark().note;
  }
}
