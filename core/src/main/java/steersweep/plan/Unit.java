package steersweep.plan;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The cells of a stage that are run, and written, together. They may be of several prompt pairs, so
 * that a plan with few cells for each pair still fills batches.
 *
 * @param index place among the stage's units, from 0
 * @param from the first cell: its number in the sweep's order where the sweep is screened, its
 *     place among the chosen cells where texts are written
 * @param to one after the last cell
 */
public record Unit(Stage stage, int index, long from, long to) implements Serializable {
  /** So many cells cut into units; the last one may have fewer. */
  public static List<Unit> cut(Stage stage, long cells, int unitCells) {
    List<Unit> units = new ArrayList<>();
    for (long from = 0; from < cells; from += unitCells) {
      units.add(new Unit(stage, units.size(), from, Math.min(from + unitCells, cells)));
    }
    return units;
  }

  /** Name of the unit's files in the folders of its stage: sorts in the sweep's order. */
  public String id() {
    return String.format("unit-%06d", index);
  }

  /** The id with the stage, as in logs: {@code screen-unit-000003}. */
  public String name() {
    return stage.word() + "-" + id();
  }

  public int size() {
    return Math.toIntExact(to - from);
  }
}
