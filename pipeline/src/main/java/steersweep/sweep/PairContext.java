package steersweep.sweep;

import java.util.List;
import java.util.stream.IntStream;
import steersweep.engine.Activations;
import steersweep.engine.Baseline;
import steersweep.engine.Dose;
import steersweep.plan.PromptPair;

/**
 * What all cells of one prompt pair share, computed once.
 *
 * @param pair the prompts
 * @param steering the steering prompt's activations
 * @param joined the steering prompt put before the base prompt as plain text, in tokens
 * @param dose doses at this pair's sites
 * @param baseline the base prompt and its unsteered completion
 */
record PairContext(
    PromptPair pair, Activations steering, int[] joined, Dose dose, Baseline baseline) {
  /** The steering prompt said in words instead of activations: what uptake measures against. */
  static String joined(PromptPair pair) {
    return pair.steeringPrompt() + " " + pair.basePrompt();
  }

  /** Mean log-probability of the baseline's text under the unsteered model, nats. */
  double baselineLogprob() {
    float[] logprobs = baseline.completion().logprobs();
    return IntStream.range(0, tokens().size())
        .mapToDouble(i -> logprobs[i])
        .average()
        .orElseThrow();
  }

  /** The baseline's text. */
  List<Integer> tokens() {
    return baseline.completion().tokens();
  }
}
