package steersweep.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import steersweep.plan.CellKind;
import tech.tablesaw.api.BooleanColumn;
import tech.tablesaw.api.DoubleColumn;
import tech.tablesaw.api.Row;
import tech.tablesaw.api.Table;

/**
 * The numbers of a sweep as arrays [point, pair], NaN where there is none, so that resampling
 * touches no table. Prompt pairs that share a base prompt are a cluster.
 *
 * @param points sites with scales, in {@link Point#ORDER}
 * @param numbers number of each pair in the plan, ascending
 * @param bases base prompt of each pair
 * @param concepts concept of each pair
 * @param values arrays [point, pair] by name: the {@link #COLUMNS} and the constants of this class
 */
record EffectGrid(
    List<Point> points,
    List<Integer> numbers,
    List<String> bases,
    List<String> concepts,
    Map<String, double[][]> values) {
  /** Effect against the baseline, minus the control's where there is one. */
  static final String NET = "net";

  /** Mean effect of the random draws at a point's site and |scale|. */
  static final String RANDOM = CellKind.RANDOM.word();

  /** Mean effect of the shuffled steering prompts at the point. */
  static final String SHUFFLED = CellKind.SHUFFLED.word();

  /** Mean effect of other concepts' steering prompts at the point. */
  static final String UNRELATED = CellKind.UNRELATED.word();

  /** How many cells at the point were not generated. */
  static final String SKIPPED = "skipped";

  /** 1 where the text is the baseline's. */
  static final String SAME = "same_as_baseline";

  /** What is kept of {@link ResultTables#steered}. */
  static final List<String> COLUMNS =
      List.of(
          ResultTables.EFFECT,
          "fluency",
          "damage_last",
          "damage",
          "distinct_2",
          ResultTables.MORE_REPETITION,
          "zlib_ratio",
          SAME,
          ResultTables.MORE_TARGET_WORDS,
          "dose",
          "dose_residual",
          "log_odds");

  static EffectGrid of(ResultTables tables) {
    TreeSet<Point> found = new TreeSet<>(Point.ORDER);
    Map<Integer, List<String>> prompts = new TreeMap<>();
    for (Row row : tables.steered()) {
      found.add(point(row));
    }
    for (Table rows : List.of(tables.steered(), tables.skipped())) {
      for (Row row : rows) {
        prompts.computeIfAbsent(
            row.getInt("pair"),
            pair -> List.of(row.getString("base_prompt"), row.getString("concept")));
      }
    }
    EffectGrid grid =
        new EffectGrid(
            List.copyOf(found),
            List.copyOf(prompts.keySet()),
            prompts.values().stream().map(names -> names.get(0)).toList(),
            prompts.values().stream().map(names -> names.get(1)).toList(),
            new HashMap<>());
    grid.fill(tables);
    return grid;
  }

  private void fill(ResultTables tables) {
    Map<Point, List<Integer>> signed = places(false);
    Map<Integer, Integer> pairs = new HashMap<>();
    numbers.forEach(pair -> pairs.put(pair, pairs.size()));
    Means steered = new Means(tables.steered(), signed, pairs);
    COLUMNS.forEach(name -> values.put(name, steered.of(name)));
    for (String kind : List.of(RANDOM, SHUFFLED, UNRELATED)) {
      Table rows = ofKind(tables.controls(), kind);
      boolean random = kind.equals(RANDOM);
      values.put(
          kind, new Means(rows, random ? places(true) : signed, pairs).of(ResultTables.EFFECT));
    }
    Table skipped = ofKind(tables.skipped(), CellKind.STEERED.word());
    values.put(SKIPPED, new Means(skipped, signed, pairs).of(row -> 1));
    values.put(NET, net());
  }

  private static Table ofKind(Table rows, String kind) {
    return rows.where(rows.stringColumn("kind").isEqualTo(kind));
  }

  /**
   * Indices of the points at each site and scale.
   *
   * @param unsigned whether a scale stands for its negative, too: random directions have no sign
   */
  private Map<Point, List<Integer>> places(boolean unsigned) {
    Map<Point, List<Integer>> result = new HashMap<>();
    for (int k = 0; k < points.size(); k++) {
      Point point = points.get(k);
      Point key = unsigned ? new Point(point.site(), Math.abs(point.scale())) : point;
      result.merge(key, List.of(k), (a, b) -> IntStream.of(a.get(0), b.get(0)).boxed().toList());
    }
    return result;
  }

  private double[][] net() {
    if (!controlled()) {
      return of(ResultTables.EFFECT);
    }
    double[][] net = new double[points.size()][];
    for (int k = 0; k < net.length; k++) {
      double[] effect = of(ResultTables.EFFECT)[k];
      double[] control = of(RANDOM)[k];
      net[k] = IntStream.range(0, pairs()).mapToDouble(p -> effect[p] - control[p]).toArray();
    }
    return net;
  }

  /** Whether any random control cell is there. */
  boolean controlled() {
    return Arrays.stream(of(RANDOM))
        .anyMatch(row -> Arrays.stream(row).anyMatch(v -> !Double.isNaN(v)));
  }

  /** The array [point, pair] of that name. */
  double[][] of(String name) {
    double[][] array = values.get(name);
    if (array == null) {
      throw new IllegalArgumentException("no such array; got " + name);
    }
    return array;
  }

  /** Place of a point of this grid; points are sorted. */
  int indexOf(Point point) {
    return Collections.binarySearch(points, point, Point.ORDER);
  }

  int pairs() {
    return bases.size();
  }

  /** The same with only some of the base prompts. */
  EffectGrid withBases(Set<String> kept) {
    int[] pairs = IntStream.range(0, pairs()).filter(p -> kept.contains(bases.get(p))).toArray();
    Map<String, double[][]> some = new LinkedHashMap<>();
    values.forEach(
        (name, array) ->
            some.put(
                name,
                Arrays.stream(array)
                    .map(row -> Arrays.stream(pairs).mapToDouble(p -> row[p]).toArray())
                    .toArray(double[][]::new)));
    return new EffectGrid(
        points,
        Arrays.stream(pairs).mapToObj(numbers::get).toList(),
        Arrays.stream(pairs).mapToObj(bases::get).toList(),
        Arrays.stream(pairs).mapToObj(concepts::get).toList(),
        some);
  }

  private static Point point(Row row) {
    return new Point(SiteScores.site(row), row.getDouble("setting"));
  }

  /** Rows of a table, averaged into the points and pairs that they belong to. */
  private final class Means {
    private final Table rows;
    private final List<List<Integer>> points;
    private final int[] pairs;

    Means(Table rows, Map<Point, List<Integer>> places, Map<Integer, Integer> pairIndex) {
      this.rows = rows;
      points = new ArrayList<>(rows.rowCount());
      pairs = new int[rows.rowCount()];
      for (Row row : rows) {
        Integer pair = pairIndex.get(row.getInt("pair"));
        pairs[points.size()] = pair == null ? -1 : pair;
        points.add(pair == null ? List.of() : places.getOrDefault(point(row), List.of()));
      }
    }

    double[][] of(String column) {
      if (rows.column(column) instanceof BooleanColumn flags) {
        return of(i -> flags.isMissing(i) ? Double.NaN : flags.get(i) ? 1 : 0);
      }
      DoubleColumn numbers = rows.doubleColumn(column);
      return of(i -> numbers.getDouble(i));
    }

    double[][] of(ToDoubleFunction<Integer> value) {
      double[][] sums = new double[EffectGrid.this.points.size()][pairs()];
      int[][] counts = new int[sums.length][pairs()];
      for (int i = 0; i < pairs.length; i++) {
        double number = value.applyAsDouble(i);
        if (!Double.isNaN(number)) {
          for (int k : points.get(i)) {
            sums[k][pairs[i]] += number;
            counts[k][pairs[i]]++;
          }
        }
      }
      for (int k = 0; k < sums.length; k++) {
        for (int p = 0; p < sums[k].length; p++) {
          sums[k][p] /= counts[k][p]; // NaN where there is none
        }
      }
      return sums;
    }
  }
}
