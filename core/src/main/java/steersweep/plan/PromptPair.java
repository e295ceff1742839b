package steersweep.plan;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One base prompt with one steering prompt.
 *
 * @param index place in the plan's order, from 0
 * @param steeringPrompt empty for a vector that nothing is said of in words
 * @param contrastPrompt text whose activations are taken off the steering prompt's; null for none
 * @param unrelated what another concept steers with; null unless the plan asks for it
 * @param targetContinuations texts after the base prompt that show the concept; may be empty
 * @param contrastContinuations texts that show its opposite; empty if there are no targets
 * @param source what is added instead of the steering prompt's activations; null for these
 */
public record PromptPair(
    int index,
    String concept,
    String basePrompt,
    String steeringPrompt,
    List<String> targetWords,
    @Nullable String contrastPrompt,
    @Nullable SteeringSource unrelated,
    List<String> targetContinuations,
    List<String> contrastContinuations,
    @Nullable SteeringSource source)
    implements Serializable {
  public PromptPair {
    targetWords = List.copyOf(targetWords);
    targetContinuations = List.copyOf(targetContinuations);
    contrastContinuations = List.copyOf(contrastContinuations);
  }

  /** Without anything that only some plans name. */
  public PromptPair(
      int index,
      String concept,
      String basePrompt,
      String steeringPrompt,
      List<String> targetWords) {
    this(
        index,
        concept,
        basePrompt,
        steeringPrompt,
        targetWords,
        null,
        null,
        List.of(),
        List.of(),
        null);
  }

  /** Target and contrast continuations. */
  public List<String> continuations() {
    List<String> all = new ArrayList<>(targetContinuations);
    all.addAll(contrastContinuations);
    return all;
  }

  public SteeringSource steering() {
    return source != null ? source : new Steering(steeringPrompt, contrastPrompt);
  }
}
