package steersweep.engine;

import java.nio.FloatBuffer;
import java.util.List;
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
  private final Bank bank;
  private final int[] rows;

  /**
   * @param base the base prompt's own activations
   * @param steering what is added to them
   */
  public Dose(Engine engine, Capture.Captured base, Activations steering, PositionRule rule) {
    this.shape = engine.shape();
    this.base = base;
    this.bank = Bank.of(shape, engine.hookPoints(), List.of(steering));
    this.rows = bank.promptRows(0, rule, base.tokens().length);
  }

  /**
   * Mean over the base prompt's positions of |scale x addition| / |activation|, at a site's head or
   * over all its heads.
   */
  public double at(Site site, double scale) {
    HookPoint hookPoint = site.hookPoint();
    int width = hookPoint.width(shape);
    int headWidth = width / hookPoint.heads(shape);
    int from = site.allHeads() ? 0 : site.head() * headWidth;
    int to = site.allHeads() ? width : from + headWidth;
    FloatBuffer additions = bank.values(hookPoint, site.layer());
    FloatBuffer activation = FloatBuffer.wrap(base.activations().at(hookPoint, site.layer()));
    double sum = 0;
    for (int position = 0; position < rows.length; position++) {
      double added = norm(additions, rows[position] * width, from, to);
      double there = norm(activation, position * width, from, to);
      sum += added == 0 ? 0 : added / there;
    }
    return Math.abs(scale) * sum / rows.length;
  }

  private static double norm(FloatBuffer values, int start, int from, int to) {
    double squares = 0;
    for (int i = start + from; i < start + to; i++) {
      squares += (double) values.get(i) * values.get(i);
    }
    return Math.sqrt(squares);
  }
}
