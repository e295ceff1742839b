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

    /** Scores every token of the continuation in a row of {@link #input}. */
    void score(Batch batch, int row) {
      for (int i = 0; i < continuation.size(); i++) {
        batch.score(row, prompt.length - 1 + i, continuation.get(i));
      }
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
    int from = 0;
    while (from < order.size()) {
      int to = from + 1;
      while (to < order.size()
          && to - from < engine.passRows(batchSize, texts.get(order.get(to)).input().length)) {
        to++;
      }
      engine
          .batches()
          .run(
              order.subList(from, to),
              some -> {
                double[] scored = scoreBatch(engine, some.stream().map(texts::get).toList());
                for (int i = 0; i < scored.length; i++) {
                  means[some.get(i)] = scored[i];
                }
              });
      from = to;
    }
    return means;
  }

  private static double[] scoreBatch(Engine engine, List<Text> texts) {
    Batch batch = batch(engine, texts);
    BatchResult result = engine.run(batch, Set.of(GraphNames.TARGET_LOGPROBS));
    return IntStream.range(0, texts.size())
        .mapToDouble(row -> batch.mean(result, GraphNames.TARGET_LOGPROBS, row))
        .toArray();
  }

  /** A row for each text, every token of its continuation scored, nothing steered. */
  static Batch batch(Engine engine, List<Text> texts) {
    Batch batch = new Batch(Bank.empty(engine.shape(), engine.hookPoints()));
    texts.forEach(text -> text.score(batch, batch.add(text.input())));
    return batch;
  }
}
