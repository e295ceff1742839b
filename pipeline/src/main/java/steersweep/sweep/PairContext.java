package steersweep.sweep;

import java.util.List;
import steersweep.engine.Activations;
import steersweep.engine.Capture;
import steersweep.engine.Dose;
import steersweep.engine.Engine;
import steersweep.engine.PromptTokenizer;
import steersweep.engine.Score;
import steersweep.engine.Steer;
import steersweep.plan.PositionRule;
import steersweep.plan.PromptPair;

/**
 * What all cells of one prompt pair share, computed once.
 *
 * @param pair the prompts
 * @param base the base prompt, captured
 * @param steering the steering prompt's activations
 * @param joined the steering prompt put before the base prompt as plain text, in tokens
 * @param dose doses at this pair's sites
 * @param baseline the unsteered completion
 * @param baselineLogprob its mean log-probability under the unsteered model, nats
 */
record PairContext(
    PromptPair pair,
    Capture.Captured base,
    Activations steering,
    int[] joined,
    Dose dose,
    Steer.Completion baseline,
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
    Steer.Request unsteered = new Steer.Request(base, steering, null, 0, rule);
    Steer.Completion baseline =
        Steer.complete(engine, List.of(unsteered), newTokens, stopTokens, 1).get(0);
    Score.Text text = new Score.Text(base.tokens(), baseline.tokens());
    double logprob = Score.meanLogprobs(engine, List.of(text), 1)[0];
    int[] joined = tokenizer.encode(joined(pair));
    Dose dose = new Dose(engine, base, steering, rule);
    return new PairContext(pair, base, steering, joined, dose, baseline, logprob);
  }

  /** The steering prompt said in words instead of activations: what uptake measures against. */
  static String joined(PromptPair pair) {
    return pair.steeringPrompt() + " " + pair.basePrompt();
  }
}
