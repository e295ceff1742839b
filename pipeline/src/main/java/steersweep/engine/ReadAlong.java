package steersweep.engine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import steersweep.model.GraphNames;

/**
 * Cells read along the baseline's continuation instead of their own: one pass gives at every
 * position the token that the steered model would choose and KL(base || steered). Below the steered
 * layer everything is as in the baseline's own pass, so the pass starts from the residual stream
 * there.
 */
final class ReadAlong {
  /** Cells of one layer that are worth a batch of their own, started at that layer. */
  private static final int WORTH_A_BATCH = 32;

  private ReadAlong() {}

  /**
   * @param agreed tokens of the baseline's continuation that are the cell's own
   * @param text those and, if the cell leaves the baseline's text, the token it chooses instead
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

  static Map<Steer.Request, Result> all(
      Engine engine, List<Steer.Request> requests, Collection<Integer> stopTokens, int batchSize) {
    Map<Steer.Request, Result> results = new IdentityHashMap<>();
    Map<Baseline, Integer> baselines =
        Steer.numbered(requests.stream().map(Steer.Request::baseline).toList());
    List<Steer.Request> order = new ArrayList<>(requests);
    order.sort(
        Comparator.comparingInt(
                (Steer.Request request) -> baselines.getOrDefault(request.baseline(), 0))
            .thenComparing(Steer.Request::firstLayer));
    int from = 0;
    while (from < order.size()) {
      int to = end(order, from, batchSize);
      run(engine, order.subList(from, to), results);
      from = to;
    }
    return results;
  }

  /** Where the batch ends that begins at {@code from}: one baseline, and layers that are near. */
  private static int end(List<Steer.Request> order, int from, int batchSize) {
    Baseline baseline = order.get(from).baseline();
    int to = from + 1;
    while (to < order.size()
        && to - from < batchSize
        && order.get(to).baseline() == baseline
        && (order.get(to).firstLayer() == order.get(to - 1).firstLayer()
            || to - from < WORTH_A_BATCH)) {
      to++;
    }
    return to;
  }

  private static void run(
      Engine engine, List<Steer.Request> requests, Map<Steer.Request, Result> results) {
    Baseline baseline = requests.get(0).baseline();
    Map<Activations, Integer> steering =
        Steer.numbered(requests.stream().map(Steer.Request::steering).toList());
    Bank bank = Steer.bank(engine, steering);
    Batch batch = new Batch(bank);
    int[] input = baseline.input();
    List<Integer> expected = baseline.completion().tokens();
    int last = baseline.base().tokens().length - 1;
    for (Steer.Request request : requests) {
      int prompt = steering.getOrDefault(request.steering(), 0);
      int row = batch.add(Steer.row(request, input, bank, prompt));
      for (int i = 0; i < expected.size(); i++) {
        batch.score(row, last + i, expected.get(i));
      }
    }
    int layer = requests.get(0).firstLayer();
    if (layer > 0) {
      batch.start(layer, baseline.residuals()[layer]);
    }
    batch.compare(baseline.nextLogprobs());
    BatchResult result =
        engine.run(
            batch,
            Set.of(
                GraphNames.BEST_TOKEN,
                GraphNames.BEST_LOGPROB,
                GraphNames.BEST_MARGIN,
                GraphNames.KL));
    for (int i = 0; i < requests.size(); i++) {
      results.put(requests.get(i), result(batch, result, i, expected));
    }
  }

  private static Result result(Batch batch, BatchResult result, int row, List<Integer> expected) {
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
    double sum = 0;
    for (int i = 0; i < expected.size(); i++) {
      sum += kl(result, batch.result(row, i));
    }
    return new Result(
        agreed,
        new Decode.Text(tokens, logprobs, margin),
        kl(result, batch.result(row, 0)),
        sum / expected.size());
  }

  /** Never negative; rounding can make it so where the two distributions are the same. */
  private static double kl(BatchResult result, int at) {
    return Math.max(0, result.get(GraphNames.KL)[at]);
  }
}
