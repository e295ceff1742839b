package steersweep.score;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;

/**
 * How far two figures of the same sites agree: Spearman's rank correlation. Its interval is
 * Fisher's with the standard error of Bonett and Wright (2000).
 *
 * @param n sites; with fewer than 4 there is no interval
 */
public record Agreement(int n, double correlation, double low, double high) {
  private static final double QUANTILE = 1.959964;

  /** Both figures of a site; NaN for one that is not known. */
  record Seen(double one, double other) {}

  static Agreement of(List<Seen> all) {
    List<Seen> seen = new ArrayList<>(all);
    seen.removeIf(of -> Double.isNaN(of.one()) || Double.isNaN(of.other()));
    int n = seen.size();
    if (n < 4) {
      return new Agreement(n, Double.NaN, Double.NaN, Double.NaN);
    }
    double rho =
        new SpearmansCorrelation()
            .correlation(
                seen.stream().mapToDouble(Seen::one).toArray(),
                seen.stream().mapToDouble(Seen::other).toArray());
    double inside = Math.max(-0.999999, Math.min(0.999999, rho));
    double centre = 0.5 * Math.log((1 + inside) / (1 - inside));
    double half = QUANTILE * Math.sqrt((1 + inside * inside / 2) / (n - 3));
    return new Agreement(n, rho, Math.tanh(centre - half), Math.tanh(centre + half));
  }

  public boolean known() {
    return !Double.isNaN(low);
  }
}
