package steersweep.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.PositionRule;

/**
 * The rows that a batch can add: those of each steering prompt's {@link Activations}, then, as the
 * bank's last row, zeros. Any position rule is a choice of rows, so that one graph serves them all.
 */
public final class Bank {
  /** Rows of a bank without steering prompts: the zeros. */
  private static final int ZERO_ROWS = 1;

  private final ModelShape shape;
  private final int rows;
  private final int[] firstRow;
  private final List<Activations> prompts;
  private final Map<HookPoint, List<FloatBuffer>> values = new EnumMap<>(HookPoint.class);

  private Bank(ModelShape shape, List<HookPoint> hookPoints, List<Activations> prompts) {
    this.shape = shape;
    this.prompts = List.copyOf(prompts);
    firstRow = new int[prompts.size()];
    int next = 0;
    for (int i = 0; i < prompts.size(); i++) {
      firstRow[i] = next;
      next += prompts.get(i).rows();
    }
    rows = next + ZERO_ROWS;
    for (HookPoint hookPoint : hookPoints) {
      List<FloatBuffer> layers = new ArrayList<>();
      for (int layer = 0; layer < hookPoint.layers(shape); layer++) {
        layers.add(fill(hookPoint, layer, hookPoint.width(shape)));
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

  private FloatBuffer fill(HookPoint hookPoint, int layer, int width) {
    FloatBuffer buffer =
        ByteBuffer.allocateDirect(Math.multiplyExact(Math.multiplyExact(rows, width), Float.BYTES))
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    prompts.forEach(prompt -> buffer.put(prompt.at(hookPoint, layer)));
    return buffer.rewind(); // a direct buffer starts as zeros, and so ends the bank
  }

  /** Sizes of the model that the bank is for. */
  ModelShape shape() {
    return shape;
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

  /**
   * The row added at each position of a base prompt.
   *
   * @param prompt which steering prompt
   * @param length tokens of the base prompt
   */
  public int[] promptRows(int prompt, PositionRule rule, int length) {
    int[] chosen = new int[length];
    Arrays.setAll(chosen, position -> row(prompt, prompts.get(prompt).row(rule, position)));
    return chosen;
  }

  /** The row added at every generated position. */
  public int decodeRow(int prompt, PositionRule rule) {
    return row(prompt, prompts.get(prompt).decodeRow(rule));
  }

  private int row(int prompt, OptionalInt within) {
    return within.isPresent() ? firstRow[prompt] + within.getAsInt() : zeroRow();
  }
}
