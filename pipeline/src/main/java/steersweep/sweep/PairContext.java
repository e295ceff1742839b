package steersweep.sweep;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import steersweep.engine.Baseline;
import steersweep.engine.Continuation;
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
 * @param targets continuations that show the concept; empty if the plan names none
 * @param contrasts continuations that show its opposite
 */
record PairContext(
    PromptPair pair,
    int[] joined,
    Baseline baseline,
    Steer.@Nullable Completion prompted,
    List<Continuation> targets,
    List<Continuation> contrasts) {
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
