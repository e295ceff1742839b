package steersweep.sweep;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import steersweep.engine.Axis;
import steersweep.engine.Continuation;
import steersweep.engine.Engine;
import steersweep.engine.PromptTokenizer;
import steersweep.engine.Score;
import steersweep.plan.Concept;
import steersweep.plan.Contexts;
import steersweep.plan.PromptPair;

/**
 * The axes that cells of a pair are read along, one for each concept of the plan: the baseline's
 * text after the prompts of either side. All contexts of a base prompt are read together, whatever
 * pair comes first, so that their last bits do not depend on it.
 */
final class PairAxes {
  private final Engine engine;
  private final PromptTokenizer tokenizer;
  private final Contexts contexts;
  private final int batchSize;
  private final Recent<String, Map<String, Continuation>> ofBases;
  private final Recent<PromptPair, List<Axis>> ofPairs;

  /**
   * @param kept pairs whose axes are kept for a while
   */
  PairAxes(Engine engine, PromptTokenizer tokenizer, Contexts contexts, int batchSize, int kept) {
    this.engine = engine;
    this.tokenizer = tokenizer;
    this.contexts = contexts;
    this.batchSize = batchSize;
    this.ofBases = new Recent<>(kept);
    this.ofPairs = new Recent<>(kept);
  }

  /** In the plan's order of concepts; none where it has nothing to compare with. */
  List<Axis> of(PairContext context) {
    return contexts.any() ? ofPairs.get(context.pair(), pair -> make(context)) : List.of();
  }

  private List<Axis> make(PairContext context) {
    PromptPair pair = context.pair();
    Map<String, Continuation> read = ofBases.get(pair.basePrompt(), base -> read(base, context));
    List<Axis> axes = new ArrayList<>();
    for (Concept concept : contexts.concepts()) {
      axes.add(
          new Axis(
              side(read, contexts.plus(pair, concept)), side(read, contexts.minus(pair, concept))));
    }
    return axes;
  }

  private static List<Continuation> side(Map<String, Continuation> read, List<String> prompts) {
    return prompts.stream().map(prompt -> Objects.requireNonNull(read.get(prompt))).toList();
  }

  private Map<String, Continuation> read(String base, PairContext context) {
    List<String> prompts = contexts.all();
    List<Score.Text> texts =
        prompts.stream()
            .map(prompt -> tokenizer.encode(Contexts.joined(prompt, base)))
            .map(tokens -> new Score.Text(tokens, context.tokens()))
            .toList();
    List<Continuation> all = Continuation.all(engine, texts, Set.of(), batchSize);
    Map<String, Continuation> byPrompt = new HashMap<>();
    for (int i = 0; i < prompts.size(); i++) {
      byPrompt.put(prompts.get(i), all.get(i));
    }
    return byPrompt;
  }
}
