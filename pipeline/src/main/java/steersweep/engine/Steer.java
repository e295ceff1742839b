package steersweep.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import steersweep.model.Dtype;
import steersweep.model.GraphNames;
import steersweep.plan.PositionRule;
import steersweep.plan.Site;

/**
 * Cells to completions: greedy continuations of base prompts while steering activations are added.
 *
 * <p>The same cell gives the same tokens whatever shares its batch. Rounding differs a little with
 * the shape of a batch, which matters only where two tokens are all but equally likely: such a
 * close call is decided by running the cell alone.
 */
public final class Steer {
  /**
   * Margins below this, in nats, are close calls: a hundred times what rounding in float32 makes of
   * batches of different shape (measured: 1e-6).
   */
  private static final double CLOSE_CALL = 1e-4;

  private Steer() {}

  /**
   * One cell, ready to run.
   *
   * @param base the base prompt, captured
   * @param steering the steering prompt's activations
   * @param site where to add them; null for nowhere
   */
  public record Request(
      Capture.Captured base,
      Activations steering,
      @Nullable Site site,
      double scale,
      PositionRule positions) {}

  /**
   * @param tokens generated tokens; ends with a stop token if one was produced
   * @param logprobs log-probability of each, under the steered model
   * @param klLast KL(base || steered) of the next-token distribution at the prompt's last token,
   *     nats
   */
  public record Completion(List<Integer> tokens, float[] logprobs, double klLast) {
    public Completion {
      tokens = List.copyOf(tokens);
    }
  }

  /**
   * Runs cells in batches; in float32, which cells share a batch makes no difference to their
   * tokens.
   *
   * @param newTokens tokens to generate
   * @param stopTokens tokens that end a text
   * @param batchSize most cells in one run of the graph
   */
  public static List<Completion> complete(
      Engine engine,
      List<Request> requests,
      int newTokens,
      List<Integer> stopTokens,
      int batchSize) {
    List<Completion> completions = new ArrayList<>();
    for (int from = 0; from < requests.size(); from += batchSize) {
      List<Request> some = requests.subList(from, Math.min(from + batchSize, requests.size()));
      completions.addAll(decided(engine, some, newTokens, stopTokens));
    }
    return completions;
  }

  /** One batch, and again alone the cells in it with close calls. */
  private static List<Completion> decided(
      Engine engine, List<Request> requests, int newTokens, List<Integer> stopTokens) {
    List<Steered> together = completeBatch(engine, requests, newTokens, stopTokens);
    boolean decide = engine.manifest().dtype() == Dtype.FLOAT32 && requests.size() > 1;
    List<Completion> completions = new ArrayList<>();
    for (int i = 0; i < together.size(); i++) {
      completions.add(
          decide && together.get(i).margin() < CLOSE_CALL
              ? completeBatch(engine, requests.subList(i, i + 1), newTokens, stopTokens)
                  .get(0)
                  .completion()
              : together.get(i).completion());
    }
    return completions;
  }

  /**
   * A completion, and the smallest margin by which one of its tokens was chosen over another, nats.
   */
  private record Steered(Completion completion, double margin) {}

  private static List<Steered> completeBatch(
      Engine engine, List<Request> requests, int newTokens, List<Integer> stopTokens) {
    Map<Activations, Integer> steering =
        numbered(requests.stream().map(Request::steering).toList());
    List<Activations> inOrder = inOrder(steering);
    Bank bank = Bank.of(engine.shape(), engine.hookPoints(), inOrder);
    Batch batch = new Batch(bank);
    Map<Capture.Captured, Integer> references = new IdentityHashMap<>();
    for (Request request : requests) {
      int[] tokens = request.base().tokens();
      int prompt = steering.getOrDefault(request.steering(), 0);
      int row =
          batch.add(
              new Batch.Row(
                  tokens,
                  request.site(),
                  request.scale(),
                  bank.promptRows(prompt, request.positions(), tokens.length),
                  bank.decodeRow(prompt, request.positions())));
      int reference =
          references.computeIfAbsent(
              request.base(), base -> batch.addReference(base.nextLogprobs()));
      batch.score(row, tokens.length - 1, 0, reference);
    }
    batch.generate(newTokens, stopTokens);
    BatchResult result =
        engine.run(
            batch,
            Set.of(
                GraphNames.TOKENS,
                GraphNames.TOKEN_LOGPROBS,
                GraphNames.TOKEN_MARGINS,
                GraphNames.KL));
    List<Steered> completions = new ArrayList<>();
    for (int row = 0; row < requests.size(); row++) {
      completions.add(completion(result, row, stopTokens));
    }
    return completions;
  }

  private static Steered completion(BatchResult result, int row, Collection<Integer> stopTokens) {
    int n = result.newTokens();
    List<Integer> tokens = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      int token = Math.toIntExact(result.tokens()[row * n + i]);
      tokens.add(token);
      if (stopTokens.contains(token)) {
        break;
      }
    }
    float[] logprobs = result.row(GraphNames.TOKEN_LOGPROBS, row, n);
    // KL is never negative; rounding can make it so where the two distributions are the same
    double klLast = Math.max(0, result.get(GraphNames.KL)[row]);
    float[] margins = result.row(GraphNames.TOKEN_MARGINS, row, n);
    double margin = Double.POSITIVE_INFINITY;
    for (int i = 0; i < tokens.size(); i++) {
      margin = Math.min(margin, margins[i]);
    }
    return new Steered(
        new Completion(tokens, Arrays.copyOf(logprobs, tokens.size()), klLast), margin);
  }

  /** The different objects of a list, numbered from 0 in the order they come. */
  private static <T> Map<T, Integer> numbered(List<T> objects) {
    Map<T, Integer> numbers = new IdentityHashMap<>();
    for (T object : objects) {
      numbers.putIfAbsent(object, numbers.size());
    }
    return numbers;
  }

  private static List<Activations> inOrder(Map<Activations, Integer> numbers) {
    return numbers.entrySet().stream()
        .sorted(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .toList();
  }
}
