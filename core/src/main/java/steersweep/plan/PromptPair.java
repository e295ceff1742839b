package steersweep.plan;

import java.io.Serializable;
import java.util.List;

/**
 * One base prompt with one steering prompt.
 *
 * @param index place in the plan's order, from 0
 */
public record PromptPair(
    int index, String concept, String basePrompt, String steeringPrompt, List<String> targetWords)
    implements Serializable {
  public PromptPair {
    targetWords = List.copyOf(targetWords);
  }
}
