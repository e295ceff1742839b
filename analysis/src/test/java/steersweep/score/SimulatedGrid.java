package steersweep.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import steersweep.SyntheticRun;
import steersweep.model.HookPoint;

/**
 * Effects with known truth, without files: pairs in clusters, points that share the luck of a pair,
 * a drift that random directions share with steered ones.
 *
 * @param clusters base prompts, two prompt pairs each
 * @param points sites, each at scale 1
 * @param working how many of the points, the first ones, have an effect
 * @param effect their true mean effect
 */
record SimulatedGrid(int clusters, int points, int working, double effect) {
  private static final int PAIRS = 2;
  private static final double DRIFT = 0.2;

  EffectGrid draw(Random random) {
    int pairs = clusters * PAIRS;
    double[][] steered = new double[points][pairs];
    double[][] control = new double[points][pairs];
    double[][] net = new double[points][pairs];
    double[] ofPair = normal(random, pairs);
    for (int k = 0; k < points; k++) {
      // Some points are far noisier than others.
      double noise = 0.1 * Math.exp(1.5 * random.nextDouble());
      double[] ofBase = normal(random, clusters);
      for (int p = 0; p < pairs; p++) {
        double shared = ofBase[p / PAIRS] + ofPair[p];
        double lucky = -Math.log(1 - random.nextDouble()) - 1;
        steered[k][p] = DRIFT + (k < working ? effect : 0) + noise * (shared + lucky);
        control[k][p] = DRIFT + noise * (-Math.log(1 - random.nextDouble()) - 1);
        net[k][p] = steered[k][p] - control[k][p];
      }
    }
    Map<String, double[][]> values = new HashMap<>();
    EffectGrid.COLUMNS.forEach(name -> values.put(name, constant(0, pairs)));
    values.put(ResultTables.EFFECT, steered);
    values.put(EffectGrid.RANDOM, control);
    values.put(EffectGrid.NET, net);
    for (String name : List.of(EffectGrid.SHUFFLED, EffectGrid.UNRELATED, EffectGrid.SKIPPED)) {
      values.put(name, constant(Double.NaN, pairs));
    }
    List<Point> places = new ArrayList<>();
    for (int k = 0; k < points; k++) {
      places.add(new Point(SyntheticRun.whole(HookPoint.RESIDUAL_POST, k), 1));
    }
    List<String> bases = IntStream.range(0, pairs).mapToObj(p -> "base " + p / PAIRS).toList();
    return new EffectGrid(
        places,
        IntStream.range(0, pairs).boxed().toList(),
        bases,
        IntStream.range(0, pairs).mapToObj(p -> "concept " + p / PAIRS % 2).toList(),
        values);
  }

  private double[][] constant(double value, int pairs) {
    double[][] array = new double[points][pairs];
    Arrays.stream(array).forEach(row -> Arrays.fill(row, value));
    return array;
  }

  private static double[] normal(Random random, int n) {
    return IntStream.range(0, n).mapToDouble(i -> random.nextGaussian()).toArray();
  }
}
