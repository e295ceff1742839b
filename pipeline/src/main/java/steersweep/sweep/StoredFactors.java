package steersweep.sweep;

import steersweep.plan.Cell;
import steersweep.plan.Site;
import steersweep.result.FactorRow;
import steersweep.result.Factors;
import steersweep.result.RunFolder;

/** The factors of a run, read when they are first asked for: a worker is there before they are. */
final class StoredFactors {
  private final RunFolder run;
  private Factors factors = Factors.NONE;

  StoredFactors(RunFolder run) {
    this.run = run;
  }

  /** Of a cell's steering source, site and setting. */
  synchronized FactorRow of(Cell cell, Site site) {
    if (factors.all().isEmpty()) {
      factors = Factors.of(run);
    }
    return factors
        .find(FactorRow.Key.of(cell, site))
        .orElseThrow(() -> new IllegalStateException("no factor of cell " + cell.index()));
  }
}
