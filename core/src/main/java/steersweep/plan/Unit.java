package steersweep.plan;

import java.io.Serializable;

/**
 * The cells that are run, and written, together: a range of the sweep's order. It may hold cells of
 * several prompt pairs, so that a plan with few cells for each pair still fills batches.
 *
 * @param index place in the sweep's order, from 0
 * @param from index of the first cell
 * @param to one after the last cell's
 */
public record Unit(int index, long from, long to) implements Serializable {
  /** Name of the unit's files: sorts in the sweep's order. */
  public String id() {
    return String.format("unit-%06d", index);
  }

  public int size() {
    return Math.toIntExact(to - from);
  }
}
