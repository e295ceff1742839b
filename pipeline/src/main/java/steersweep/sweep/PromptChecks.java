package steersweep.sweep;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import steersweep.engine.PromptTokenizer;
import steersweep.error.Faults;
import steersweep.error.UserError;
import steersweep.model.ModelShape;
import steersweep.plan.Concept;
import steersweep.plan.Contexts;
import steersweep.plan.MeanDifference;
import steersweep.plan.PromptPair;
import steersweep.plan.SweepPlan;

/** What can be wrong with prompts once the model's tokenizer is known. */
public final class PromptChecks {
  /** Named of each pair; more are the same fault. */
  private static final int MOST_TOKENS = 3;

  private PromptChecks() {}

  /**
   * Every prompt must hold a token and mean the same to transformers 4 and 5, the model must have
   * every token, and the longest sequence of the sweep, steering prompt + base prompt + new tokens,
   * must fit into the model.
   *
   * @param lengthKey the key of config.json that limits the model's sequences
   * @param where names the plan in messages
   */
  public static void check(
      SweepPlan plan,
      PromptTokenizer tokenizer,
      ModelShape shape,
      String lengthKey,
      String where,
      Faults faults) {
    for (Concept concept : plan.concepts()) {
      if (concept.source() instanceof MeanDifference pairs) {
        checkPairs(
            pairs,
            tokenizer,
            shape,
            lengthKey,
            where + ": concepts '" + concept.name() + "'",
            faults);
      }
    }
    for (PromptPair pair : plan.promptPairs()) {
      String concept = where + ": concepts '" + pair.concept() + "'";
      try {
        check(pair, plan.newTokens(), tokenizer, shape, lengthKey, concept, faults);
      } catch (UserError e) {
        // Pairs of a concept share their prompts.
        e.faults().stream()
            .filter(fault -> !faults.all().contains(concept + ": " + fault))
            .forEach(fault -> faults.add(concept, fault));
      }
    }
  }

  private static void checkPairs(
      MeanDifference source,
      PromptTokenizer tokenizer,
      ModelShape shape,
      String lengthKey,
      String concept,
      Faults faults) {
    for (int i = 0; i < source.pairs().size(); i++) {
      MeanDifference.Pair pair = source.pairs().get(i);
      for (String text : List.of(pair.wholePositive(), pair.wholeNegative())) {
        int tokens = tokenizer.encode(text).length;
        if (tokens == 0 || tokens > shape.maxPositions()) {
          faults.add(
              concept + ": " + source.file() + ": pair " + (i + 1),
              "got "
                  + tokens
                  + " tokens, expected 1 to "
                  + shape.maxPositions()
                  + " ("
                  + lengthKey
                  + ")");
        }
      }
    }
  }

  private static void check(
      PromptPair pair,
      int newTokens,
      PromptTokenizer tokenizer,
      ModelShape shape,
      String lengthKey,
      String concept,
      Faults faults) {
    List<String> prompts = new ArrayList<>(List.of(pair.basePrompt()));
    if (!pair.steeringPrompt().isEmpty()) {
      prompts.add(pair.steeringPrompt());
    }
    String contrast = pair.contrastPrompt();
    if (contrast != null) {
      prompts.add(contrast);
    }
    for (String prompt : prompts) {
      if (tokenizer.encode(prompt).length == 0) {
        faults.add(
            concept, "the model's tokenizer makes no token of the prompt \"" + prompt + "\"");
      }
    }
    String limit = " tokens, expected at most " + shape.maxPositions() + " (" + lengthKey + ")";
    int[] joinedTokens =
        tokenizer.encode(Contexts.joined(pair.steeringPrompt(), pair.basePrompt()));
    List<int[]> all = new ArrayList<>(prompts.stream().map(tokenizer::encode).toList());
    all.add(joinedTokens);
    int joined = joinedTokens.length;
    if (joined + newTokens > shape.maxPositions()) {
      faults.add(
          concept,
          "too long for the model; steering prompt + base prompt + new tokens are "
              + (joined + newTokens)
              + limit);
    }
    if (contrast != null && tokenizer.encode(contrast).length > shape.maxPositions()) {
      faults.add(
          concept,
          "too long for the model; the contrast prompt is "
              + tokenizer.encode(contrast).length
              + limit);
    }
    for (String continuation : pair.continuations()) {
      int[] ofContinuation = tokenizer.encodeContinuation(pair.basePrompt(), continuation);
      all.add(ofContinuation);
      int tokens = ofContinuation.length;
      if (tokens == 0) {
        faults.add(
            concept,
            "the model's tokenizer does not keep the base prompt apart from the continuation \""
                + continuation
                + "\"; got other tokens for \""
                + pair.basePrompt()
                + "\", expected a prompt that ends with a whole word");
      } else if (joined + tokens > shape.maxPositions()) {
        faults.add(
            concept,
            "too long for the model; steering prompt + base prompt + continuation are "
                + (joined + tokens)
                + limit);
      }
    }
    requireKnown(all, tokenizer, shape, concept, faults);
  }

  /** A token that the model has no embedding of is another model's, or was added after training. */
  private static void requireKnown(
      List<int[]> texts,
      PromptTokenizer tokenizer,
      ModelShape shape,
      String concept,
      Faults faults) {
    texts.stream()
        .flatMapToInt(Arrays::stream)
        .filter(id -> id >= shape.nVocab())
        .distinct()
        .sorted()
        .limit(MOST_TOKENS)
        .mapToObj(
            id ->
                "the model does not have a token that its tokenizer makes of a text; got "
                    + id
                    + ", expected at most "
                    + (shape.nVocab() - 1)
                    + " (vocab_size); is "
                    + tokenizer.where()
                    + " another model's?")
        .filter(fault -> !faults.all().contains(concept + ": " + fault))
        .forEach(fault -> faults.add(concept, fault));
  }
}
