package steersweep.score;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import steersweep.plan.Site;
import steersweep.result.PairSite;

/**
 * What a concept's pairs of texts were to the model before the sweep, and whether that said where
 * steering with their mean difference pulls: the rank correlation, over the sites, of each figure
 * with the pull at equal damage that the sweep then found.
 *
 * @param sites every site with its figures
 * @param damage that sites are compared at, nats per token; NaN where none was run strongly enough
 * @param agreement of the pairs' agreement with pull
 * @param separation of the sides' separation with pull
 */
public record PairFindings(
    String concept,
    List<PairSite> sites,
    double damage,
    Agreement agreement,
    Agreement separation) {
  public PairFindings {
    sites = List.copyOf(sites);
  }

  /**
   * @param sites of one concept
   */
  public static PairFindings of(String concept, List<PairSite> sites, EqualDamage found) {
    List<PairSite> compared = compared(sites);
    double damage = damage(compared, found);
    return new PairFindings(
        concept,
        sites,
        damage,
        agreement(compared, found, damage, PairSite::agreement),
        agreement(compared, found, damage, PairSite::separation));
  }

  /** Whole layers, where the plan has any: a head has a part of what its layer has. */
  private static List<PairSite> compared(List<PairSite> sites) {
    List<PairSite> whole = sites.stream().filter(of -> of.site().allHeads()).toList();
    return whole.isEmpty() ? sites : whole;
  }

  /** The one that most sites were run as strongly as, the largest of several. */
  private static double damage(List<PairSite> sites, EqualDamage found) {
    double best = Double.NaN;
    long most = 1;
    for (double damage : EqualDamage.DAMAGES) {
      long reached = sites.stream().filter(of -> found.reached(of.site()::equals, damage)).count();
      if (reached >= most) {
        most = reached;
        best = damage;
      }
    }
    return best;
  }

  private static Agreement agreement(
      List<PairSite> sites,
      EqualDamage found,
      double damage,
      Function<PairSite, @Nullable Double> figure) {
    return Agreement.of(
        sites.stream()
            .map(of -> new Agreement.Seen(known(figure.apply(of)), pull(of.site(), found, damage)))
            .toList());
  }

  private static double pull(Site site, EqualDamage found, double damage) {
    return Double.isNaN(damage) ? Double.NaN : found.at(site, damage).pull().mean();
  }

  private static double known(@Nullable Double figure) {
    return figure == null ? Double.NaN : figure;
  }
}
