package steersweep.plan;

import java.io.Serializable;

/**
 * The cells that one engine call runs as one batch: a range of the cells of one prompt pair.
 *
 * @param index place in the sweep's order, from 0
 * @param pair index of the prompt pair
 * @param from first cell, counted within the pair; 0 is the pair's baseline
 * @param to one after the last cell
 */
public record Unit(int index, int pair, int from, int to) implements Serializable {
  /** Name of the unit's files: sorts in the sweep's order. */
  public String id() {
    return String.format("unit-%06d", index);
  }

  public int size() {
    return to - from;
  }
}
