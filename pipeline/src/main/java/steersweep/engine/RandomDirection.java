package steersweep.engine;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;

/**
 * Chance as a control: what is random is drawn from a seed that names it, so that it is the same in
 * every run, whatever else is in the plan.
 */
public final class RandomDirection {
  private RandomDirection() {}

  /**
   * Activations of the same size in a random direction. At each hook point, layer and head there is
   * one direction, drawn evenly from all of them; each row takes it at the size that the original
   * has there. So all scales of a site share a direction, and a site with all heads has those of
   * its heads.
   *
   * @param seed names the draw; hook point and layer are added to it
   */
  public static Activations like(Activations original, ModelShape shape, String seed) {
    Map<HookPoint, float[][]> random = new EnumMap<>(HookPoint.class);
    original
        .byHookPoint()
        .forEach(
            (hookPoint, layers) -> {
              float[][] ofLayers = new float[layers.length][];
              for (int layer = 0; layer < layers.length; layer++) {
                String drawn = seed + '\0' + hookPoint.word() + '\0' + layer;
                ofLayers[layer] =
                    turned(layers[layer], hookPoint.width(shape), hookPoint.heads(shape), drawn);
              }
              random.put(hookPoint, ofLayers);
            });
    return new Activations(original.positions(), random);
  }

  /** Rows of the same norms, head by head, along a drawn direction. */
  private static float[] turned(float[] rows, int width, int heads, String seed) {
    Random random = random(seed);
    float[] direction = new float[width];
    for (int i = 0; i < width; i++) {
      direction[i] = (float) random.nextGaussian();
    }
    int headWidth = width / heads;
    float[] turned = new float[rows.length];
    for (int from = 0; from < width; from += headWidth) {
      double length = Dose.norm(direction, 0, from, from + headWidth);
      for (int row = 0; row < rows.length; row += width) {
        double factor = Dose.norm(rows, row, from, from + headWidth) / length;
        for (int i = from; i < from + headWidth; i++) {
          turned[row + i] = (float) (factor * direction[i]);
        }
      }
    }
    return turned;
  }

  /**
   * A prompt's tokens in a random order, another one if there is any.
   *
   * @param bos token that stays in front; none if the prompt does not begin with it
   * @param seed names the draw
   */
  public static int[] shuffled(int[] tokens, int bos, String seed) {
    int from = tokens.length > 0 && tokens[0] == bos ? 1 : 0;
    List<Integer> order = new ArrayList<>();
    for (int i = from; i < tokens.length; i++) {
      order.add(tokens[i]);
    }
    List<Integer> original = List.copyOf(order);
    Random random = random(seed);
    boolean anyOther = original.stream().distinct().count() > 1;
    do {
      Collections.shuffle(order, random);
    } while (anyOther && order.equals(original));
    int[] shuffled = tokens.clone();
    for (int i = from; i < tokens.length; i++) {
      shuffled[i] = order.get(i - from);
    }
    return shuffled;
  }

  private static Random random(String seed) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(seed.getBytes(StandardCharsets.UTF_8));
      return new Random(ByteBuffer.wrap(hash).getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
