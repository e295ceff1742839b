package steersweep.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import steersweep.model.GraphNames;

/**
 * Cells read along a given continuation instead of their own, most often the baseline's: one pass
 * gives at every position the token that the steered model would choose, KL(base || steered) and
 * the log-probability of the token that stands there. Below the steered layer everything is as in
 * the unsteered model's own pass, so the pass starts from the residual stream there.
 */
final class ReadAlong {
  /** Cells of one layer that are worth a batch of their own, started at that layer. */
  private static final int WORTH_A_BATCH = 32;

  private ReadAlong() {}

  /**
   * What the steered model thinks along the baseline's continuation.
   *
   * @param agreed tokens of the continuation that are the cell's own
   * @param text those and, if the cell leaves the continuation, the token it chooses instead
   */
  record Result(int agreed, Decode.Text text, double klLast, double klContinuation) {
    /** Whether the text needs no more tokens. */
    boolean ended(int newTokens, Collection<Integer> stopTokens) {
      List<Integer> tokens = text.tokens();
      return tokens.size() == newTokens
          || stopTokens.contains(tokens.get(tokens.size() - 1))
          || tokens.size() == agreed;
    }
  }

  /** Cells along their baselines. */
  static Map<Steer.Request, Result> all(
      Engine engine, List<Steer.Request> requests, int batchSize) {
    List<Steer.Reading> readings =
        requests.stream()
            .map(request -> new Steer.Reading(request, request.baseline().continuation()))
            .toList();
    Map<Steer.Request, Result> results = new IdentityHashMap<>();
    Set<String> outputs =
        Set.of(
            GraphNames.BEST_TOKEN, GraphNames.BEST_LOGPROB, GraphNames.BEST_MARGIN, GraphNames.KL);
    for (List<Steer.Reading> together : batches(engine, readings, batchSize)) {
      engine
          .batches()
          .run(
              together,
              some -> {
                Batch batch = batch(engine, some);
                compare(batch, some);
                BatchResult result = engine.run(batch, outputs);
                for (int row = 0; row < some.size(); row++) {
                  results.put(some.get(row).request(), result(batch, result, row, some.get(row)));
                }
              });
    }
    return results;
  }

  /**
   * Mean log-probability that the steered model gives to the tokens of each continuation, nats, in
   * the order given.
   */
  static double[] meanLogprobs(Engine engine, List<Steer.Reading> readings, int batchSize) {
    Map<Steer.Reading, Double> means = new IdentityHashMap<>();
    for (List<Steer.Reading> together : batches(engine, readings, batchSize)) {
      engine
          .batches()
          .run(
              together,
              some -> {
                Batch batch = batch(engine, some);
                BatchResult result = engine.run(batch, Set.of(GraphNames.TARGET_LOGPROBS));
                for (int row = 0; row < some.size(); row++) {
                  means.put(some.get(row), batch.mean(result, GraphNames.TARGET_LOGPROBS, row));
                }
              });
    }
    return readings.stream().mapToDouble(means::get).toArray();
  }

  /** Cut where the layer changes, if the batch is worth it, and where it is full. */
  private static List<List<Steer.Reading>> batches(
      Engine engine, List<Steer.Reading> readings, int batchSize) {
    Map<Continuation, Integer> numbers =
        Steer.numbered(readings.stream().map(Steer.Reading::along).toList());
    List<Steer.Reading> order = new ArrayList<>(readings);
    order.sort(
        Comparator.comparingInt((Steer.Reading reading) -> reading.firstLayer())
            .thenComparingInt(reading -> reading.along().text().input().length)
            .thenComparingInt(reading -> numbers.getOrDefault(reading.along(), 0)));
    List<List<Steer.Reading>> batches = new ArrayList<>();
    int from = 0;
    Set<Integer> continuations = new HashSet<>();
    for (int i = 0; i < order.size(); i++) {
      Steer.Reading reading = order.get(i);
      continuations.add(numbers.getOrDefault(reading.along(), 0));
      int most = engine.passRows(batchSize, reading.along().text().input().length);
      boolean full = i - from + continuations.size() > most; // each brings a row to compare
      boolean otherLayer =
          i > from
              && i - from >= WORTH_A_BATCH
              && reading.firstLayer() != order.get(i - 1).firstLayer();
      if (i > from && (full || otherLayer)) {
        batches.add(order.subList(from, i));
        from = i;
        continuations.clear();
        continuations.add(numbers.getOrDefault(reading.along(), 0));
      }
    }
    if (!order.isEmpty()) {
      batches.add(order.subList(from, order.size()));
    }
    return batches;
  }

  /** The lowest of all, if every row can start there. */
  private static int firstLayer(List<Steer.Reading> readings) {
    int lowest = readings.get(0).firstLayer();
    return readings.stream().allMatch(reading -> reading.along().startsAt(lowest)) ? lowest : 0;
  }

  private static Batch batch(Engine engine, List<Steer.Reading> readings) {
    Map<Activations, Integer> steering =
        Steer.numbered(readings.stream().map(reading -> reading.request().steering()).toList());
    Bank bank = Steer.bank(engine, steering);
    Batch batch = new Batch(bank);
    for (Steer.Reading reading : readings) {
      int prompt = steering.getOrDefault(reading.request().steering(), 0);
      Score.Text text = reading.along().text();
      text.score(batch, batch.add(Steer.row(reading.request(), text.input(), bank, prompt)));
    }
    int layer = firstLayer(readings);
    for (int row = 0; layer > 0 && row < readings.size(); row++) {
      batch.start(layer, row, readings.get(row).along().residual(layer));
    }
    return batch;
  }

  /** Adds every continuation once more, not steered, for its readings to be compared with. */
  private static void compare(Batch batch, List<Steer.Reading> readings) {
    Map<Continuation, Integer> rows = new IdentityHashMap<>();
    int layer = firstLayer(readings);
    for (Steer.Reading reading : readings) {
      Continuation along = reading.along();
      if (!rows.containsKey(along)) {
        int row = batch.add(along.text().input());
        along.text().score(batch, row);
        if (layer > 0) {
          batch.start(layer, row, along.residual(layer));
        }
        rows.put(along, row);
      }
    }
    int[] compared = readings.stream().mapToInt(reading -> rows.get(reading.along())).toArray();
    batch.compare(
        rows.size() == 1
            ? new int[] {compared[0]}
            : IntStream.range(0, batch.size())
                .map(row -> row < compared.length ? compared[row] : row)
                .toArray());
  }

  private static Result result(Batch batch, BatchResult result, int row, Steer.Reading reading) {
    List<Integer> expected = reading.along().text().continuation();
    long[] best = result.integers(GraphNames.BEST_TOKEN);
    int agreed = 0;
    while (agreed < expected.size() && best[batch.result(row, agreed)] == expected.get(agreed)) {
      agreed++;
    }
    int known = Math.min(agreed + 1, expected.size());
    List<Integer> tokens = new ArrayList<>();
    float[] logprobs = new float[known];
    double margin = Double.POSITIVE_INFINITY;
    for (int i = 0; i < known; i++) {
      int at = batch.result(row, i);
      tokens.add(Math.toIntExact(best[at]));
      logprobs[i] = result.get(GraphNames.BEST_LOGPROB)[at];
      margin = Math.min(margin, result.get(GraphNames.BEST_MARGIN)[at]);
    }
    // never negative; rounding can make it so where the two distributions are the same
    double klLast = Math.max(0, result.get(GraphNames.KL)[batch.result(row, 0)]);
    return new Result(
        agreed,
        new Decode.Text(tokens, logprobs, margin),
        klLast,
        Math.max(0, batch.mean(result, GraphNames.KL, row)));
  }
}
