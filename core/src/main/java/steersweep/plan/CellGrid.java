package steersweep.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import steersweep.error.Faults;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;

/**
 * Every cell of a sweep over one model, in a fixed order: prompt pair, then (after the pair's
 * baseline) hook point, layer, head, scale. Cells are computed from their number, so that a grid of
 * millions of cells takes no memory.
 *
 * @param pairs prompt pairs
 * @param sites places to steer
 * @param scales factors, each applied at each site
 */
public record CellGrid(
    List<PromptPair> pairs, List<Site> sites, List<Double> scales, PositionRule positions) {
  public CellGrid {
    pairs = List.copyOf(pairs);
    sites = List.copyOf(sites);
    scales = List.copyOf(scales);
  }

  /**
   * The plan met with a model's sizes.
   *
   * @param where names the plan in messages, such as {@code conf/demo.yaml}
   * @throws steersweep.error.UserError naming every layer and head that the model does not have
   */
  public static CellGrid of(SweepPlan plan, ModelShape shape, String where) {
    Faults faults = new Faults();
    for (int layer : plan.layers().listed()) {
      if (layer >= shape.nLayers()) {
        faults.add(
            where + ": grid.layers",
            "no such layer; got " + layer + ", expected 0.." + (shape.nLayers() - 1));
      }
    }
    for (HookPoint hookPoint : plan.hookPoints()) {
      for (int head : plan.heads().listed()) {
        if (hookPoint.hasHeads() && head >= hookPoint.heads(shape)) {
          faults.add(
              where + ": grid.heads",
              "no such head at hook point "
                  + hookPoint.word()
                  + "; got "
                  + head
                  + ", expected 0.."
                  + (hookPoint.heads(shape) - 1));
        }
      }
    }
    faults.throwIfAny();
    List<Integer> layers =
        plan.layers().all()
            ? IntStream.range(0, shape.nLayers()).boxed().toList()
            : plan.layers().listed();
    List<Site> sites = new ArrayList<>();
    for (HookPoint hookPoint : plan.hookPoints()) {
      for (int layer : layers) {
        for (int head : heads(plan, hookPoint, shape)) {
          sites.add(new Site(hookPoint, layer, head));
        }
      }
    }
    return new CellGrid(plan.promptPairs(), sites, plan.scales(), plan.positions());
  }

  private static List<Integer> heads(SweepPlan plan, HookPoint hookPoint, ModelShape shape) {
    if (!hookPoint.hasHeads()) {
      return List.of(Site.ALL_HEADS);
    }
    List<Integer> heads = new ArrayList<>();
    if (plan.heads().together()) {
      heads.add(Site.ALL_HEADS);
    }
    heads.addAll(
        plan.heads().each()
            ? IntStream.range(0, hookPoint.heads(shape)).boxed().toList()
            : plan.heads().listed());
    return heads;
  }

  /** Cells of one prompt pair, its baseline included. */
  public int cellsPerPair() {
    return Math.addExact(1, Math.multiplyExact(sites.size(), scales.size()));
  }

  /** Cells of the whole sweep. */
  public long size() {
    return (long) pairs.size() * cellsPerPair();
  }

  /**
   * @param pair index of the prompt pair
   * @param within the cell counted within its pair; 0 is the baseline
   */
  public Cell cell(int pair, int within) {
    long index = (long) pair * cellsPerPair() + within;
    if (within == 0) {
      return new Cell(index, pairs.get(pair), null, 0, positions);
    }
    Site site = sites.get((within - 1) / scales.size());
    return new Cell(
        index, pairs.get(pair), site, scales.get((within - 1) % scales.size()), positions);
  }

  /** The cells of a unit, in order. */
  public List<Cell> cells(Unit unit) {
    return IntStream.range(unit.from(), unit.to())
        .mapToObj(within -> cell(unit.pair(), within))
        .toList();
  }

  /**
   * The whole sweep cut into units of at most {@code unitCells} cells; no unit spans two prompt
   * pairs.
   */
  public List<Unit> units(int unitCells) {
    List<Unit> units = new ArrayList<>();
    for (int pair = 0; pair < pairs.size(); pair++) {
      for (int from = 0; from < cellsPerPair(); from += unitCells) {
        units.add(new Unit(units.size(), pair, from, Math.min(from + unitCells, cellsPerPair())));
      }
    }
    return units;
  }
}
