package steersweep.engine;

import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.ToIntFunction;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.ConstantAddition;
import steersweep.plan.PositionRule;

/**
 * What can be added: one prompt's activations, at every hook point and layer of the graph, nothing
 * being added to them; or what was made of several prompts' activations. Rows are the prompt's
 * positions, then the mean over them (the first, BOS, left out), then the last position once more.
 *
 * @param positions tokens of the prompt, BOS included
 * @param byHookPoint for each hook point, for each layer, [rows * width] row by row
 */
public record Activations(int positions, Map<HookPoint, float[][]> byHookPoint) {
  public Activations {
    byHookPoint = new EnumMap<>(byHookPoint);
  }

  /**
   * Of a prompt's positions alone.
   *
   * @param captured for each hook point, for each layer, [positions * width]
   */
  static Activations of(int positions, Map<HookPoint, float[][]> captured) {
    return of(positions, hookPoint -> positions, captured);
  }

  /**
   * Of hook points that have positions of their own, as those of an encoder and of its decoder: the
   * shorter one's rows are zeros beyond its end.
   *
   * @param own how many positions a hook point has
   * @param captured for each hook point, for each layer, [own positions * width]
   */
  static Activations of(
      int positions, ToIntFunction<HookPoint> own, Map<HookPoint, float[][]> captured) {
    Map<HookPoint, float[][]> all = new EnumMap<>(HookPoint.class);
    captured.forEach(
        (hookPoint, layers) ->
            all.put(
                hookPoint,
                Arrays.stream(layers)
                    .map(layer -> withMeanAndLast(layer, own.applyAsInt(hookPoint), positions))
                    .toArray(float[][]::new)));
    return new Activations(positions, all);
  }

  /**
   * The same at every position: an addition's direction at its hook point and layer, else zeros.
   */
  public static Activations constant(
      ModelShape shape, Collection<HookPoint> hookPoints, ConstantAddition addition) {
    Map<HookPoint, float[][]> all = new EnumMap<>(HookPoint.class);
    for (HookPoint hookPoint : hookPoints) {
      float[][] layers = new float[hookPoint.layers(shape)][hookPoint.width(shape)];
      if (hookPoint == addition.site().hookPoint()) {
        layers[addition.site().layer()] = addition.direction();
      }
      all.put(hookPoint, layers);
    }
    return of(1, all);
  }

  private static float[] withMeanAndLast(float[] activation, int own, int positions) {
    int width = activation.length / own;
    float[] rows = Arrays.copyOf(activation, (positions + 2) * width);
    int from = own > 1 ? 1 : 0;
    for (int i = 0; i < width; i++) {
      double sum = 0;
      for (int position = from; position < own; position++) {
        sum += activation[position * width + i];
      }
      rows[positions * width + i] = (float) (sum / (own - from));
      rows[(positions + 1) * width + i] = activation[(own - 1) * width + i];
    }
    return rows;
  }

  /**
   * These minus another prompt's, position by position from the first; the shorter prompt counts as
   * zeros beyond its end. The mean is the difference of the means, the last that of the lasts.
   */
  public Activations minus(Activations contrast) {
    int longest = Math.max(positions, contrast.positions);
    Map<HookPoint, float[][]> differences = new EnumMap<>(HookPoint.class);
    byHookPoint.forEach(
        (hookPoint, layers) -> {
          float[][] ofLayers = new float[layers.length][];
          for (int layer = 0; layer < layers.length; layer++) {
            float[] difference = new float[layers[layer].length / rows() * (longest + 2)];
            addTo(difference, longest, layers[layer], positions, 1);
            addTo(difference, longest, contrast.at(hookPoint, layer), contrast.positions, -1);
            ofLayers[layer] = difference;
          }
          differences.put(hookPoint, ofLayers);
        });
    return new Activations(longest, differences);
  }

  /** Adds rows to rows of more positions; mean and last stay at the end. */
  private static void addTo(
      float[] sum, int sumPositions, float[] added, int addedPositions, float sign) {
    int width = added.length / (addedPositions + 2);
    for (int row = 0; row < addedPositions + 2; row++) {
      int to = row < addedPositions ? row : row - addedPositions + sumPositions;
      for (int i = 0; i < width; i++) {
        sum[to * width + i] += sign * added[row * width + i];
      }
    }
  }

  /**
   * What a rule adds at every position, [width].
   *
   * @throws IllegalArgumentException if the rule does not add the same everywhere
   */
  public float[] constant(PositionRule rule, HookPoint hookPoint, int layer) {
    if (!rule.constant()) {
      throw new IllegalArgumentException(rule.word() + " is not the same at every position");
    }
    float[] all = at(hookPoint, layer);
    int width = all.length / rows();
    int row = decodeRow(rule).orElseThrow();
    return Arrays.copyOfRange(all, row * width, (row + 1) * width);
  }

  /** [rows * width]. */
  public float[] at(HookPoint hookPoint, int layer) {
    float[][] layers = byHookPoint.get(hookPoint);
    if (layers == null) {
      throw new IllegalArgumentException(
          "no activations of " + hookPoint.word() + " were captured");
    }
    return layers[layer];
  }

  int rows() {
    return positions + 2;
  }

  /** The row that is added at a position of the base prompt; empty where nothing is. */
  OptionalInt row(PositionRule rule, int position) {
    return switch (rule) {
      case LW2023, PROMPT -> position < positions ? OptionalInt.of(position) : OptionalInt.empty();
      case MEAN, LAST -> decodeRow(rule);
    };
  }

  /** The row that is added at every generated position; empty where nothing is. */
  OptionalInt decodeRow(PositionRule rule) {
    return switch (rule) {
      case LW2023 -> OptionalInt.of(0);
      case PROMPT -> OptionalInt.empty();
      case MEAN -> OptionalInt.of(positions);
      case LAST -> OptionalInt.of(positions + 1);
    };
  }
}
