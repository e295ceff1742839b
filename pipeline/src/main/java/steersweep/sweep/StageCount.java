package steersweep.sweep;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import steersweep.plan.Phase;
import steersweep.plan.Stage;
import steersweep.plan.Unit;
import steersweep.result.RunFolder;
import steersweep.result.UnitProgress;

/** How many cells of a stage are done, and how many of them in the last minute. */
final class StageCount {
  private static final double MINUTE = 60;

  /** Shorter times say nothing. */
  private static final double LEAST_SECONDS = 0.5;

  private final RunFolder run;
  private final Stage stage;
  private final List<Unit> units;
  private final long total;
  private final Deque<Look> lastMinute = new ArrayDeque<>();
  private double done;
  private Phase phase;

  private record Look(double seconds, double done) {}

  /**
   * @param units all of the stage, finished ones included
   * @param seconds now
   */
  StageCount(RunFolder run, Stage stage, List<Unit> units, double seconds) {
    this.run = run;
    this.stage = stage;
    this.units = units;
    this.phase = Phase.of(stage);
    this.total = units.stream().mapToLong(Unit::size).sum();
    Set<String> finished = run.finishedUnits(stage);
    this.done =
        units.stream().filter(unit -> finished.contains(unit.id())).mapToLong(Unit::size).sum();
    lastMinute.add(new Look(seconds, done));
  }

  void look(double seconds) {
    Set<String> finished = run.finishedUnits(stage);
    Set<String> names = run.unitsUnderWay();
    Set<Phase> phases = EnumSet.noneOf(Phase.class);
    double now = 0;
    for (Unit unit : units) {
      if (finished.contains(unit.id())) {
        now += unit.size();
      } else if (names.contains(unit.name())) {
        Optional<UnitProgress> progress = UnitProgress.read(run, unit);
        now += progress.map(at -> at.done() * unit.size()).orElse(0.0);
        progress.ifPresent(at -> phases.add(at.phase()));
      }
    }
    // what a killed process had done of a unit is done again: meanwhile nothing moves
    done = Math.max(done, now);
    phase = phases.stream().filter(Phase.of(stage)::equals).findFirst().orElse(last(phases));
    lastMinute.add(new Look(seconds, done));
    while (lastMinute.size() > 2 && lastMinute.getFirst().seconds() < seconds - MINUTE) {
      lastMinute.removeFirst();
    }
  }

  private Phase last(Set<Phase> phases) {
    return phases.stream().reduce((one, next) -> next).orElse(Phase.of(stage));
  }

  Stage stage() {
    return stage;
  }

  /** What units under way are at: the stage itself, if one of them is. */
  Phase phase() {
    return phase;
  }

  long done() {
    return (long) done;
  }

  long total() {
    return total;
  }

  double part() {
    return total == 0 ? 1 : done / total;
  }

  /** Cells a second. */
  double rate() {
    Look first = lastMinute.getFirst();
    Look last = lastMinute.getLast();
    double seconds = last.seconds() - first.seconds();
    return seconds < LEAST_SECONDS ? 0 : (last.done() - first.done()) / seconds;
  }
}
