package steersweep.score;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.stat.correlation.SpearmansCorrelation;

/**
 * How far the screen and the texts agree: Spearman's rank correlation of pull and evidence, both
 * with the control taken off, over the sites and settings that were drawn by chance, concept by
 * concept. Its interval is Fisher's with the standard error of Bonett and Wright (2000).
 *
 * @param n sites and settings; with fewer than 4 there is no interval
 */
public record Agreement(int n, double correlation, double low, double high) {
  private static final double QUANTILE = 1.959964;

  /** A site and setting of a concept. */
  record Seen(double pull, double evidence) {}

  static Agreement of(List<Seen> all) {
    List<Seen> seen = new ArrayList<>(all);
    seen.removeIf(of -> Double.isNaN(of.pull()) || Double.isNaN(of.evidence()));
    int n = seen.size();
    if (n < 4) {
      return new Agreement(n, Double.NaN, Double.NaN, Double.NaN);
    }
    double rho =
        new SpearmansCorrelation()
            .correlation(
                seen.stream().mapToDouble(Seen::pull).toArray(),
                seen.stream().mapToDouble(Seen::evidence).toArray());
    double inside = Math.max(-0.999999, Math.min(0.999999, rho));
    double centre = 0.5 * Math.log((1 + inside) / (1 - inside));
    double half = QUANTILE * Math.sqrt((1 + inside * inside / 2) / (n - 3));
    return new Agreement(n, rho, Math.tanh(centre - half), Math.tanh(centre + half));
  }

  public boolean known() {
    return !Double.isNaN(low);
  }
}
