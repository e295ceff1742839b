package steersweep.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import steersweep.model.ModelManifest;
import steersweep.model.Release;
import steersweep.plan.DoseUnit;
import steersweep.plan.PositionRule;
import steersweep.plan.Site;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.take.RunTexts;
import steersweep.take.SteeredTexts;
import steersweep.take.Taken;

/**
 * Where a taken steering comes from, and what running it again showed.
 *
 * @param runTexts texts that the run has for exactly this steering
 * @param sameAsRun how many of them were written again
 */
record TakeFacts(
    String run,
    @Nullable ModelManifest model,
    PositionRule rule,
    DoseUnit dose,
    TakeChoice choice,
    Taken taken,
    SteeredTexts steered,
    int runTexts,
    int sameAsRun) {
  static TakeFacts of(
      RunFolder run, RunManifest manifest, TakeChoice choice, Taken taken, SteeredTexts steered) {
    RunTexts texts =
        RunTexts.of(
            run,
            choice.concept().name(),
            choice.prompt(),
            choice.site(),
            taken.addition().factor());
    return new TakeFacts(
        run.path().getFileName().toString(),
        manifest.model(),
        manifest.plan().positions(),
        manifest.plan().dose(),
        choice,
        taken,
        steered,
        texts.size(),
        texts.same(steered));
  }

  /** For people. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            "what      %s, steering prompt %d, %s, setting %s",
            choice.concept().name(),
            choice.number(),
            SiteWord.of(choice.site()),
            choice.setting()));
    lines.add(String.format("factor    %.6g%s", taken.addition().factor(), spread()));
    lines.add(
        String.format(
            "damage    %.3g nats per token, over %d base prompts",
            steered.damage(), steered.basePrompts().size()));
    if (runTexts > 0) {
      lines.add(
          String.format("run       %d of its %d texts are written again", sameAsRun, runTexts));
    }
    return lines;
  }

  private String spread() {
    return taken.leastFactor() == taken.mostFactor()
        ? ""
        : String.format(
            ", the mean; the run had %.6g to %.6g, one for each base prompt",
            taken.leastFactor(), taken.mostFactor());
  }

  /** For programs. */
  Map<String, Object> json() {
    Site site = choice.site();
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("steersweep", Release.VERSION);
    facts.put("run", run);
    if (model != null) {
      facts.put("model_type", model.modelType());
      facts.put("model_fingerprint", model.fingerprint());
    }
    facts.put("concept", choice.concept().name());
    facts.put("steering_prompt", choice.prompt());
    facts.put("source", choice.steering());
    facts.put("positions", rule.word());
    facts.put("hook_point", site.hookPoint().word());
    facts.put("layer", site.layer());
    facts.put("head", site.allHeads() ? null : site.head());
    facts.put("tensor", site.hookPoint().tap(site.layer()));
    facts.put("dose", dose.word());
    facts.put("setting", choice.setting());
    facts.put("factor", taken.addition().factor());
    facts.put("least_factor_of_run", taken.leastFactor());
    facts.put("most_factor_of_run", taken.mostFactor());
    facts.put("damage", steered.damage());
    facts.put("texts_of_run", runTexts);
    facts.put("same_texts_as_run", sameAsRun);
    return facts;
  }
}
