package steersweep.take;

import java.util.ArrayList;
import java.util.List;
import steersweep.engine.Activations;
import steersweep.engine.Baseline;
import steersweep.engine.Capture;
import steersweep.engine.Engine;
import steersweep.engine.PromptTokenizer;
import steersweep.engine.Response;
import steersweep.engine.Steer;
import steersweep.plan.ConstantAddition;
import steersweep.plan.PositionRule;

/**
 * What a model writes after each of some base prompts while a constant addition steers it.
 *
 * @param requests one for each base prompt
 * @param completions their greedy texts
 * @param damage KL(unsteered || steered) along the unsteered texts, mean over all, nats per token
 * @param length tokens of a text, and what ends one
 */
public record SteeredTexts(
    List<String> basePrompts,
    List<Steer.Request> requests,
    List<Steer.Completion> completions,
    double damage,
    Length length) {
  private static final int BATCH = 64;

  /**
   * @param newTokens tokens to generate
   * @param stopTokens tokens that end a text
   */
  public record Length(int newTokens, List<Integer> stopTokens) {
    public Length {
      stopTokens = List.copyOf(stopTokens);
    }
  }

  public SteeredTexts {
    basePrompts = List.copyOf(basePrompts);
    requests = List.copyOf(requests);
    completions = List.copyOf(completions);
  }

  public static SteeredTexts of(
      Engine engine,
      PromptTokenizer tokenizer,
      List<String> basePrompts,
      ConstantAddition addition,
      Length length) {
    Activations constant =
        Activations.constant(engine.manifest().shape(), engine.manifest().hookPoints(), addition);
    List<Steer.Request> requests = new ArrayList<>();
    for (String base : basePrompts) {
      Capture.Captured captured = Capture.of(engine, tokenizer.encode(base));
      requests.add(
          new Steer.Request(
              Baseline.of(engine, captured, length.newTokens(), length.stopTokens()),
              constant,
              addition.site(),
              addition.factor(),
              PositionRule.LAST));
    }
    List<Response> responses =
        Steer.read(
            engine,
            requests.stream().map(request -> Steer.Reading.ofBaseline(request, List.of())).toList(),
            BATCH);
    List<Steer.Begun> begun = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      begun.add(new Steer.Begun(requests.get(i), responses.get(i).departure()));
    }
    return new SteeredTexts(
        basePrompts,
        requests,
        Steer.finish(engine, begun, length.newTokens(), length.stopTokens(), BATCH),
        responses.stream().mapToDouble(Response::damage).average().orElse(0),
        length);
  }

  /** What another model writes after the same base prompts, unsteered. */
  List<Steer.Completion> unsteered(Engine other) {
    List<int[]> prompts =
        requests.stream().map(request -> request.baseline().base().tokens()).toList();
    return Steer.unsteered(other, prompts, length.newTokens(), length.stopTokens(), BATCH);
  }
}
