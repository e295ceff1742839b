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
 * What all cells of one prompt pair share, computed once.
 *
 * @param pair the prompts
 * @param steering the steering prompt's activations
 * @param joined the steering prompt put before the base prompt as plain text, in tokens
 * @param dose doses at this pair's sites
 * @param baseline the base prompt and its unsteered completion
 * @param baselineLogprob its mean log-probability under the unsteered model, nats
 */
record PairContext(
    PromptPair pair,
    Activations steering,
    int[] joined,
    Dose dose,
    Baseline baseline,
    double baselineLogprob) {
  static PairContext of(
      Engine engine,
      PromptTokenizer tokenizer,
      PromptPair pair,
      PositionRule rule,
      int newTokens,
      List<Integer> stopTokens) {
    Capture.Captured base = Capture.of(engine, tokenizer.encode(pair.basePrompt()));
    Activations steering =
        Capture.of(engine, tokenizer.encode(pair.steeringPrompt())).activations();
    Baseline baseline = Baseline.of(engine, base, newTokens, stopTokens);
    double logprob = baseline.continuation().meanLogprob();
    int[] joined = tokenizer.encode(joined(pair));
    Dose dose = new Dose(engine, base, steering, rule);
    return new PairContext(pair, steering, joined, dose, baseline, logprob);
  }

  /** The steering prompt said in words instead of activations: what uptake measures against. */
  static String joined(PromptPair pair) {
    return pair.steeringPrompt() + " " + pair.basePrompt();
  }
}
