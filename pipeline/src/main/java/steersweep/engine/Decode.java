package steersweep.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import steersweep.model.GraphNames;

/** Texts continued to their end, token by token, in the graph's decode loop. */
final class Decode {
  private Decode() {}

  /**
   * A text or its beginning.
   *
   * @param logprobs log-probability of each token under the steered model
   * @param margin smallest difference between a token's log-probability and the next best token's
   */
  record Text(List<Integer> tokens, float[] logprobs, double margin) {
    static final Text EMPTY = new Text(List.of(), new float[0], Double.POSITIVE_INFINITY);

    Text {
      tokens = List.copyOf(tokens);
    }

    private Text with(List<Integer> more, float[] moreLogprobs, double moreMargin) {
      List<Integer> all = new ArrayList<>(tokens);
      all.addAll(more);
      float[] allLogprobs = Arrays.copyOf(logprobs, all.size());
      System.arraycopy(moreLogprobs, 0, allLogprobs, tokens.size(), more.size());
      return new Text(all, allLogprobs, Math.min(margin, moreMargin));
    }
  }

  /**
   * A cell to continue.
   *
   * @param begun its text so far
   */
  record Row(Steer.Request request, Text begun) {
    /** The base prompt and the text so far. */
    private int[] input() {
      int[] base = request.baseline().base().tokens();
      int[] tokens = Arrays.copyOf(base, base.length + begun.tokens().size());
      for (int i = 0; i < begun.tokens().size(); i++) {
        tokens[base.length + i] = begun.tokens().get(i);
      }
      return tokens;
    }
  }

  /** The whole text of every row, in batches of rows in the order given. */
  static Map<Steer.Request, Text> all(
      Engine engine, List<Row> rows, int newTokens, List<Integer> stopTokens, int batchSize) {
    Map<Steer.Request, Text> texts = new IdentityHashMap<>();
    for (int from = 0; from < rows.size(); from += batchSize) {
      List<Row> some = rows.subList(from, Math.min(from + batchSize, rows.size()));
      engine.batches().run(some, part -> run(engine, part, newTokens, stopTokens, texts));
    }
    return texts;
  }

  private static void run(
      Engine engine,
      List<Row> rows,
      int newTokens,
      List<Integer> stopTokens,
      Map<Steer.Request, Text> texts) {
    Map<Activations, Integer> steering =
        Steer.numbered(rows.stream().map(row -> row.request().steering()).toList());
    Bank bank = Steer.bank(engine, steering);
    Batch batch = new Batch(bank);
    int most = 0;
    for (Row row : rows) {
      int prompt = steering.getOrDefault(row.request().steering(), 0);
      batch.add(Steer.row(row.request(), row.input(), bank, prompt));
      most = Math.max(most, newTokens - row.begun().tokens().size());
    }
    batch.generate(most, stopTokens);
    BatchResult result = engine.run(batch, OUTPUTS);
    for (int i = 0; i < rows.size(); i++) {
      Text begun = rows.get(i).begun();
      int wanted = newTokens - begun.tokens().size();
      texts.put(rows.get(i).request(), text(result, i, rows.size(), wanted, begun, stopTokens));
    }
  }

  private static final Set<String> OUTPUTS =
      Set.of(GraphNames.TOKENS, GraphNames.TOKEN_LOGPROBS, GraphNames.TOKEN_MARGINS);

  /** Prompts' continuations with nothing added, as one batch. */
  static List<Text> unsteered(
      Engine engine, List<int[]> prompts, int newTokens, List<Integer> stopTokens) {
    Batch batch = new Batch(Bank.empty(engine.shape(), engine.hookPoints()));
    prompts.forEach(batch::add);
    batch.generate(newTokens, stopTokens);
    BatchResult result = engine.run(batch, OUTPUTS);
    return IntStream.range(0, prompts.size())
        .mapToObj(row -> text(result, row, prompts.size(), newTokens, Text.EMPTY, stopTokens))
        .toList();
  }

  private static Text text(
      BatchResult result,
      int row,
      int rows,
      int wanted,
      Text begun,
      Collection<Integer> stopTokens) {
    long[] all = result.integers(GraphNames.TOKENS);
    int n = all.length / rows;
    List<Integer> tokens = new ArrayList<>();
    double margin = Double.POSITIVE_INFINITY;
    for (int i = 0; i < Math.min(n, wanted); i++) {
      int token = Math.toIntExact(all[row * n + i]);
      tokens.add(token);
      margin = Math.min(margin, result.get(GraphNames.TOKEN_MARGINS)[row * n + i]);
      if (stopTokens.contains(token)) {
        break;
      }
    }
    return begun.with(tokens, result.row(GraphNames.TOKEN_LOGPROBS, row, n), margin);
  }
}
