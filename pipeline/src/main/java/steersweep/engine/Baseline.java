package steersweep.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The unsteered continuation of a base prompt: what every steered cell of the prompt is compared
 * with.
 *
 * @param base the base prompt
 * @param completion its greedy continuation
 * @param continuation the same, read
 */
public record Baseline(
    Capture.Captured base, Steer.Completion completion, Continuation continuation) {
  /** One base prompt's, for cells at any layer. */
  public static Baseline of(
      Engine engine, Capture.Captured base, int newTokens, List<Integer> stopTokens) {
    Set<Integer> layers =
        IntStream.range(0, engine.shape().mostLayers()).boxed().collect(Collectors.toSet());
    return all(engine, List.of(base), newTokens, stopTokens, layers, 1).get(0);
  }

  /**
   * Decodes base prompts and reads along what comes out.
   *
   * @param layers layers that cells will be steered at
   * @param batchSize most prompts in one run of the graph
   * @return in the order given
   */
  public static List<Baseline> all(
      Engine engine,
      List<Capture.Captured> bases,
      int newTokens,
      List<Integer> stopTokens,
      Set<Integer> layers,
      int batchSize) {
    List<Steer.Completion> completions =
        Steer.unsteered(
            engine,
            bases.stream().map(Capture.Captured::tokens).toList(),
            newTokens,
            stopTokens,
            batchSize);
    List<Score.Text> texts = new ArrayList<>();
    for (int i = 0; i < bases.size(); i++) {
      texts.add(new Score.Text(bases.get(i).tokens(), completions.get(i).tokens()));
    }
    List<Continuation> read = Continuation.all(engine, texts, layers, batchSize);
    List<Baseline> baselines = new ArrayList<>();
    for (int i = 0; i < bases.size(); i++) {
      baselines.add(new Baseline(bases.get(i), completions.get(i), read.get(i)));
    }
    return baselines;
  }
}
