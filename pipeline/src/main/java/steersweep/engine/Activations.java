package steersweep.engine;

import java.util.EnumMap;
import java.util.Map;
import steersweep.model.HookPoint;

/**
 * What one prompt's activations were, at every hook point and layer of the graph, nothing being
 * added.
 *
 * @param positions tokens of the prompt, BOS included
 * @param byHookPoint for each hook point, for each layer, [positions * width] row by row
 */
public record Activations(int positions, Map<HookPoint, float[][]> byHookPoint) {
  public Activations {
    byHookPoint = new EnumMap<>(byHookPoint);
  }

  /** [positions * width]. */
  public float[] at(HookPoint hookPoint, int layer) {
    float[][] layers = byHookPoint.get(hookPoint);
    if (layers == null) {
      throw new IllegalArgumentException(
          "no activations of " + hookPoint.word() + " were captured");
    }
    return layers[layer];
  }
}
