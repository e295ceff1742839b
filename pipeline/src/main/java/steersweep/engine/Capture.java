package steersweep.engine;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import steersweep.model.GraphNames;
import steersweep.model.HookPoint;

/** Reads a prompt's activations and next-token distribution from the unsteered model. */
public final class Capture {
  private Capture() {}

  /**
   * @param activations at every hook point of the graph
   * @param nextLogprobs log-probabilities of the token after the prompt, [n_vocab]
   */
  public record Captured(int[] tokens, Activations activations, float[] nextLogprobs) {}

  /** One pass over one prompt. */
  public static Captured of(Engine engine, int[] prompt) {
    Batch batch = new Batch(Bank.empty(engine.shape(), engine.hookPoints()));
    int row = batch.add(prompt);
    batch.score(row, prompt.length - 1, 0);
    batch.wantDistributions();
    Set<String> outputs = new HashSet<>(Set.of(GraphNames.NEXT_LOGPROBS));
    for (HookPoint hookPoint : engine.hookPoints()) {
      for (int layer = 0; layer < engine.shape().nLayers(); layer++) {
        outputs.add(hookPoint.tap(layer));
      }
    }
    BatchResult result = engine.run(batch, outputs);
    Map<HookPoint, float[][]> byHookPoint = new EnumMap<>(HookPoint.class);
    for (HookPoint hookPoint : engine.hookPoints()) {
      float[][] layers = new float[engine.shape().nLayers()][];
      Arrays.setAll(layers, layer -> result.get(hookPoint.tap(layer)));
      byHookPoint.put(hookPoint, layers);
    }
    return new Captured(
        prompt, Activations.of(prompt.length, byHookPoint), result.get(GraphNames.NEXT_LOGPROBS));
  }
}
