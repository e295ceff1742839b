package steersweep.sweep;

import java.util.concurrent.TimeUnit;
import steersweep.plan.Phase;
import steersweep.plan.Unit;
import steersweep.result.RunFolder;
import steersweep.result.UnitProgress;

/**
 * How far one unit is: the runs of the model that it took, of those that it is expected to take.
 * Written down as {@link UnitProgress} now and then. For the thread that runs the unit.
 */
final class UnderWay implements AutoCloseable {
  private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

  /** Up to here the expectation is believed; a unit that needs more only comes nearer to 1. */
  private static final double BELIEVED = 0.8;

  private final RunFolder run;
  private final Unit unit;
  private Phase phase = Phase.OPEN;
  private double expected;
  private double work;
  private long writtenNanos = System.nanoTime() - INTERVAL_NANOS;

  UnderWay(RunFolder run, Unit unit) {
    this.run = run;
    this.unit = unit;
  }

  void at(Phase next) {
    phase = next;
    write();
  }

  /**
   * @param tokens that the unit will probably send through the whole model
   */
  void expect(double tokens) {
    expected = tokens;
  }

  void ran(double tokens) {
    work += tokens;
    if (System.nanoTime() - writtenNanos >= INTERVAL_NANOS) {
      write();
    }
  }

  /** Tokens that the unit has sent through the whole model. */
  double work() {
    return work;
  }

  /** 0 to 1, never less than before, and less than 1 whatever was expected. */
  static double part(double work, double expected) {
    if (expected <= 0) {
      return 0;
    }
    double part = work / expected;
    double left = 1 - BELIEVED;
    return part <= BELIEVED ? part : 1 - left * Math.exp((BELIEVED - part) / left);
  }

  private void write() {
    writtenNanos = System.nanoTime();
    new UnitProgress(phase, part(work, expected)).write(run, unit);
  }

  @Override
  public void close() {
    UnitProgress.delete(run, unit);
  }
}
