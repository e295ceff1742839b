package steersweep.plan;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The prompts that say in words what steering is to bring about: a text, or what a cell does, is
 * compared with what the unsteered model says after them. For each concept there is an axis, from
 * the prompts that show its opposite to those that show it. A cell is never judged by the prompt
 * that it was steered with, as long as the concept has another: copying words earns nothing.
 *
 * @param concepts of the plan, in its order
 */
public record Contexts(List<Concept> concepts) {
  public Contexts {
    concepts = List.copyOf(concepts);
  }

  /** What stands before the text: the prompt in words, then the base prompt. */
  public static String joined(String prompt, String basePrompt) {
    return prompt.isEmpty() ? basePrompt : prompt + " " + basePrompt;
  }

  /**
   * Whether the plan has something to compare with: contrast prompts or a second concept. A plan of
   * vectors that nothing is said of in words has not.
   */
  public boolean any() {
    return concepts.stream().noneMatch(Concept::wordless)
        && (concepts.size() > 1 || concepts.stream().anyMatch(this::contrasted));
  }

  /** Whether a concept has prompts of its own that show its opposite. */
  public boolean contrasted(Concept concept) {
    return !concept.contrastPrompts().isEmpty();
  }

  /** The place of a pair's concept among the concepts. */
  public int concept(PromptPair pair) {
    for (int i = 0; i < concepts.size(); i++) {
      if (concepts.get(i).name().equals(pair.concept())) {
        return i;
      }
    }
    throw new IllegalArgumentException("of another plan: concept " + pair.concept());
  }

  /** Prompts that show a concept, for cells of a pair. */
  public List<String> plus(PromptPair pair, Concept concept) {
    List<String> all = concept.steeringPrompts();
    return steeredWith(pair, concept) && all.size() > 1 ? without(all, own(pair, concept)) : all;
  }

  /**
   * Prompts that show the opposite of a concept, for cells of a pair: its contrast prompts, or else
   * what shows other concepts, the pair's own only where there is no other. None if there is one
   * concept, without contrast prompts.
   */
  public List<String> minus(PromptPair pair, Concept concept) {
    List<String> contrasts = concept.contrastPrompts();
    boolean own = steeredWith(pair, concept);
    if (contrasted(concept)) {
      boolean each = contrasts.size() > 1 && contrasts.size() == concept.steeringPrompts().size();
      return own && each ? without(contrasts, own(pair, concept)) : contrasts;
    }
    List<Concept> others =
        concepts.stream().filter(other -> !other.name().equals(concept.name())).toList();
    List<Concept> third =
        others.stream().filter(other -> !other.name().equals(pair.concept())).toList();
    return (third.isEmpty() ? others : third)
        .stream().flatMap(other -> other.steeringPrompts().stream()).toList();
  }

  /** Every prompt that some cell is compared with, each once. */
  public List<String> all() {
    Set<String> all = new LinkedHashSet<>();
    for (Concept concept : concepts) {
      all.addAll(concept.steeringPrompts());
      all.addAll(concept.contrastPrompts());
    }
    return List.copyOf(all);
  }

  /** Whether one of a concept's prompts is what the pair's cells are steered with. */
  private static boolean steeredWith(PromptPair pair, Concept concept) {
    return concept.name().equals(pair.concept()) && concept.source() == null;
  }

  private static int own(PromptPair pair, Concept concept) {
    return concept.steeringPrompts().indexOf(pair.steeringPrompt());
  }

  private static List<String> without(List<String> prompts, int left) {
    List<String> others = new ArrayList<>(prompts);
    others.remove(left);
    return others;
  }
}
