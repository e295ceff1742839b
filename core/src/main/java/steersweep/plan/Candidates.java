package steersweep.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import steersweep.model.HookPoint;
import steersweep.plan.Choice.Why;

/**
 * The rule by which sites and settings of a concept are put to the test, from what was read on the
 * choosing half of its base prompts: at each hook point the sites that pull farthest, each at its
 * best setting, and the one that pulls farthest the other way at a negative one; of these none that
 * damages the model more than allowed. Of all the rest some are drawn at random.
 *
 * @param concept its name
 * @param points everything that was read of it, in the order of the grid
 */
public record Candidates(String concept, List<Read> points) {
  /**
   * What a site and setting do on average.
   *
   * @param damage nats per token
   * @param pull random directions' taken off; nats per token
   */
  public record Read(Site site, double setting, double damage, double pull) {}

  public Candidates {
    points = List.copyOf(points);
  }

  /**
   * Best, opposite, sample; hook points in the order of the grid.
   *
   * @param random draws the sample
   */
  public List<Choice> choices(TextChoice rule, Random random) {
    List<Read> taken = new ArrayList<>();
    List<HookPoint> hookPoints =
        points.stream().map(point -> point.site().hookPoint()).distinct().toList();
    hookPoints.forEach(hookPoint -> taken.addAll(best(hookPoint, rule)));
    int best = taken.size();
    for (HookPoint hookPoint : hookPoints) {
      within(hookPoint, Why.OPPOSITE, rule)
          .min(Comparator.comparingDouble(Read::pull))
          .ifPresent(taken::add);
    }
    List<Choice> choices = new ArrayList<>();
    for (int i = 0; i < taken.size(); i++) {
      choices.add(choice(taken.get(i), i < best ? Why.BEST : Why.OPPOSITE));
    }
    sample(taken, rule, random).forEach(point -> choices.add(choice(point, Why.SAMPLE)));
    return choices;
  }

  private List<Read> best(HookPoint hookPoint, TextChoice rule) {
    Comparator<Read> byPull = Comparator.comparingDouble(Read::pull);
    List<Read> within = within(hookPoint, Why.BEST, rule).toList();
    return within.stream()
        .map(Read::site)
        .distinct()
        .map(site -> within.stream().filter(at -> at.site().equals(site)).max(byPull).orElseThrow())
        .sorted(byPull.reversed())
        .limit(rule.sites())
        .toList();
  }

  /** Settings of the sign that is wanted, as far as the model stands them. */
  private Stream<Read> within(HookPoint hookPoint, Why why, TextChoice rule) {
    return points.stream()
        .filter(point -> point.site().hookPoint() == hookPoint)
        .filter(point -> point.setting() > 0 == (why == Why.BEST))
        .filter(point -> point.damage() <= rule.damage());
  }

  private List<Read> sample(List<Read> without, TextChoice rule, Random random) {
    List<Read> rest = new ArrayList<>(points);
    rest.removeAll(without);
    Collections.shuffle(rest, random);
    return rest.subList(0, Math.min(rest.size(), rule.sample()));
  }

  private Choice choice(Read point, Why why) {
    return new Choice(concept, point.site(), point.setting(), why);
  }
}
