package steersweep.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.PositionRule;

/**
 * The rows that a batch can add: for each steering prompt one row per position and one with the
 * mean over positions (the first left out), then, as the bank's last row, zeros. Any position rule
 * is a choice of rows, so that one graph serves them all.
 */
public final class Bank {
  /** Rows of a bank without steering prompts: the zeros. */
  private static final int ZERO_ROWS = 1;

  private final int rows;
  private final int[] firstRow;
  private final int[] positions;
  private final Map<HookPoint, List<FloatBuffer>> values = new EnumMap<>(HookPoint.class);

  private Bank(ModelShape shape, List<HookPoint> hookPoints, List<Activations> prompts) {
    firstRow = new int[prompts.size()];
    positions = new int[prompts.size()];
    int next = 0;
    for (int i = 0; i < prompts.size(); i++) {
      firstRow[i] = next;
      positions[i] = prompts.get(i).positions();
      next += positions[i] + 1;
    }
    rows = next + ZERO_ROWS;
    for (HookPoint hookPoint : hookPoints) {
      List<FloatBuffer> layers = new ArrayList<>();
      for (int layer = 0; layer < shape.nLayers(); layer++) {
        layers.add(fill(hookPoint, layer, hookPoint.width(shape), prompts));
      }
      values.put(hookPoint, layers);
    }
  }

  /** A bank of the zeros only, for passes that steer nothing. */
  public static Bank empty(ModelShape shape, List<HookPoint> hookPoints) {
    return new Bank(shape, hookPoints, List.of());
  }

  /** A bank of the given steering prompts; they are told apart by their place in the list. */
  public static Bank of(ModelShape shape, List<HookPoint> hookPoints, List<Activations> prompts) {
    return new Bank(shape, hookPoints, prompts);
  }

  private FloatBuffer fill(HookPoint hookPoint, int layer, int width, List<Activations> prompts) {
    FloatBuffer buffer =
        ByteBuffer.allocateDirect(Math.multiplyExact(Math.multiplyExact(rows, width), Float.BYTES))
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    for (Activations prompt : prompts) {
      float[] activation = prompt.at(hookPoint, layer);
      buffer.put(activation);
      buffer.put(mean(activation, prompt.positions(), width));
    }
    return buffer.rewind(); // a direct buffer starts as zeros, and so ends the bank
  }

  /** Mean over positions 1.. ; of a prompt of one token, that token. */
  private static float[] mean(float[] activation, int positions, int width) {
    int from = positions > 1 ? 1 : 0;
    double[] sum = new double[width];
    for (int position = from; position < positions; position++) {
      for (int i = 0; i < width; i++) {
        sum[i] += activation[position * width + i];
      }
    }
    float[] mean = new float[width];
    for (int i = 0; i < width; i++) {
      mean[i] = (float) (sum[i] / (positions - from));
    }
    return mean;
  }

  /** Rows of every hook point's and layer's table. */
  public int rows() {
    return rows;
  }

  /** [rows * width]. */
  FloatBuffer values(HookPoint hookPoint, int layer) {
    return values.getOrDefault(hookPoint, List.of()).get(layer);
  }

  /** The row of zeros. */
  public int zeroRow() {
    return rows - 1;
  }

  private int meanRow(int prompt) {
    return firstRow[prompt] + positions[prompt];
  }

  /**
   * The row added at each position of a base prompt.
   *
   * @param prompt which steering prompt
   * @param length tokens of the base prompt
   */
  public int[] promptRows(int prompt, PositionRule rule, int length) {
    int[] chosen = new int[length];
    switch (rule) {
      case LW2023, PROMPT -> {
        for (int position = 0; position < length; position++) {
          chosen[position] = position < positions[prompt] ? firstRow[prompt] + position : zeroRow();
        }
      }
      case MEAN, LAST -> Arrays.fill(chosen, decodeRow(prompt, rule));
    }
    return chosen;
  }

  /** The row added at every generated position. */
  public int decodeRow(int prompt, PositionRule rule) {
    return switch (rule) {
      case LW2023 -> firstRow[prompt];
      case PROMPT -> zeroRow();
      case MEAN -> meanRow(prompt);
      case LAST -> firstRow[prompt] + positions[prompt] - 1;
    };
  }
}
