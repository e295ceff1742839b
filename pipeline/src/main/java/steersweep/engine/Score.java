package steersweep.engine;

import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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
      score(batch, row, 0);
    }

    /**
     * @param before tokens that the row leaves out at its beginning
     */
    private void score(Batch batch, int row, int before) {
      for (int i = 0; i < continuation.size(); i++) {
        batch.score(row, prompt.length - 1 - before + i, continuation.get(i));
      }
    }
  }

  /**
   * Mean over the continuation's tokens of log p(token | prompt and tokens before), in nats. A
   * prompt that several texts share is read once.
   *
   * @param texts continuations of one token at least
   * @param batchSize most texts in one run of the graph
   * @return one number for each text, in the order given
   */
  public static double[] meanLogprobs(Engine engine, List<Text> texts, int batchSize) {
    double[] means = new double[texts.size()];
    List<Row> whole = new ArrayList<>();
    List<List<Row>> shared = new ArrayList<>();
    for (List<Row> ofPrompt : byPrompt(texts)) {
      // a prompt of one token has no beginning to share, nor has what a decoder starts with
      if (ofPrompt.size() > 1
          && ofPrompt.get(0).text().prompt().length > 1
          && !engine.shape().hasEncoder()) {
        shared.add(ofPrompt);
      } else {
        whole.addAll(ofPrompt);
      }
    }
    score(engine, whole, batchSize, means);
    shared.sort(Comparator.comparingInt(rows -> rows.get(0).text().prompt().length));
    int from = 0;
    while (from < shared.size()) {
      int to = from;
      long bytes = 0;
      while (to < shared.size() && (to == from || bytes <= Context.MOST_BYTES)) {
        bytes += Context.bytes(engine.shape(), shared.get(to++).get(0).text().prompt().length);
      }
      score(engine, withContexts(engine, shared.subList(from, to), batchSize), batchSize, means);
      from = to;
    }
    return means;
  }

  /**
   * A text to score.
   *
   * @param index its place among all
   * @param prompt number of its prompt
   * @param context what was read of its prompt; null for nothing
   */
  private record Row(int index, int prompt, Text text, @Nullable Context context) {
    /** What is still to be read. */
    int[] input() {
      int[] all = text.input();
      return context == null ? all : Arrays.copyOfRange(all, context.length(), all.length);
    }

    int contextLength() {
      return context == null ? 0 : context.length();
    }
  }

  private static List<List<Row>> byPrompt(List<Text> texts) {
    Map<IntBuffer, Integer> numbers = new HashMap<>(); // a buffer equals by content
    List<List<Row>> byPrompt = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      int next = byPrompt.size();
      int prompt = numbers.computeIfAbsent(IntBuffer.wrap(texts.get(i).prompt()), of -> next);
      if (prompt == next) {
        byPrompt.add(new ArrayList<>());
      }
      byPrompt.get(prompt).add(new Row(i, prompt, texts.get(i), null));
    }
    return byPrompt;
  }

  private static List<Row> withContexts(Engine engine, List<List<Row>> shared, int batchSize) {
    List<Context> contexts =
        Context.read(
            engine,
            shared.stream().map(rows -> Context.beginning(rows.get(0).text().prompt())).toList(),
            batchSize);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < contexts.size(); i++) {
      for (Row row : shared.get(i)) {
        rows.add(new Row(row.index(), row.prompt(), row.text(), contexts.get(i)));
      }
    }
    return rows;
  }

  private static void score(Engine engine, List<Row> rows, int batchSize, double[] means) {
    // neighbours of like length, so that little is padded; those of one context together
    List<Row> order = new ArrayList<>(rows);
    order.sort(
        Comparator.comparingInt(Row::contextLength)
            .thenComparingInt(row -> row.context() == null ? 0 : row.prompt())
            .thenComparingInt(row -> row.input().length));
    int from = 0;
    while (from < order.size()) {
      int to = from + 1;
      int longest = order.get(from).input().length;
      while (to < order.size()) {
        longest = Math.max(longest, order.get(to).input().length);
        if (to - from >= engine.passRows(batchSize, longest)) {
          break;
        }
        to++;
      }
      engine.batches().run(order.subList(from, to), some -> scoreBatch(engine, some, means));
      from = to;
    }
  }

  private static void scoreBatch(Engine engine, List<Row> rows, double[] means) {
    Batch batch = new Batch(Bank.empty(engine.shape(), engine.hookPoints()));
    for (Row row : rows) {
      int number = batch.add(row.input());
      row.text().score(batch, number, row.contextLength());
      if (row.context() != null) {
        batch.follow(number, row.context());
      }
    }
    BatchResult result = engine.run(batch, Set.of(GraphNames.TARGET_LOGPROBS));
    for (int row = 0; row < rows.size(); row++) {
      means[rows.get(row).index()] = batch.mean(result, GraphNames.TARGET_LOGPROBS, row);
    }
  }

  /** A row for each text, every token of its continuation scored, nothing steered. */
  static Batch batch(Engine engine, List<Text> texts) {
    Batch batch = new Batch(Bank.empty(engine.shape(), engine.hookPoints()));
    texts.forEach(text -> text.score(batch, batch.add(text.input())));
    return batch;
  }
}
