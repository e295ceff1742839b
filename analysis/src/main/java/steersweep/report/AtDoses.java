package steersweep.report;

import steersweep.score.EqualDose.AtDose;

/** Sites at doses in words. */
final class AtDoses {
  private AtDoses() {}

  /** Two digits that count: {@code +0.034}, {@code −1.2}. */
  static String dose(double dose) {
    double size = Math.abs(dose);
    int decimals = size >= 10 ? 0 : size >= 1 ? 1 : size >= 0.1 ? 2 : 3;
    return (dose > 0 ? "+" : "") + Numbers.fixed(dose, decimals);
  }

  static String details(AtDose of) {
    return Labels.place(of.site())
        + ", dose "
        + dose(of.dose())
        + ": effect "
        + Labels.effect(of.effect())
        + ", n "
        + of.effect().n()
        + (of.coherent() ? "" : ", incoherent");
  }

  /** Whether the effect is told apart from none, and the texts are whole. */
  static boolean clear(AtDose of) {
    return of.coherent() && (of.effect().above0() || of.effect().below0());
  }
}
