package steersweep.score;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.commons.math3.random.RandomAdaptor;
import org.apache.commons.math3.random.Well19937c;
import org.apache.commons.math3.stat.StatUtils;
import steersweep.measure.Measure;
import steersweep.model.HookPoint;
import steersweep.plan.Choice;
import steersweep.plan.Choice.Why;
import steersweep.plan.TextChoice;

/**
 * Chooses a concept's candidates by pull the way a sweep does, so that a finished run can be judged
 * again as if its pulls had been others.
 */
final class Candidates {
  private Candidates() {}

  /**
   * @param choosing the concept's pairs of the choosing half
   * @param pull of each point and pair of it, control taken off
   */
  static List<Choice> of(String concept, Grid choosing, double[][] pull, TextChoice rule) {
    double[][] damage = choosing.steered(Measure.DAMAGE);
    double[] pulls = means(pull);
    double[] damages = means(damage);
    Map<HookPoint, List<Integer>> byHookPoint = new EnumMap<>(HookPoint.class);
    for (int k = 0; k < pulls.length; k++) {
      if (damages[k] <= rule.damage() && !Double.isNaN(pulls[k])) {
        byHookPoint
            .computeIfAbsent(choosing.points().get(k).site().hookPoint(), h -> new ArrayList<>())
            .add(k);
      }
    }
    List<Choice> choices = new ArrayList<>();
    Set<Integer> taken = new HashSet<>();
    for (List<Integer> here : byHookPoint.values()) {
      Comparator<Integer> byPull = Comparator.comparing(k -> pulls[k]);
      here.stream()
          .filter(k -> choosing.points().get(k).setting() > 0)
          .sorted(byPull.reversed())
          .limit(rule.sites())
          .forEach(k -> add(choices, taken, concept, choosing, k, Why.BEST));
      here.stream()
          .filter(k -> choosing.points().get(k).setting() < 0)
          .min(byPull)
          .ifPresent(k -> add(choices, taken, concept, choosing, k, Why.OPPOSITE));
    }
    List<Integer> rest =
        new ArrayList<>(
            IntStream.range(0, pulls.length).filter(k -> !taken.contains(k)).boxed().toList());
    Collections.shuffle(rest, new RandomAdaptor(new Well19937c(concept.hashCode())));
    rest.stream()
        .limit(rule.sample())
        .forEach(k -> add(choices, taken, concept, choosing, k, Why.SAMPLE));
    return choices;
  }

  private static void add(
      List<Choice> choices, Set<Integer> taken, String concept, Grid grid, int k, Why why) {
    Point point = grid.points().get(k);
    taken.add(k);
    choices.add(new Choice(concept, point.site(), point.setting(), why));
  }

  private static double[] means(double[][] values) {
    return IntStream.range(0, values.length)
        .mapToDouble(k -> StatUtils.mean(Estimate.there(values[k])))
        .toArray();
  }
}
