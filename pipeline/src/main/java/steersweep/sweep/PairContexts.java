package steersweep.sweep;

import java.util.List;
import steersweep.engine.Activations;
import steersweep.engine.Baseline;
import steersweep.engine.Capture;
import steersweep.engine.Dose;
import steersweep.engine.Engine;
import steersweep.engine.PromptTokenizer;
import steersweep.plan.PositionRule;
import steersweep.plan.PromptPair;

/**
 * Makes what the cells of prompt pairs share. Units come in the sweep's order, so the pairs, base
 * prompts and steering prompts of late are kept: neighbours have them too.
 */
final class PairContexts {
  private static final int KEPT_PROMPTS = 16;

  private final Engine engine;
  private final PromptTokenizer tokenizer;
  private final PositionRule rule;
  private final int newTokens;
  private final List<Integer> stopTokens;
  private final Recent<PromptPair, PairContext> pairs;
  private final Recent<String, Baseline> baselines = new Recent<>(KEPT_PROMPTS);
  private final Recent<String, Activations> steering = new Recent<>(KEPT_PROMPTS);

  /**
   * @param kept pairs that units under way may share
   */
  PairContexts(
      Engine engine,
      PromptTokenizer tokenizer,
      PositionRule rule,
      int newTokens,
      List<Integer> stopTokens,
      int kept) {
    this.engine = engine;
    this.tokenizer = tokenizer;
    this.rule = rule;
    this.newTokens = newTokens;
    this.stopTokens = stopTokens;
    this.pairs = new Recent<>(kept);
  }

  PairContext of(PromptPair pair) {
    return pairs.get(pair, this::make);
  }

  private PairContext make(PromptPair pair) {
    Baseline baseline = baselines.get(pair.basePrompt(), this::baseline);
    Activations added = steering.get(pair.steeringPrompt(), this::activations);
    int[] joined = tokenizer.encode(PairContext.joined(pair));
    Dose dose = new Dose(engine, baseline.base(), added, rule);
    return new PairContext(pair, added, joined, dose, baseline);
  }

  private Baseline baseline(String basePrompt) {
    return Baseline.of(
        engine, Capture.of(engine, tokenizer.encode(basePrompt)), newTokens, stopTokens);
  }

  private Activations activations(String prompt) {
    return Capture.of(engine, tokenizer.encode(prompt)).activations();
  }
}
