package steersweep.bench;

import java.util.ArrayList;
import java.util.List;
import steersweep.engine.Activations;
import steersweep.engine.Baseline;
import steersweep.engine.Capture;
import steersweep.engine.Engine;
import steersweep.engine.Steer;

/** The way the engine is called: the one place to change when the engine does. */
final class EngineCalls {
  private static final List<Integer> NO_STOP = List.of();

  private EngineCalls() {}

  /** A prompt pair, both prompts captured: done once, before the clock starts. */
  record Pair(Baseline baseline, Activations steering) {}

  /**
   * @param prompts base prompt, steering prompt, contrast prompt or nothing
   */
  static Pair capture(Engine engine, int[][] prompts, int newTokens) {
    Activations steering = Capture.of(engine, prompts[1]).activations();
    return new Pair(
        Baseline.of(engine, Capture.of(engine, prompts[0]), newTokens, NO_STOP),
        prompts[2].length == 0
            ? steering
            : steering.minus(Capture.of(engine, prompts[2]).activations()));
  }

  static Steer.Request request(Pair pair, BenchCells.Entry cell) {
    return new Steer.Request(
        pair.baseline(), pair.steering(), cell.site(), cell.scale(), cell.positions());
  }

  /** What is timed: every cell decoded from its start. */
  static List<Steer.Completion> decode(
      Engine engine, List<Steer.Request> requests, int newTokens, int batchSize) {
    List<Steer.Completion> completions = new ArrayList<>();
    for (int from = 0; from < requests.size(); from += batchSize) {
      List<Steer.Request> some =
          requests.subList(from, Math.min(from + batchSize, requests.size()));
      completions.addAll(Steer.decode(engine, some, newTokens, NO_STOP, batchSize));
    }
    return completions;
  }

  /** What is timed: the way of a sweep, reading along first. */
  static List<Steer.Completion> complete(
      Engine engine, List<Steer.Request> requests, int newTokens, int batchSize) {
    return Steer.complete(engine, requests, newTokens, NO_STOP, batchSize);
  }
}
