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
 * @param source what is added instead of the steering prompts' activations, if it is something
 *     else; the prompts then only say in words what it is for
 */
public record Concept(
    String name,
    List<String> basePrompts,
    List<String> steeringPrompts,
    List<String> targetWords,
    List<String> contrastPrompts,
    List<String> targetContinuations,
    List<String> contrastContinuations,
    @Nullable SteeringSource source) {
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

  /** Steered with its prompts. */
  public Concept(
      String name,
      List<String> basePrompts,
      List<String> steeringPrompts,
      List<String> targetWords,
      List<String> contrastPrompts,
      List<String> targetContinuations,
      List<String> contrastContinuations) {
    this(
        name,
        basePrompts,
        steeringPrompts,
        targetWords,
        contrastPrompts,
        targetContinuations,
        contrastContinuations,
        null);
  }

  /** Whether no prompt says what it is for, so that its continuations alone can show it. */
  public boolean wordless() {
    return steeringPrompts.isEmpty();
  }

  /** Empty for one that has none. */
  String steeringPrompt(int index) {
    return wordless() ? "" : steeringPrompts.get(index);
  }

  /** How many different things are added for it. */
  public int sources() {
    return source == null ? steeringPrompts.size() : 1;
  }

  /**
   * @param index of the steering prompt, 0 where something else is added
   */
  public SteeringSource steering(int index) {
    return source != null ? source : new Steering(steeringPrompts.get(index), contrast(index));
  }

  @Nullable String contrast(int index) {
    return switch (contrastPrompts.size()) {
      case 0 -> null;
      case 1 -> contrastPrompts.get(0);
      default -> contrastPrompts.get(index);
    };
  }
}
