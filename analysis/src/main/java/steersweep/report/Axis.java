package steersweep.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A linear axis with round ticks.
 *
 * @param low value at {@code from}
 * @param high value at {@code to}
 * @param from pixel of the low end; larger than {@code to} on an upward axis
 */
record Axis(double low, double high, double from, double to) {
  private static final int ABOUT_TICKS = 6;

  /** From round number to round number, all values within. */
  static Axis around(double least, double most, double from, double to) {
    double step = step(most - least);
    double low = Math.floor(least / step) * step;
    return new Axis(low, Math.max(low + step, Math.ceil(most / step) * step), from, to);
  }

  double at(double value) {
    return from + (value - low) / (high - low) * (to - from);
  }

  /** The value, or the end of the axis that it is beyond. */
  double within(double value) {
    return Math.max(low, Math.min(high, value));
  }

  List<Double> ticks() {
    double step = step(high - low);
    List<Double> ticks = new ArrayList<>();
    for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + step / 1000; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  private static double step(double range) {
    double rough = Math.max(range, 1e-3) / ABOUT_TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double share = rough / power;
    return power * (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10);
  }
}
