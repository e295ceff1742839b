package steersweep.score;

import java.util.Comparator;
import steersweep.model.HookPoint;
import steersweep.plan.Site;

/**
 * A site with a setting: what a verdict is about.
 *
 * @param setting as the plan has it, with its sign
 */
public record Point(Site site, double setting) {
  /** Hook point, layer, all heads before single heads, setting. */
  public static final Comparator<Point> ORDER =
      Comparator.<Point, HookPoint>comparing(point -> point.site().hookPoint())
          .thenComparing(point -> point.site().layer())
          .thenComparing(point -> point.site().head())
          .thenComparing(Point::setting);

  /** +1 where the setting asks for more of the concept, -1 where it asks for less. */
  public double sign() {
    return Math.signum(setting);
  }
}
