package steersweep.engine;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import steersweep.model.GraphNames;

/** What the unsteered model thinks of texts: one pass over prompt and continuation, no decoding. */
public final class Score {
  private Score() {}

  /** A continuation and the prompt that it is read after. */
  public record Text(int[] prompt, List<Integer> continuation) {
    public Text {
      continuation = List.copyOf(continuation);
    }

    int[] input() {
      // the last token is only predicted, never read
      int[] tokens = Arrays.copyOf(prompt, prompt.length + continuation.size() - 1);
      for (int i = 0; i < continuation.size() - 1; i++) {
        tokens[prompt.length + i] = continuation.get(i);
      }
      return tokens;
    }
  }

  /**
   * Mean over the continuation's tokens of log p(token | prompt and tokens before), in nats.
   *
   * @param texts continuations of one token at least
   * @param batchSize most texts in one run of the graph
   * @return one number for each text, in the order given
   */
  public static double[] meanLogprobs(Engine engine, List<Text> texts, int batchSize) {
    // neighbours of like length, so that little is padded
    List<Integer> order =
        IntStream.range(0, texts.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> texts.get(i).input().length))
            .toList();
    double[] means = new double[texts.size()];
    for (int from = 0; from < order.size(); from += batchSize) {
      List<Integer> some = order.subList(from, Math.min(from + batchSize, order.size()));
      double[] scored = scoreBatch(engine, some.stream().map(texts::get).toList());
      for (int i = 0; i < scored.length; i++) {
        means[some.get(i)] = scored[i];
      }
    }
    return means;
  }

  private static double[] scoreBatch(Engine engine, List<Text> texts) {
    Batch batch = new Batch(Bank.empty(engine.shape(), engine.hookPoints()));
    for (Text text : texts) {
      int row = batch.add(text.input());
      for (int i = 0; i < text.continuation().size(); i++) {
        batch.score(row, text.prompt().length - 1 + i, text.continuation().get(i));
      }
    }
    float[] logprobs =
        engine.run(batch, Set.of(GraphNames.TARGET_LOGPROBS)).get(GraphNames.TARGET_LOGPROBS);
    double[] means = new double[texts.size()];
    for (int i = 0; i < means.length; i++) {
      int row = i;
      means[i] =
          IntStream.range(0, texts.get(i).continuation().size())
              .mapToDouble(place -> logprobs[batch.result(row, place)])
              .average()
              .orElse(Double.NaN);
    }
    return means;
  }
}
