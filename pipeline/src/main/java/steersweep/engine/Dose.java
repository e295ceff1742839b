package steersweep.engine;

import java.util.OptionalInt;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.PositionRule;
import steersweep.plan.Site;

/**
 * How much is added, relative to what is there: equal scales are not equal doses, since activations
 * differ in size between hook points, layers and heads.
 */
public final class Dose {
  private final ModelShape shape;
  private final Capture.Captured base;
  private final Activations added;
  private final PositionRule rule;

  /**
   * @param base the base prompt's own activations
   * @param added what is added to them
   */
  public Dose(ModelShape shape, Capture.Captured base, Activations added, PositionRule rule) {
    this.shape = shape;
    this.base = base;
    this.added = added;
    this.rule = rule;
  }

  /**
   * Mean over the base prompt's positions of |scale x addition| / |activation|, at a site's head or
   * over all its heads. Positions whose activation is 0 are left out; where all are, the dose is
   * infinite, or 0 if nothing is added either.
   */
  public double at(Site site, double scale) {
    HookPoint hookPoint = site.hookPoint();
    int width = hookPoint.width(shape);
    int headWidth = width / hookPoint.heads(shape);
    int from = site.allHeads() ? 0 : site.head() * headWidth;
    int to = site.allHeads() ? width : from + headWidth;
    float[] additions = added.at(hookPoint, site.layer());
    float[] activation = base.activations().at(hookPoint, site.layer());
    double sum = 0;
    double mostAdded = 0;
    int counted = 0;
    int tokens = base.tokens().length;
    int positions = hookPoint.positions(shape.source(base.tokens()), tokens);
    for (int position = 0; position < positions; position++) {
      OptionalInt row = added.row(rule, position);
      double size = row.isEmpty() ? 0 : norm(additions, row.getAsInt() * width, from, to);
      double there = norm(activation, position * width, from, to);
      mostAdded = Math.max(mostAdded, size);
      if (there > 0) {
        sum += size / there;
        counted++;
      }
    }
    if (mostAdded == 0) {
      return 0;
    }
    return counted == 0 ? Double.POSITIVE_INFINITY : Math.abs(scale) * sum / counted;
  }

  /**
   * The factor that makes a dose, with the dose's sign.
   *
   * @return NaN where no factor does
   */
  public double scale(Site site, double dose) {
    double scale = dose / at(site, 1);
    return Float.isFinite((float) scale) && (float) scale != 0 ? scale : Double.NaN;
  }

  /** Norm of a part of a row. */
  static double norm(float[] values, int row, int from, int to) {
    double squares = 0;
    for (int i = row + from; i < row + to; i++) {
      squares += (double) values[i] * values[i];
    }
    return Math.sqrt(squares);
  }
}
