package steersweep.error;

import java.util.List;

/**
 * Something the user gave is wrong: a plan, a checkpoint folder, an option. Carries every fault
 * found, one line each, in the form {@code where: what; got X, expected Y}. The command line prints
 * them without a stack trace and exits with 2.
 */
public final class UserError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<String> faults;

  public UserError(List<String> faults) {
    super(String.join(System.lineSeparator(), faults));
    if (faults.isEmpty()) {
      throw new IllegalArgumentException("a user error names at least one fault");
    }
    this.faults = List.copyOf(faults);
  }

  public UserError(String where, String what) {
    this(List.of(where + ": " + what));
  }

  public UserError(String where, String what, Throwable cause) {
    this(where, what);
    initCause(cause);
  }

  /** Every fault, in the order found. */
  public List<String> faults() {
    return faults;
  }
}
