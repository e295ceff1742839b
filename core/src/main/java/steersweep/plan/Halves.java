package steersweep.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.commons.math3.random.RandomAdaptor;
import org.apache.commons.math3.random.Well19937c;

/**
 * The base prompts in two halves: what is chosen on one is confirmed on the other, which had no say
 * in the choice. Of each concept half is here and half there, drawn at random, always in the same
 * way. A base prompt of several concepts is in the same half for all of them.
 *
 * @param choosing base prompts that sites are chosen by
 * @param confirming base prompts that they are put to the test by
 */
public record Halves(Set<String> choosing, Set<String> confirming) {
  private static final long SEED = 20231031;

  public Halves {
    choosing = Collections.unmodifiableSet(new LinkedHashSet<>(choosing));
    confirming = Collections.unmodifiableSet(new LinkedHashSet<>(confirming));
  }

  /** The halves of the base prompts of a plan's pairs, given in its order. */
  public static Halves of(List<PromptPair> pairs) {
    List<String> concepts = pairs.stream().map(PromptPair::concept).toList();
    return of(concepts, pairs.stream().map(PromptPair::basePrompt).toList());
  }

  /**
   * @param concepts of each pair
   * @param bases of each pair, in the same order
   */
  public static Halves of(List<String> concepts, List<String> bases) {
    Map<String, Set<String>> byConcept = new LinkedHashMap<>();
    Set<String> placed = new LinkedHashSet<>();
    for (int i = 0; i < bases.size(); i++) {
      if (placed.add(bases.get(i))) {
        byConcept
            .computeIfAbsent(concepts.get(i), concept -> new LinkedHashSet<>())
            .add(bases.get(i));
      }
    }
    Random random = new RandomAdaptor(new Well19937c(SEED));
    List<Set<String>> halves = List.of(new LinkedHashSet<>(), new LinkedHashSet<>());
    int next = 0;
    for (Set<String> ofConcept : byConcept.values()) {
      List<String> shuffled = new ArrayList<>(ofConcept);
      Collections.shuffle(shuffled, random);
      for (String base : shuffled) {
        halves.get(next++ % 2).add(base);
      }
    }
    return new Halves(halves.get(0), halves.get(1));
  }
}
