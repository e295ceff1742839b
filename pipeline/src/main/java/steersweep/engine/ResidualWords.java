package steersweep.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import steersweep.model.GraphNames;

/**
 * The logit lens (nostalgebraist, 2020): the residual stream after each block, read with the final
 * norm and the output layer as if no more blocks came.
 */
public final class ResidualWords {
  private ResidualWords() {}

  /** A token and its log-probability, natural logarithm. */
  public record Word(int token, double logprob) {}

  /**
   * The likeliest tokens after each block, at the base prompt's last token.
   *
   * @param steered whether to add what the request adds
   * @param most how many tokens, likeliest first
   * @return by layer
   */
  public static List<List<Word>> of(
      Engine engine, Steer.Request request, boolean steered, int most) {
    List<float[]> residuals = residuals(engine, request, steered);
    int layers = residuals.size();
    Batch batch = new Batch(Bank.empty(engine.shape(), engine.hookPoints()));
    for (int layer = 0; layer < layers; layer++) {
      int row = batch.add(engine.shape().prompt(new int[] {0})); // not read: no layer is run
      batch.start(layers, row, residuals.get(layer));
      batch.score(row, 0, 0);
    }
    batch.wantDistributions();
    BatchResult result = engine.run(batch, Set.of(GraphNames.NEXT_LOGPROBS));
    List<List<Word>> words = new ArrayList<>();
    for (int row = 0; row < layers; row++) {
      words.add(
          likeliest(result.row(GraphNames.NEXT_LOGPROBS, row, engine.shape().nVocab()), most));
    }
    return words;
  }

  /** After each block, [d_model]. */
  private static List<float[]> residuals(Engine engine, Steer.Request request, boolean steered) {
    int[] prompt = request.baseline().base().tokens();
    Bank bank = Bank.of(engine.shape(), engine.hookPoints(), List.of(request.steering()));
    Batch batch = new Batch(bank);
    if (steered) {
      batch.add(Steer.row(request, prompt, bank, 0));
    } else {
      batch.add(prompt);
    }
    Set<String> outputs = new HashSet<>();
    for (int layer = 1; layer <= engine.shape().nLayers(); layer++) {
      outputs.add(GraphNames.residualBefore(layer));
    }
    BatchResult result = engine.run(batch, outputs);
    int width = engine.shape().dModel();
    return IntStream.rangeClosed(1, engine.shape().nLayers())
        .mapToObj(layer -> result.get(GraphNames.residualBefore(layer)))
        .map(all -> Arrays.copyOfRange(all, all.length - width, all.length))
        .toList();
  }

  private static List<Word> likeliest(float[] logprobs, int most) {
    return IntStream.range(0, logprobs.length)
        .boxed()
        .sorted(Comparator.comparingDouble(token -> -logprobs[token]))
        .limit(most)
        .map(token -> new Word(token, logprobs[token]))
        .toList();
  }
}
