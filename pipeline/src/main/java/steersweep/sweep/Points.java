package steersweep.sweep;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.apache.commons.math3.random.RandomAdaptor;
import org.apache.commons.math3.random.Well19937c;
import steersweep.model.HookPoint;
import steersweep.plan.CellGrid;
import steersweep.plan.Choice;
import steersweep.plan.Choice.Why;
import steersweep.plan.Concept;
import steersweep.plan.Site;
import steersweep.plan.SweepPlan;
import steersweep.result.NotRun;

/**
 * Which sites and settings are put to the test, for each concept: at each hook point the sites that
 * pull farthest, each at its best setting, and the one that pulls farthest the other way at a
 * negative one; of these none that damages the model more than the plan allows. Of all the rest
 * some are drawn at random, always in the same way. What is not run is not among them.
 */
final class Points {
  private static final long SEED = 20231031;

  private final SweepPlan plan;
  private final CellGrid grid;
  private final PointReadings readings;
  private final NotRun notRun;

  Points(SweepPlan plan, CellGrid grid, PointReadings readings, NotRun notRun) {
    this.plan = plan;
    this.grid = grid;
    this.readings = readings;
    this.notRun = notRun;
  }

  /** Concept by concept in the plan's order; best, opposite, sample. */
  List<Choice> choices() {
    Random random = new RandomAdaptor(new Well19937c(SEED));
    List<Choice> choices = new ArrayList<>();
    for (Concept concept : plan.concepts()) {
      List<Choice> ofConcept = new ArrayList<>();
      for (HookPoint hookPoint : plan.hookPoints()) {
        ofConcept.addAll(best(concept.name(), hookPoint));
      }
      for (HookPoint hookPoint : plan.hookPoints()) {
        opposite(concept.name(), hookPoint).ifPresent(ofConcept::add);
      }
      ofConcept.addAll(sample(concept.name(), ofConcept, random));
      choices.addAll(ofConcept);
    }
    return choices;
  }

  private List<Choice> best(String concept, HookPoint hookPoint) {
    Comparator<Choice> byPull = Comparator.comparingDouble(this::pull);
    return grid.sites().stream()
        .filter(site -> site.hookPoint() == hookPoint)
        .flatMap(site -> within(concept, site, Why.BEST).stream().max(byPull).stream())
        .sorted(byPull.reversed())
        .limit(plan.texts().sites())
        .toList();
  }

  private Optional<Choice> opposite(String concept, HookPoint hookPoint) {
    return grid.sites().stream()
        .filter(site -> site.hookPoint() == hookPoint)
        .flatMap(site -> within(concept, site, Why.OPPOSITE).stream())
        .min(Comparator.comparingDouble(this::pull));
  }

  /** A site at its settings of the sign that is wanted, as far as the model stands them. */
  private List<Choice> within(String concept, Site site, Why why) {
    return grid.settings().stream()
        .filter(setting -> setting > 0 == (why == Why.BEST))
        .map(setting -> new Choice(concept, site, setting, why))
        .filter(this::within)
        .toList();
  }

  private boolean within(Choice choice) {
    Double damage = readings.damage(choice.concept(), choice.site(), choice.setting());
    return damage != null && damage <= plan.texts().damage() && runs(choice);
  }

  private boolean runs(Choice choice) {
    return notRun.at(choice.concept(), choice.site(), choice.setting()).isEmpty();
  }

  private double pull(Choice choice) {
    return readings.pull(choice.concept(), choice.site(), choice.setting());
  }

  private List<Choice> sample(String concept, List<Choice> without, Random random) {
    List<Choice> rest = new ArrayList<>();
    for (Site site : grid.sites()) {
      for (double setting : grid.settings()) {
        Choice choice = new Choice(concept, site, setting, Why.SAMPLE);
        boolean read = readings.damage(concept, site, setting) != null;
        if (read && runs(choice) && without.stream().noneMatch(other -> samePoint(other, choice))) {
          rest.add(choice);
        }
      }
    }
    Collections.shuffle(rest, random);
    return rest.subList(0, Math.min(rest.size(), plan.texts().sample()));
  }

  private static boolean samePoint(Choice one, Choice other) {
    return Objects.equals(one.site(), other.site()) && one.setting() == other.setting();
  }
}
