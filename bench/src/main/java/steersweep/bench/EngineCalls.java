package steersweep.bench;

import java.util.List;
import steersweep.engine.Capture;
import steersweep.engine.Engine;
import steersweep.engine.Steer;

/** The way the engine is called: the one place to change when the engine does. */
final class EngineCalls {
  private EngineCalls() {}

  /** A prompt pair, both prompts captured: done once, before the clock starts. */
  record Pair(Capture.Captured base, Capture.Captured steering) {}

  static Pair capture(Engine engine, int[] base, int[] steering) {
    return new Pair(Capture.of(engine, base), Capture.of(engine, steering));
  }

  static Steer.Request request(Pair pair, BenchCells.Entry cell) {
    return new Steer.Request(
        pair.base(), pair.steering().activations(), cell.site(), cell.scale(), cell.positions());
  }

  /** What is timed. */
  static List<Steer.Completion> complete(
      Engine engine, List<Steer.Request> requests, int newTokens, int batchSize) {
    return Steer.complete(engine, requests, newTokens, List.of(), batchSize);
  }
}
