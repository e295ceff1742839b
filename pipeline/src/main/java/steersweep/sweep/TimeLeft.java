package steersweep.sweep;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import steersweep.plan.Stage;

/**
 * How long a sweep still takes: what its stages were expected to take, put right by how fast they
 * go. Never says more than before: what takes longer than was said takes "more than" that.
 */
final class TimeLeft {
  /** An expectation counts as if so large a part of it had been seen to hold. */
  private static final double TRUST = 0.03;

  /** Within this factor of what was said, that may still be so. */
  private static final double ABOUT = 1.25;

  /** Expected seconds of each stage that is not over. */
  private final Map<Stage, Double> expected = new EnumMap<>(Stage.class);

  /** Of all stages that are over, as far as they were run here. */
  private double expectedBefore;

  private double tookBefore;
  private @Nullable Stage current;
  private double begunPart;
  private double begunSeconds;
  private double part;
  private double said = Double.POSITIVE_INFINITY;

  /**
   * @param more whether it is known to be more than that
   */
  public record Left(double seconds, boolean more) {}

  void expect(Stage stage, double seconds) {
    expected.put(stage, seconds);
  }

  /**
   * @param done the part of the stage that was done before
   * @param seconds now
   */
  void begin(Stage stage, double done, double seconds) {
    expected.keySet().removeIf(before -> before.compareTo(stage) < 0);
    current = stage;
    begunPart = done;
    part = done;
    begunSeconds = seconds;
  }

  /** The stage that was begun is over. */
  void end(double seconds) {
    Double wasExpected = current == null ? null : expected.remove(current);
    if (wasExpected != null) {
      expectedBefore += wasExpected * (part - begunPart);
      tookBefore += seconds - begunSeconds;
    }
    current = null;
  }

  /**
   * Null where nothing was expected.
   *
   * @param done the part of the current stage that is done
   * @param seconds now
   */
  @Nullable Left at(double done, double seconds) {
    if (expected.isEmpty()) {
      return null;
    }
    part = done;
    double ofCurrent = current == null ? 0 : expected.getOrDefault(current, 0.0);
    double later = all() - ofCurrent;
    double doneHere = ofCurrent * (done - begunPart);
    double tookHere = current == null ? 0 : seconds - begunSeconds;
    // how many seconds a second takes that was expected: so far, in this stage, in all
    double before = pace(tookBefore, expectedBefore, 1);
    double here = pace(tookHere, doneHere, before);
    double average = pace(tookBefore + tookHere, expectedBefore + doneHere, 1);
    double left = ofCurrent * (1 - done) * here + later * average;
    said = Math.min(said, left);
    return new Left(said, left > ABOUT * said);
  }

  /** What was seen and what was thought before, between them by how much was seen. */
  private double pace(double took, double wasExpected, double thought) {
    if (took <= 0 || wasExpected <= 0) {
      return thought;
    }
    double weight = wasExpected / (wasExpected + TRUST * (all() + expectedBefore));
    // of ratios: an expectation may be wrong by a hundred times
    return Math.pow(took / wasExpected, weight) * Math.pow(thought, 1 - weight);
  }

  private double all() {
    return expected.values().stream().mapToDouble(seconds -> seconds).sum();
  }
}
