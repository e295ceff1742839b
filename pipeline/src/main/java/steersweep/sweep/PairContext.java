package steersweep.sweep;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import steersweep.engine.Baseline;
import steersweep.engine.Steer;
import steersweep.plan.PromptPair;

/**
 * What all cells of one prompt pair share, computed once.
 *
 * @param pair the prompts
 * @param joined the steering prompt put before the base prompt as plain text, in tokens
 * @param baseline the base prompt and its unsteered completion
 * @param prompted what the unsteered model writes after {@code joined}; null if the plan does not
 *     ask for it
 * @param reference that text, as a continuation of the base prompt; null likewise
 * @param targets continuations that show the concept; empty if the plan names none
 * @param contrasts continuations that show its opposite
 */
record PairContext(
    PromptPair pair,
    int[] joined,
    Baseline baseline,
    Steer.@Nullable Completion prompted,
    @Nullable Continuation reference,
    List<Continuation> targets,
    List<Continuation> contrasts) {
  /**
   * A text read after the base prompt.
   *
   * @param tokens one at least
   * @param logprob mean log-probability of its tokens under the unsteered model, nats
   */
  record Continuation(List<Integer> tokens, double logprob) {}

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
