package steersweep.model;

/** Which version of this program is running; the same as the Maven version. */
public final class Release {
  public static final String VERSION = "0.1.0";

  private Release() {}
}
