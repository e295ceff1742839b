package steersweep.engine;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import steersweep.model.HookPoint;

/** Reads a prompt's activations from the unsteered model. */
public final class Capture {
  private Capture() {}

  /**
   * @param activations at every hook point of the graph
   */
  public record Captured(int[] tokens, Activations activations) {}

  /** One pass over one prompt. */
  public static Captured of(Engine engine, int[] prompt) {
    Batch batch = new Batch(Bank.empty(engine.shape(), engine.hookPoints()));
    batch.add(prompt);
    Set<String> outputs = new HashSet<>();
    for (HookPoint hookPoint : engine.hookPoints()) {
      for (int layer = 0; layer < hookPoint.layers(engine.shape()); layer++) {
        outputs.add(hookPoint.tap(layer));
      }
    }
    BatchResult result = engine.run(batch, outputs);
    Map<HookPoint, float[][]> byHookPoint = new EnumMap<>(HookPoint.class);
    for (HookPoint hookPoint : engine.hookPoints()) {
      float[][] layers = new float[hookPoint.layers(engine.shape())][];
      Arrays.setAll(layers, layer -> result.get(hookPoint.tap(layer)));
      byHookPoint.put(hookPoint, layers);
    }
    int source = engine.shape().source(prompt);
    int positions = Math.max(source, prompt.length - source);
    return new Captured(
        prompt,
        Activations.of(positions, hook -> hook.positions(source, prompt.length), byHookPoint));
  }
}
