package steersweep.score;

import java.util.Comparator;
import steersweep.model.HookPoint;
import steersweep.plan.Site;

/** A site with a scale: what a verdict is about. */
public record Point(Site site, double scale) {
  /** Hook point, layer, all heads before single heads, scale. */
  static final Comparator<Point> ORDER =
      Comparator.<Point, HookPoint>comparing(point -> point.site().hookPoint())
          .thenComparing(point -> point.site().layer())
          .thenComparing(point -> point.site().head())
          .thenComparing(Point::scale);
}
