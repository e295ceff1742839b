package steersweep.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;
import steersweep.score.Interval;
import steersweep.score.Outcome;
import steersweep.score.SiteScore;

/**
 * A drawing of panels that share what is across: points with whiskers, lines, a legend. What is
 * beyond an axis is drawn at its edge with an arrow.
 */
final class Chart {
  /** See {@link Figure#drawing}: a phone shows it whole, its text at 10 pixels. */
  private static final double LEAST = 0.8;

  private static final double WIDTH = 412;
  private static final double LEFT = 46;
  private static final double GAP = 14;
  private static final double TOP = 32;
  private static final double UNDER = 44;
  private static final double LINE = 18;

  /** About the width of a digit. */
  private static final double DIGIT = 7;

  /** Style of what stands beside the series for comparison. */
  static final int CONTROL = -1;

  /** Style of a line through points that are drawn otherwise. */
  static final int FRONT = -2;

  /**
   * @param x across
   * @param interval mean and ends
   * @param key of a cell, for the page's script; null if it is none
   */
  record Point(double x, Interval interval, boolean filled, String tooltip, @Nullable String key) {}

  /**
   * @param style 0..4, or {@link #CONTROL}
   * @param shift to the right, pixels: series are drawn beside each other
   */
  record Series(String name, int style, boolean line, double shift, List<Point> points) {}

  /** A letter beside a place. */
  record Letter(String letter, double x, double y) {}

  /** A label under the axis across, and one below it. */
  record Tick(double x, String text, String below) {}

  /**
   * @param title above it; empty for none
   * @param up what its axis upward is
   */
  record Panel(String title, String up, Axis y, List<Series> series, List<Letter> letters) {}

  /**
   * What is across.
   *
   * @param label what it is
   * @param below what stands below its ticks; empty for nothing
   * @param guard where a dashed line is; NaN for none
   */
  record Across(
      String label, String below, double low, double high, List<Tick> ticks, double guard) {}

  private final Across across;
  private final List<Panel> panels;
  private final int columns;
  private final double height;

  /**
   * @param columns of panels
   * @param height of a panel's plotting area, pixels
   */
  Chart(Across across, List<Panel> panels, int columns, double height) {
    this.across = across;
    this.panels = panels;
    this.columns = columns;
    this.height = height;
  }

  /** An axis for values, 0 included; those that are no numbers are left out. */
  static Axis upward(DoubleStream values, double height) {
    double[] there = values.filter(Double::isFinite).toArray();
    return Axis.around(
        DoubleStream.of(there).reduce(0, Math::min),
        DoubleStream.of(there).reduce(0, Math::max),
        height,
        0);
  }

  /** Those that set the scale: broken models have any numbers, and count only if all are broken. */
  static List<SiteScore> scaling(List<SiteScore> scores) {
    List<SiteScore> whole = scores.stream().filter(score -> !score.is(Outcome.DAMAGING)).toList();
    return whole.isEmpty() ? scores : whole;
  }

  static DoubleStream ends(Interval interval) {
    return DoubleStream.of(interval.mean(), interval.low(), interval.high());
  }

  /**
   * @param notes lines below the legend, a letter and what it stands for
   */
  Html svg(String id, String title, String description, List<List<String>> notes) {
    List<Series> legend = legend();
    int rows = (panels.size() + columns - 1) / columns;
    double deep = rows * (TOP + height + under()) + (legend.size() + notes.size()) * LINE + 10;
    Html svg = Figure.drawing(id, title, description, WIDTH, deep, LEAST);
    double width = (WIDTH - GAP * columns) / columns;
    for (int i = 0; i < panels.size(); i++) {
      double left = i % columns * (width + GAP) + LEFT;
      double top = i / columns * (TOP + height + under()) + TOP;
      draw(svg, panels.get(i), new Axis(across.low, across.high, left, left + width - LEFT), top);
    }
    double y = rows * (TOP + height + under()) + 12;
    for (Series series : legend) {
      key(svg, series, y);
      y += LINE;
    }
    for (List<String> note : notes) {
      svg.leaf("text", note.get(0), "class", "name mid", "x", 12, "y", y);
      svg.leaf("text", note.get(1), "class", "tick", "x", 26, "y", y);
      y += LINE;
    }
    return svg.close();
  }

  /** Every style once. */
  private List<Series> legend() {
    List<Series> legend = new ArrayList<>();
    panels.stream()
        .flatMap(panel -> panel.series.stream())
        .filter(series -> !series.name.isEmpty())
        .filter(of -> legend.stream().noneMatch(other -> other.style == of.style))
        .forEach(legend::add);
    legend.sort(Comparator.comparing(of -> of.style == CONTROL ? Integer.MAX_VALUE : of.style));
    return legend;
  }

  private static void key(Html svg, Series series, double y) {
    if (series.style == CONTROL) {
      svg.empty("path", "class", "line control", "d", "M2 " + Math.round(y - 4) + "h20");
    } else {
      Marks.draw(svg, series.style, 12, y - 4, true);
    }
    svg.leaf("text", series.name, "class", "tick", "x", 26, "y", y);
  }

  private void draw(Html svg, Panel panel, Axis x, double top) {
    Axis y = new Axis(panel.y.low(), panel.y.high(), top + height, top);
    String head = panel.title.isEmpty() ? panel.up + " ↑" : panel.title;
    String kind = panel.title.isEmpty() ? "axis" : "name";
    svg.leaf("text", head, "class", kind, "x", x.from() - LEFT + 4, "y", top - 16);
    rows(svg, x, y);
    ticks(svg, x, top + height);
    if (Double.isFinite(across.guard)) {
      String line = "M" + Math.round(x.at(across.guard)) + " " + Math.round(top) + "v" + height;
      svg.empty("path", "class", "guard", "d", line);
    }
    panel.series.stream().filter(Series::line).forEach(series -> line(svg, series, x, y));
    for (Series series : panel.series) {
      if (series.style == FRONT) {
        continue;
      }
      series.points.forEach(point -> point(svg, series, point, x, y));
    }
    for (Letter of : panel.letters) {
      double at = y.at(y.within(of.y));
      svg.leaf("text", of.letter, "class", "name", "x", x.at(of.x) + 7, "y", at - 6);
    }
  }

  private static void rows(Html svg, Axis x, Axis y) {
    for (double tick : y.ticks()) {
      double at = y.at(tick);
      String line = "M" + Math.round(x.from()) + " " + Math.round(at) + "H" + Math.round(x.to());
      svg.empty("path", "class", Math.abs(tick) < 1e-9 ? "zero" : "grid", "d", line);
      String text = y.low() < 0 ? Numbers.signed(tick) : Numbers.fixed(tick, 2);
      svg.leaf("text", text, "class", "tick end", "x", x.from() - 6, "y", at + 4);
    }
  }

  /** Those that have room. */
  private void ticks(Html svg, Axis x, double bottom) {
    double free = x.from() - 30;
    for (Tick tick : across.ticks) {
      double at = x.at(tick.x);
      double half = DIGIT * tick.text.length() / 2;
      if (at - half < free) {
        continue;
      }
      free = at + half + 4;
      svg.leaf("text", tick.text, "class", "tick mid", "x", at, "y", bottom + 17);
      if (!tick.below.isEmpty()) {
        svg.leaf("text", tick.below, "class", "quiet mid", "x", at, "y", bottom + 33);
      }
    }
    double right = x.to();
    svg.leaf("text", across.label, "class", "axis end", "x", right, "y", bottom + 33 + below());
    if (!across.below.isEmpty()) {
      svg.leaf("text", across.below, "class", "axis", "x", x.from() - LEFT + 4, "y", bottom + 33);
    }
  }

  private double below() {
    return across.below.isEmpty() ? 0 : 15;
  }

  private double under() {
    return UNDER + below();
  }

  private static void line(Html svg, Series series, Axis x, Axis y) {
    StringBuilder path = new StringBuilder();
    series.points.stream()
        .filter(point -> Double.isFinite(point.interval.mean()))
        .sorted(Comparator.comparing(Point::x))
        .forEach(
            point -> {
              path.append(path.isEmpty() ? "M" : "L");
              path.append(Math.round(x.at(x.within(point.x)) + series.shift)).append(' ');
              path.append(Math.round(y.at(y.within(point.interval.mean()))));
            });
    svg.empty("path", "class", "line " + style(series), "d", path.isEmpty() ? "M0 0" : path);
  }

  private static String style(Series series) {
    return switch (series.style) {
      case CONTROL -> "control";
      case FRONT -> "front";
      default -> "series-" + series.style;
    };
  }

  private static void point(Html svg, Series series, Point point, Axis x, Axis y) {
    double mean = point.interval.mean();
    if (!Double.isFinite(mean)) {
      return;
    }
    double at = x.at(x.within(point.x)) + series.shift;
    if (point.key == null) {
      svg.open("g");
    } else {
      svg.open("g", "data-cell", point.key);
    }
    svg.leaf("title", point.tooltip);
    whisker(svg, style(series), at, y, point.interval);
    if (series.style != CONTROL) {
      Marks.draw(svg, series.style, at, y.at(y.within(mean)), point.filled);
      if (x.within(point.x) < point.x) {
        String shape = arrow(at + 7, y.at(y.within(mean)), "m0 -4l5 4l-5 4");
        svg.empty("path", "class", "whisker " + style(series), "d", shape);
      }
    }
    svg.close();
  }

  /** An arrow at an end says that it, or the mean, goes on beyond the axis. */
  private static void whisker(Html svg, String style, double at, Axis y, Interval of) {
    double low = of.known() ? of.low() : of.mean();
    double high = of.known() ? of.high() : of.mean();
    StringBuilder path = new StringBuilder();
    if (of.known()) {
      path.append("M").append(Math.round(at)).append(' ').append(Math.round(y.at(y.within(low))));
      path.append("V").append(Math.round(y.at(y.within(high))));
    }
    if (high > y.high()) {
      path.append(arrow(at, y.to() - 7, "m-4 0l4 -5l4 5"));
    }
    if (low < y.low()) {
      path.append(arrow(at, y.from() + 7, "m-4 0l4 5l4 -5"));
    }
    if (!path.isEmpty()) {
      svg.empty("path", "class", "whisker " + style, "d", path);
    }
  }

  private static String arrow(double x, double y, String shape) {
    return "M" + Math.round(x) + " " + Math.round(y) + shape;
  }
}
