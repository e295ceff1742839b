package steersweep.engine;

import java.util.ArrayList;
import java.util.List;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.MeanDifference;
import steersweep.plan.Site;
import steersweep.result.PairSite;

/**
 * Reads pairs of texts, twice, and says at each site how well they agree and how far their sides
 * are apart; nothing is steered.
 */
public final class PairAgreement {
  private PairAgreement() {}

  /**
   * @param sites of hook points that the graph has
   * @return a row for each site
   */
  public static List<PairSite> of(
      Engine engine,
      PromptTokenizer tokenizer,
      String concept,
      MeanDifference source,
      List<Site> sites) {
    List<LeaveOneOut> all = sites.stream().map(site -> at(site, engine.shape())).toList();
    PairActivations pairs = new PairActivations(engine, tokenizer, source);
    pairs.each(
        (positive, negative) -> {
          for (int i = 0; i < sites.size(); i++) {
            all.get(i).add(read(positive, sites.get(i)), read(negative, sites.get(i)));
          }
        });
    pairs.each(
        (positive, negative) -> {
          for (int i = 0; i < sites.size(); i++) {
            all.get(i).judge(read(positive, sites.get(i)), read(negative, sites.get(i)));
          }
        });
    List<PairSite> rows = new ArrayList<>();
    for (int i = 0; i < sites.size(); i++) {
      LeaveOneOut of = all.get(i);
      rows.add(
          new PairSite(
              concept, sites.get(i), source.pairs().size(), of.agreement(), of.separation()));
    }
    return rows;
  }

  private static float[] read(PairActivations.Read of, Site site) {
    return of.at(site.hookPoint(), site.layer());
  }

  private static LeaveOneOut at(Site site, ModelShape shape) {
    HookPoint hookPoint = site.hookPoint();
    return site.allHeads()
        ? new LeaveOneOut(0, hookPoint.width(shape))
        : new LeaveOneOut(site.head() * shape.dHead(), shape.dHead());
  }
}
