package steersweep.cli;

import picocli.CommandLine.Help.Ansi;

/** What may be shown: bars and colours are for terminals, and for people who want them. */
final class Terminal {
  private Terminal() {}

  /** Whether standard error is a terminal that can go back in a line. */
  static boolean bars() {
    return Boolean.getBoolean("steersweep.terminal") && !"dumb".equals(System.getenv("TERM"));
  }

  /** Colours of help and of messages about options; never with NO_COLOR (no-color.org). */
  static Ansi colours() {
    String noColour = System.getenv("NO_COLOR");
    return bars() && (noColour == null || noColour.isEmpty()) ? Ansi.AUTO : Ansi.OFF;
  }
}
