package steersweep.plan;

import java.util.List;

/**
 * What the steering should bring into the text, and the prompts that test it. Every base prompt is
 * paired with every steering prompt.
 *
 * @param name short name, unique in the plan
 * @param basePrompts texts that the model continues
 * @param steeringPrompts texts whose activations are added
 * @param targetWords lower-case words that show the concept in a text; may be empty
 */
public record Concept(
    String name, List<String> basePrompts, List<String> steeringPrompts, List<String> targetWords) {
  public Concept {
    basePrompts = List.copyOf(basePrompts);
    steeringPrompts = List.copyOf(steeringPrompts);
    targetWords = List.copyOf(targetWords);
  }
}
