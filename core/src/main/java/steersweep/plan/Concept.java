package steersweep.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the steering should bring into the text, and the prompts that test it. Every base prompt is
 * paired with every steering prompt.
 *
 * @param name short name, unique in the plan
 * @param basePrompts texts that the model continues
 * @param steeringPrompts texts whose activations are added
 * @param targetWords lower-case words that show the concept in a text; may be empty
 * @param contrastPrompts texts whose activations are taken off: one for each steering prompt, in
 *     the same order, or one for all, or none
 * @param targetContinuations texts after a base prompt that show the concept; may be empty
 * @param contrastContinuations texts that show its opposite; empty exactly if there are no targets
 */
public record Concept(
    String name,
    List<String> basePrompts,
    List<String> steeringPrompts,
    List<String> targetWords,
    List<String> contrastPrompts,
    List<String> targetContinuations,
    List<String> contrastContinuations) {
  public Concept {
    basePrompts = List.copyOf(basePrompts);
    steeringPrompts = List.copyOf(steeringPrompts);
    targetWords = List.copyOf(targetWords);
    contrastPrompts = List.copyOf(contrastPrompts);
    targetContinuations = List.copyOf(targetContinuations);
    contrastContinuations = List.copyOf(contrastContinuations);
  }

  /** Without anything that only some plans name. */
  public Concept(
      String name,
      List<String> basePrompts,
      List<String> steeringPrompts,
      List<String> targetWords) {
    this(name, basePrompts, steeringPrompts, targetWords, List.of(), List.of(), List.of());
  }

  /**
   * @param index of the steering prompt
   */
  public Steering steering(int index) {
    return new Steering(steeringPrompts.get(index), contrast(index));
  }

  private @Nullable String contrast(int index) {
    return switch (contrastPrompts.size()) {
      case 0 -> null;
      case 1 -> contrastPrompts.get(0);
      default -> contrastPrompts.get(index);
    };
  }
}
