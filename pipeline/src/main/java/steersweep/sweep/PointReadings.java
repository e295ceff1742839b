package steersweep.sweep;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import steersweep.measure.Measure;
import steersweep.plan.Candidates;
import steersweep.plan.Cell;
import steersweep.plan.CellGrid;
import steersweep.plan.CellKind;
import steersweep.plan.Concept;
import steersweep.plan.Contexts;
import steersweep.plan.Halves;
import steersweep.plan.Incoherence;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;
import steersweep.plan.SweepPlan;
import steersweep.result.NotRun;
import steersweep.result.ReadingRow;

/**
 * Readings of the choosing half of the base prompts, as means for each concept, site and setting.
 */
final class PointReadings {
  /** What is averaged; random directions count at the size of a setting, for both signs. */
  record Key(String concept, CellKind kind, Site site, double setting) {}

  private static final class Sums {
    private double damage;
    private double pull;
    private int cells;
  }

  private final Set<PromptPair> choosing = new HashSet<>();
  private final Measure counted;
  private final SweepPlan plan;
  private final CellGrid grid;
  private final Map<Key, Sums> sums = new HashMap<>();

  PointReadings(SweepPlan plan, CellGrid grid) {
    this.plan = plan;
    this.grid = grid;
    Halves halves = Halves.of(grid.pairs());
    Set<String> divided = new HashSet<>();
    for (PromptPair pair : grid.pairs()) {
      if (halves.choosing().contains(pair.basePrompt())) {
        divided.add(pair.concept());
      }
    }
    for (PromptPair pair : grid.pairs()) {
      // with a single base prompt there is nothing to confirm, but still something to choose
      if (halves.choosing().contains(pair.basePrompt()) || !divided.contains(pair.concept())) {
        choosing.add(pair);
      }
    }
    this.counted = counted(plan);
  }

  /** Pull; where a plan has nothing to pull between, what comes next to it. */
  private static Measure counted(SweepPlan plan) {
    if (new Contexts(plan.concepts()).any()) {
      return Measure.PULL;
    }
    boolean named =
        plan.concepts().stream().noneMatch(concept -> concept.targetContinuations().isEmpty());
    return named ? Measure.LOG_ODDS : Measure.DAMAGE;
  }

  void add(ReadingRow reading) {
    Cell cell = reading.cell();
    Site site = cell.site();
    boolean wanted = cell.kind() == CellKind.STEERED || cell.kind() == CellKind.RANDOM;
    if (site == null || !wanted || !reading.ok() || !choosing.contains(cell.pair())) {
      return;
    }
    Double damage = reading.measures().get(Measure.DAMAGE);
    Double pull = reading.measures().get(counted);
    if (damage != null && pull != null) {
      Key key = new Key(cell.pair().concept(), cell.kind(), site, cell.setting());
      Sums of = sums.computeIfAbsent(key, none -> new Sums());
      of.damage += damage;
      of.pull += counted.signed() ? pull : Math.signum(cell.setting()) * pull;
      of.cells++;
    }
  }

  /** Mean damage of steered cells, nats per token; null where nothing was read. */
  private @Nullable Double damage(String concept, Site site, double setting) {
    Sums of = sums.get(new Key(concept, CellKind.STEERED, site, setting));
    return of == null ? null : of.damage / of.cells;
  }

  /**
   * The sites and signs of which some settings are not run, since a smaller one does so much damage
   * that its texts are incoherent.
   */
  List<Incoherence> incoherent() {
    Double most = plan.texts().stopAtDamage();
    List<Incoherence> all = new ArrayList<>();
    if (most == null) {
      return all;
    }
    for (Concept concept : plan.concepts()) {
      for (Site site : grid.sites()) {
        for (int sign : new int[] {-1, 1}) {
          addIncoherent(concept.name(), site, sign, most, all);
        }
      }
    }
    return all;
  }

  private void addIncoherent(
      String concept, Site site, int sign, double most, List<Incoherence> all) {
    List<Double> settings =
        grid.settings().stream()
            .filter(setting -> Math.signum(setting) == sign)
            .sorted(Comparator.comparing(Math::abs))
            .toList();
    // the largest one has nothing beyond it
    for (double setting : settings.subList(0, Math.max(0, settings.size() - 1))) {
      Double damage = damage(concept, site, setting);
      if (damage != null && damage > most) {
        all.add(new Incoherence(concept, site, setting, damage));
        return;
      }
    }
  }

  /** All sites and settings of which something was read and that are run, as the grid has them. */
  Candidates of(String concept, NotRun notRun) {
    List<Candidates.Read> points = new ArrayList<>();
    for (Site site : grid.sites()) {
      for (double setting : grid.settings()) {
        Sums steered = sums.get(new Key(concept, CellKind.STEERED, site, setting));
        if (steered != null && notRun.at(concept, site, setting).isEmpty()) {
          double pull = steered.pull / steered.cells - control(concept, site, setting);
          points.add(new Candidates.Read(site, setting, steered.damage / steered.cells, pull));
        }
      }
    }
    return new Candidates(concept, points);
  }

  /** Mean pull of random directions of the same size. */
  private double control(String concept, Site site, double setting) {
    Sums random = sums.get(new Key(concept, CellKind.RANDOM, site, Math.abs(setting)));
    double control = random == null ? 0 : random.pull / random.cells;
    // what has no sign of its own was given the setting's
    return counted.signed() ? control : Math.signum(setting) * control;
  }
}
