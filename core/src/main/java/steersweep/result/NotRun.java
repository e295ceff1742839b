package steersweep.result;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import steersweep.plan.Cell;
import steersweep.plan.CellGrid;
import steersweep.plan.CellKind;
import steersweep.plan.Incoherence;
import steersweep.plan.Site;

/**
 * Which cells of a sweep are not run because a smaller setting makes texts incoherent already: for
 * a concept's site all of its prompt pairs or none, with the controls that are compared with them,
 * so that no mean is over some of them.
 */
public final class NotRun {
  private record Key(String concept, Site site, double sign) {}

  private final Map<Key, Incoherence> found = new HashMap<>();
  private final CellGrid grid;

  public NotRun(List<Incoherence> incoherent, CellGrid grid) {
    this.grid = grid;
    incoherent.forEach(of -> found.put(key(of.concept(), of.site(), of.setting()), of));
  }

  private static Key key(String concept, Site site, double setting) {
    return new Key(concept, site, Math.signum(setting));
  }

  /** Why a concept's site is not run at a setting; empty where it is. */
  public Optional<Incoherence> at(String concept, Site site, double setting) {
    return Optional.ofNullable(found.get(key(concept, site, setting)))
        .filter(of -> of.before(setting));
  }

  /** Why a cell is not run; empty where it is. */
  public Optional<Incoherence> of(Cell cell) {
    Site site = cell.site();
    if (site == null || found.isEmpty()) {
      return Optional.empty();
    }
    // a random direction has no sign, and goes with both
    List<Cell> with =
        cell.kind() == CellKind.RANDOM ? grid.comparedWith(cell) : List.<Cell>of(cell);
    List<Optional<Incoherence>> why =
        with.stream().map(of -> at(of.pair().concept(), site, of.setting())).toList();
    return why.stream().allMatch(Optional::isPresent)
        ? why.stream().flatMap(Optional::stream).findFirst()
        : Optional.empty();
  }
}
