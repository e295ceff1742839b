package steersweep.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import steersweep.measure.Measure;

/**
 * What the measures see: on the same cells, those that have texts, the mean of uptake, evidence and
 * pull with random directions taken off, in the direction that the setting asks for, over its
 * cluster-robust standard error.
 */
public record Sensitivity(List<Row> rows) {
  private static final List<Measure> COMPARED =
      List.of(Measure.UPTAKE, Measure.EVIDENCE, Measure.PULL);

  public Sensitivity {
    rows = List.copyOf(rows);
  }

  /**
   * A site and setting of a concept.
   *
   * @param n prompt pairs that have all three
   * @param clusters base prompts among them
   * @param t of uptake, evidence and pull
   */
  public record Row(
      String concept, Point point, int n, int clusters, double damage, List<Double> t) {
    public Row {
      t = List.copyOf(t);
    }

    private double of(Measure measure) {
      return t.get(COMPARED.indexOf(measure));
    }
  }

  public static Sensitivity of(ResultTables tables) {
    Grid grid = Grid.of(tables.cells());
    List<Row> rows = new ArrayList<>();
    for (String concept : grid.concepts()) {
      rows.addAll(rows(concept, grid.where(pair -> pair.concept().equals(concept))));
    }
    return new Sensitivity(rows);
  }

  private static List<Row> rows(String concept, Grid grid) {
    Clusters clusters = grid.clusters();
    List<double[][]> net = COMPARED.stream().map(grid::net).toList();
    double[][] damage = grid.steered(Measure.DAMAGE);
    List<Row> rows = new ArrayList<>();
    for (int k = 0; k < grid.points().size(); k++) {
      int at = k;
      Point point = grid.points().get(k);
      boolean[] whole = new boolean[grid.pairs().size()];
      for (int p = 0; p < whole.length; p++) {
        int pair = p;
        whole[p] = net.stream().noneMatch(of -> Double.isNaN(of[at][pair]));
      }
      List<Interval> means =
          net.stream().map(of -> clusters.quick(asked(of[at], whole, point.sign()))).toList();
      if (means.get(0).known()) {
        rows.add(
            new Row(
                concept,
                point,
                means.get(0).n(),
                means.get(0).clusters(),
                Arrays.stream(asked(damage[at], whole, 1))
                    .filter(value -> !Double.isNaN(value))
                    .average()
                    .orElse(Double.NaN),
                means.stream().map(mean -> mean.mean() / mean.standardError()).toList()));
      }
    }
    return rows;
  }

  private static double[] asked(double[] values, boolean[] whole, double sign) {
    return IntStream.range(0, values.length)
        .mapToDouble(p -> whole[p] ? sign * values[p] : Double.NaN)
        .toArray();
  }

  /** At how many sites and settings pull is at least so many times as clear as uptake. */
  public long clearer(double times) {
    return rows.stream()
        .filter(row -> row.of(Measure.PULL) >= times * Math.max(0, row.of(Measure.UPTAKE)))
        .filter(row -> row.of(Measure.PULL) > 0)
        .count();
  }

  /** A Markdown table. */
  public String markdown() {
    StringBuilder out =
        new StringBuilder("| concept | site | setting | damage | n | base prompts |");
    COMPARED.forEach(measure -> out.append(" t of ").append(measure.label()).append(" |"));
    out.append("\n|---|---|--:|--:|--:|--:|--:|--:|--:|\n");
    for (Row row : rows) {
      String head = row.point().site().allHeads() ? "" : " head " + row.point().site().head();
      out.append(
          String.format(
              Locale.ROOT,
              "| %s | %s layer %d%s | %+.3g | %.2f | %d | %d |",
              row.concept(),
              row.point().site().hookPoint().word(),
              row.point().site().layer(),
              head,
              row.point().setting(),
              row.damage(),
              row.n(),
              row.clusters()));
      row.t().forEach(t -> out.append(String.format(Locale.ROOT, " %.1f |", t)));
      out.append('\n');
    }
    return out.toString();
  }
}
