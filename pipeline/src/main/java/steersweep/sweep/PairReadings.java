package steersweep.sweep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import steersweep.engine.Engine;
import steersweep.engine.PairAgreement;
import steersweep.engine.PromptTokenizer;
import steersweep.plan.Concept;
import steersweep.plan.MeanDifference;
import steersweep.plan.Site;
import steersweep.plan.SweepPlan;
import steersweep.result.FinishedUnits;
import steersweep.result.PairSite;
import steersweep.result.RunFolder;
import steersweep.result.RunUnits;

/** What a plan's pairs of texts are to the model, read before anything is steered with them. */
public final class PairReadings {
  private PairReadings() {}

  /** Whether anything of a plan is steered with pairs. */
  public static boolean any(SweepPlan plan) {
    return plan.concepts().stream().anyMatch(of -> of.source() instanceof MeanDifference);
  }

  /** Of each concept that is steered with pairs, at each site. */
  public static List<PairSite> of(Engine engine, SweepPlan plan, List<Site> sites) {
    List<PairSite> all = new ArrayList<>();
    try (PromptTokenizer tokenizer =
        PromptTokenizer.open(Path.of(engine.manifest().checkpoint()))) {
      for (Concept concept : plan.concepts()) {
        if (concept.source() instanceof MeanDifference pairs) {
          all.addAll(PairAgreement.of(engine, tokenizer, concept.name(), pairs, sites));
        }
      }
    }
    return all;
  }

  /** Those of a run, from its folder, where they are written unless they are there. */
  public static List<PairSite> of(RunFolder run, SweepSettings settings) {
    List<PairSite> known = PairSite.read(run.pairsFile());
    if (!known.isEmpty()) {
      return known;
    }
    Engine engine = SharedEngines.take(run, settings.processors().get(0), settings.threads());
    try {
      List<PairSite> read = of(engine, run.manifest().plan(), RunUnits.of(run).grid().sites());
      Map<String, String> footer = Map.of(FinishedUnits.KEY, run.manifest().key());
      PairSite.write(run.pairsFile(), read, footer);
      return read;
    } finally {
      SharedEngines.give(engine);
    }
  }
}
