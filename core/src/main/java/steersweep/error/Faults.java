package steersweep.error;

import java.util.ArrayList;
import java.util.List;

/** Collects faults so that a user sees all of them at once, before any expensive work starts. */
public final class Faults {
  private final List<String> found = new ArrayList<>();

  /**
   * @param where file and key path, such as {@code conf/demo.yaml: grid.settings[2]}
   * @param what the fault in the form {@code what; got X, expected Y}
   */
  public void add(String where, String what) {
    found.add(where + ": " + what);
  }

  public void addAll(Faults others) {
    found.addAll(others.found);
  }

  public boolean any() {
    return !found.isEmpty();
  }

  public List<String> all() {
    return List.copyOf(found);
  }

  /**
   * Throws one {@link UserError} with everything found so far; does nothing when nothing was found.
   */
  public void throwIfAny() {
    if (any()) {
      throw new UserError(found);
    }
  }
}
