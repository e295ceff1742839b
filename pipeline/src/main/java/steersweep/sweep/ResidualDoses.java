package steersweep.sweep;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import steersweep.engine.DoseResidual;
import steersweep.engine.Engine;
import steersweep.engine.Steer;
import steersweep.plan.Site;

/** How large what cells add is in the residual stream. */
final class ResidualDoses {
  private ResidualDoses() {}

  /** What is added at one site, at any factor. */
  private record AddedAt(PairContexts.Source source, Site site) {
    static AddedAt of(PlacedCell cell) {
      return new AddedAt(
          PairContexts.Source.of(cell.cell()), Objects.requireNonNull(cell.cell().site()));
    }
  }

  /**
   * One number for each cell, in the order given; 0 where nothing is added. Measured once for all
   * factors, since it is proportional to them.
   */
  static double[] of(Engine engine, List<PlacedCell> cells, int batchSize) {
    Map<AddedAt, Steer.Request> different = new LinkedHashMap<>();
    for (PlacedCell cell : cells) {
      if (cell.request() != null) {
        different.computeIfAbsent(AddedAt.of(cell), at -> cell.measurable());
      }
    }
    double[] measured = DoseResidual.of(engine, List.copyOf(different.values()), batchSize);
    Map<AddedAt, Double> ofFactorOne = new HashMap<>();
    for (Map.Entry<AddedAt, Steer.Request> one : different.entrySet()) {
      int i = ofFactorOne.size();
      ofFactorOne.put(one.getKey(), measured[i] / one.getValue().scale());
    }
    return cells.stream()
        .mapToDouble(
            cell ->
                cell.request() == null
                    ? 0
                    : Math.abs(cell.factor())
                        * Objects.requireNonNull(ofFactorOne.get(AddedAt.of(cell))))
        .toArray();
  }
}
