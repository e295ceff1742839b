package steersweep.sweep;

/** What would fail every unit alike: the sweep is to end, and its units stay unfinished. */
final class StopSweep extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;

  StopSweep(int code, Throwable cause) {
    super(cause.getMessage(), cause);
    this.code = code;
  }

  Stop stop() {
    return new Stop(code, String.valueOf(getMessage()));
  }
}
