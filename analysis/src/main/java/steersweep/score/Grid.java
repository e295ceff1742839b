package steersweep.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import steersweep.measure.Measure;
import steersweep.plan.CellKind;
import tech.tablesaw.api.BooleanColumn;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * A sweep laid out by site, setting and prompt pair: which row of the results is where. Numbers are
 * taken out as arrays [point, pair], NaN where there is none, so that resampling touches no table.
 * Prompt pairs that share a base prompt are a cluster.
 */
final class Grid {
  /**
   * A prompt pair of the results.
   *
   * @param number its place in the plan
   */
  record Pair(int number, String concept, String base, String steering) {}

  private static final int[] NONE = {};

  private final Table cells;
  private final List<Point> points;
  private final List<Pair> pairs;

  /** Rows of the steered cells, of the random directions, of other controls, [point][pair]. */
  private final Map<CellKind, int[][][]> rows;

  /** Row of each pair's baseline, or none. */
  private final int[][] baselines;

  private Grid(
      Table cells,
      List<Point> points,
      List<Pair> pairs,
      Map<CellKind, int[][][]> rows,
      int[][] baselines) {
    this.cells = cells;
    this.points = points;
    this.pairs = pairs;
    this.rows = rows;
    this.baselines = baselines;
  }

  static Grid of(Table cells) {
    TreeSet<Point> found = new TreeSet<>(Point.ORDER);
    Map<Integer, Pair> pairs = new TreeMap<>();
    for (Row row : cells) {
      if (row.getString("kind").equals(CellKind.STEERED.word())) {
        found.add(ResultTables.point(row));
        pairs.computeIfAbsent(
            row.getInt("pair"),
            number ->
                new Pair(
                    number,
                    row.getString("concept"),
                    row.getString("base_prompt"),
                    row.getString("steering_prompt")));
      }
    }
    Grid grid =
        new Grid(
            cells,
            List.copyOf(found),
            List.copyOf(pairs.values()),
            new HashMap<>(),
            new int[pairs.size()][0]);
    grid.place(List.copyOf(pairs.keySet()));
    return grid;
  }

  private void place(List<Integer> numbers) {
    Map<Integer, Integer> pairAt = new HashMap<>();
    numbers.forEach(number -> pairAt.put(number, pairAt.size()));
    Map<Point, List<Integer>> signed = new HashMap<>();
    Map<Point, List<Integer>> unsigned = new HashMap<>();
    for (int k = 0; k < points.size(); k++) {
      Point point = points.get(k);
      signed.put(point, List.of(k));
      unsigned
          .computeIfAbsent(
              new Point(point.site(), Math.abs(point.setting())), at -> new ArrayList<>())
          .add(k);
    }
    for (Row row : cells) {
      Integer pair = pairAt.get(row.getInt("pair"));
      if (pair == null) {
        continue;
      }
      CellKind kind = CellKind.valueOf(row.getString("kind").toUpperCase(java.util.Locale.ROOT));
      switch (kind) {
        case BASELINE -> baselines[pair] = with(baselines[pair], row.getRowNumber());
        case PROMPTED -> {}
        case STEERED, RANDOM, SHUFFLED, UNRELATED -> {
          // random directions have no sign: they are the control of a setting and its negative
          Map<Point, List<Integer>> places = kind == CellKind.RANDOM ? unsigned : signed;
          for (int k : places.getOrDefault(ResultTables.point(row), List.of())) {
            int[][] here = rows.computeIfAbsent(kind, of -> empty())[k];
            here[pair] = with(here[pair], row.getRowNumber());
          }
        }
      }
    }
  }

  private int[][][] empty() {
    int[][][] none = new int[points.size()][pairs.size()][];
    for (int[][] ofPoint : none) {
      Arrays.fill(ofPoint, NONE);
    }
    return none;
  }

  private static int[] with(int[] rows, int row) {
    int[] more = Arrays.copyOf(rows, rows.length + 1);
    more[rows.length] = row;
    return more;
  }

  List<Point> points() {
    return points;
  }

  List<Pair> pairs() {
    return pairs;
  }

  List<String> concepts() {
    return pairs.stream().map(Pair::concept).distinct().toList();
  }

  Clusters clusters() {
    return Clusters.of(pairs.stream().map(Pair::base).toList());
  }

  /** Place of a point of this grid, negative if it is not there. */
  int indexOf(Point point) {
    return Collections.binarySearch(points, point, Point.ORDER);
  }

  /** Whether any random control cell is there. */
  boolean controlled() {
    return rows.containsKey(CellKind.RANDOM);
  }

  /** The same with only some of the pairs. */
  Grid where(Predicate<Pair> wanted) {
    int[] kept = IntStream.range(0, pairs.size()).filter(p -> wanted.test(pairs.get(p))).toArray();
    Map<CellKind, int[][][]> some = new HashMap<>();
    rows.forEach(
        (kind, all) ->
            some.put(kind, Arrays.stream(all).map(of -> pick(of, kept)).toArray(int[][][]::new)));
    return new Grid(
        cells,
        points,
        Arrays.stream(kept).mapToObj(pairs::get).toList(),
        some,
        pick(baselines, kept));
  }

  /** How many random directions each point and pair has at most. */
  int draws() {
    return Arrays.stream(rows.getOrDefault(CellKind.RANDOM, empty()))
        .flatMap(Arrays::stream)
        .mapToInt(of -> of.length)
        .max()
        .orElse(0);
  }

  /**
   * The same with a random direction in the place of the steered cells, and the other ones as its
   * control, if there are others. Random directions have no sign, so only settings above 0 are
   * left.
   */
  Grid withRandomAsSteered(int draw) {
    int[][][] random = rows.getOrDefault(CellKind.RANDOM, empty());
    Map<CellKind, int[][][]> swapped = new HashMap<>();
    swapped.put(CellKind.STEERED, only(random, at -> at == draw));
    if (draws() > 1) {
      swapped.put(CellKind.RANDOM, only(random, at -> at != draw));
    }
    return new Grid(cells, points, pairs, swapped, baselines);
  }

  private int[][][] only(int[][][] random, IntPredicate wanted) {
    int[][][] some = empty();
    for (int k = 0; k < some.length; k++) {
      for (int p = 0; points.get(k).setting() > 0 && p < some[k].length; p++) {
        int[] of = random[k][p];
        some[k][p] = IntStream.range(0, of.length).filter(wanted).map(place -> of[place]).toArray();
      }
    }
    return some;
  }

  private static int[][] pick(int[][] of, int[] kept) {
    return Arrays.stream(kept).mapToObj(p -> of[p]).toArray(int[][]::new);
  }

  /** Rows of the cells of a kind at a point. */
  int[] rows(CellKind kind, int point, int pair) {
    int[][][] all = rows.get(kind);
    return all == null ? NONE : all[point][pair];
  }

  /** Rows of a pair's baseline: one, or none. */
  int[] baselineRows(int pair) {
    return baselines[pair];
  }

  /** The results that the rows are of. */
  Table cells() {
    return cells;
  }

  /** What was measured of the steered cells. */
  double[][] steered(String column) {
    return means(CellKind.STEERED, column);
  }

  double[][] steered(Measure measure) {
    return steered(measure.column());
  }

  /** The mean of the cells of a kind, such as the random directions, at each point's place. */
  double[][] means(CellKind kind, String column) {
    Column<?> values = cells.column(column);
    int[][][] of = rows.getOrDefault(kind, empty());
    return Arrays.stream(of)
        .map(at -> Arrays.stream(at).mapToDouble(rows -> mean(values, rows)).toArray())
        .toArray(double[][]::new);
  }

  /**
   * What steering does beyond being a push of that size: steered minus the mean of the pair's
   * random directions at the same site and |setting|. In a sweep without any: minus the pair's
   * baseline.
   */
  double[][] net(String column) {
    double[][] net = steered(column);
    Column<?> values = cells.column(column);
    double[][] control = controlled() ? means(CellKind.RANDOM, column) : null;
    for (int k = 0; k < net.length; k++) {
      for (int p = 0; p < net[k].length; p++) {
        net[k][p] -= control == null ? baseline(values, p) : control[k][p];
      }
    }
    return net;
  }

  double[][] net(Measure measure) {
    return net(measure.column());
  }

  /** What needs no text is 0 for the unsteered model, which does nothing to itself. */
  private double baseline(Column<?> values, int pair) {
    double value = mean(values, baselines[pair]);
    boolean ofText =
        Measure.of(values.name()).map(of -> of.needs() == Measure.Needs.TEXT).orElse(false)
            || values.name().startsWith("evidences");
    return ofText ? value : 0;
  }

  private static double mean(Column<?> values, int[] rows) {
    double sum = 0;
    int there = 0;
    for (int row : rows) {
      double value = number(values, row);
      if (!Double.isNaN(value)) {
        sum += value;
        there++;
      }
    }
    return sum / there; // NaN where there is none
  }

  private static double number(Column<?> values, int row) {
    if (values.isMissing(row)) {
      return Double.NaN;
    }
    if (values instanceof BooleanColumn flags) {
      return flags.get(row) ? 1 : 0;
    }
    return ((NumericColumn<?>) values).getDouble(row);
  }
}
