package steersweep.score;

import java.util.Locale;

/** The four things a site can turn out to be at one scale. */
public enum Outcome {
  /** The texts clearly move the way the scale's sign says, and stay fluent. */
  WORKS,
  /** The texts change and stay fluent, but not clearly the way the scale's sign says. */
  UNCLEAR,
  /** The texts hardly change, or the effect is too small to matter. */
  NEGLIGIBLE,
  /** The texts are broken: far less fluent than the baseline, or looping. */
  INCOHERENT;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
