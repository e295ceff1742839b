package steersweep.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import steersweep.model.Dtype;
import steersweep.plan.PositionRule;
import steersweep.plan.Site;

/**
 * Cells to completions: greedy continuations of base prompts while steering activations are added.
 *
 * <p>A cell is first read along the baseline's continuation ({@link ReadAlong}): one pass, starting
 * at the steered layer, that says where the cell's own text leaves the baseline's. A cell that
 * never does is done; the others are decoded from there ({@link Decode}). The tokens are those of
 * decoding every cell from the start.
 *
 * <p>The same cell gives the same tokens whatever shares its batch. Rounding differs a little with
 * the shape of a batch, which matters only where two tokens are all but equally likely: such a
 * close call is decided by decoding the cell alone.
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
   * @param baseline the base prompt and its unsteered continuation
   * @param steering the steering prompt's activations
   * @param site where to add them; null for nowhere
   */
  public record Request(
      Baseline baseline,
      Activations steering,
      @Nullable Site site,
      double scale,
      PositionRule positions) {
    boolean unsteered() {
      return site == null || scale == 0;
    }

    /** The first layer whose output differs from the baseline's. */
    int firstLayer() {
      return site == null ? 0 : site.layer();
    }
  }

  /**
   * @param tokens generated tokens; ends with a stop token if one was produced
   * @param logprobs log-probability of each, under the steered model
   * @param klLast KL(base || steered) of the next-token distribution at the prompt's last token,
   *     nats
   * @param klContinuation its mean along the baseline's continuation
   */
  public record Completion(
      List<Integer> tokens, float[] logprobs, double klLast, double klContinuation) {
    public Completion {
      tokens = List.copyOf(tokens);
    }
  }

  /**
   * Runs cells in batches; in float32, which cells share a batch makes no difference to their
   * tokens.
   *
   * @param newTokens tokens to generate, as for the requests' baselines
   * @param stopTokens tokens that end a text, as for the requests' baselines
   * @param batchSize most cells in one run of the graph
   */
  public static List<Completion> complete(
      Engine engine,
      List<Request> requests,
      int newTokens,
      List<Integer> stopTokens,
      int batchSize) {
    Readings readings = read(engine, requests, stopTokens, batchSize);
    return finish(engine, requests, readings, newTokens, stopTokens, batchSize);
  }

  /** Cells read along their baselines' texts, see {@link #read}. */
  public static final class Readings {
    private final Map<Request, ReadAlong.Result> results;

    private Readings(Map<Request, ReadAlong.Result> results) {
      this.results = results;
    }

    /** KL(base || steered) at the prompt's last token, nats; 0 for cells that are not steered. */
    public double klLast(Request request) {
      ReadAlong.Result result = results.get(request);
      return result == null ? 0 : result.klLast();
    }

    /** Its mean along the baseline's continuation. */
    public double klContinuation(Request request) {
      ReadAlong.Result result = results.get(request);
      return result == null ? 0 : result.klContinuation();
    }
  }

  /**
   * The first half of {@link #complete}: reads cells along their baselines' texts. What this says
   * of a cell is known before any text is generated.
   */
  public static Readings read(
      Engine engine, List<Request> requests, List<Integer> stopTokens, int batchSize) {
    return new Readings(
        ReadAlong.all(
            engine,
            requests.stream().filter(request -> !request.unsteered()).toList(),
            stopTokens,
            batchSize));
  }

  /**
   * The second half of {@link #complete}, for some or all of the cells that were read.
   *
   * @param readings of these very requests
   */
  public static List<Completion> finish(
      Engine engine,
      List<Request> requests,
      Readings readings,
      int newTokens,
      List<Integer> stopTokens,
      int batchSize) {
    Map<Request, Decode.Text> decoded = new IdentityHashMap<>();
    List<Decode.Row> open = new ArrayList<>();
    for (Request request : requests) {
      ReadAlong.Result result = readings.results.get(request);
      if (result != null && result.ended(newTokens, stopTokens)) {
        decoded.put(request, result.text());
      } else if (result != null) {
        open.add(new Decode.Row(request, result.text()));
      }
    }
    // rows of like length share a batch: little padding, and they end at about the same step
    open.sort(Comparator.comparingInt(row -> row.begun().tokens().size()));
    decoded.putAll(Decode.all(engine, open, newTokens, stopTokens, batchSize));

    List<Completion> completions = new ArrayList<>();
    for (Request request : requests) {
      ReadAlong.Result result = readings.results.get(request);
      Decode.Text text = decoded.get(request);
      if (result == null || text == null) {
        completions.add(request.baseline().completion());
      } else {
        Decode.Text sure =
            closeCall(engine, text) ? alone(engine, request, newTokens, stopTokens) : text;
        completions.add(
            new Completion(
                sure.tokens(), sure.logprobs(), result.klLast(), result.klContinuation()));
      }
    }
    return completions;
  }

  /**
   * Decodes every cell from the start instead: the same tokens by more work. Without KL (NaN).
   *
   * @param batchSize most cells in one run of the graph
   */
  public static List<Completion> decode(
      Engine engine,
      List<Request> requests,
      int newTokens,
      List<Integer> stopTokens,
      int batchSize) {
    List<Decode.Row> rows =
        requests.stream().map(request -> new Decode.Row(request, Decode.Text.EMPTY)).toList();
    Map<Request, Decode.Text> texts = Decode.all(engine, rows, newTokens, stopTokens, batchSize);
    List<Completion> completions = new ArrayList<>();
    for (Request request : requests) {
      Decode.Text text = Objects.requireNonNull(texts.get(request));
      Decode.Text sure =
          closeCall(engine, text) && requests.size() > 1
              ? alone(engine, request, newTokens, stopTokens)
              : text;
      completions.add(new Completion(sure.tokens(), sure.logprobs(), Double.NaN, Double.NaN));
    }
    return completions;
  }

  private static boolean closeCall(Engine engine, Decode.Text text) {
    return engine.manifest().dtype() == Dtype.FLOAT32 && text.margin() < CLOSE_CALL;
  }

  /** What a cell's tokens are by definition: those of decoding it from the start, alone. */
  private static Decode.Text alone(
      Engine engine, Request request, int newTokens, List<Integer> stopTokens) {
    Decode.Row row = new Decode.Row(request, Decode.Text.EMPTY);
    return Decode.all(engine, List.of(row), newTokens, stopTokens, 1).values().iterator().next();
  }

  /** The unsteered model's own text after a prompt; its KL with itself is 0. */
  public static Completion unsteered(
      Engine engine, int[] prompt, int newTokens, List<Integer> stopTokens) {
    Decode.Text text = Decode.unsteered(engine, prompt, newTokens, stopTokens);
    return new Completion(text.tokens(), text.logprobs(), 0, 0);
  }

  /** The different objects of a list, in the order they come, with their numbers. */
  static <T> Map<T, Integer> numbered(List<T> objects) {
    Map<T, Integer> numbers = new IdentityHashMap<>();
    for (T object : objects) {
      numbers.putIfAbsent(object, numbers.size());
    }
    return numbers;
  }

  /** A bank of the steering prompts of some requests, numbered as given. */
  static Bank bank(Engine engine, Map<Activations, Integer> numbers) {
    List<Activations> inOrder =
        numbers.entrySet().stream()
            .sorted(Map.Entry.comparingByValue())
            .map(Map.Entry::getKey)
            .toList();
    return Bank.of(engine.shape(), engine.hookPoints(), inOrder);
  }

  /**
   * A request's row of a batch.
   *
   * @param tokens the base prompt and what comes after it
   * @param prompt number of the steering prompt in the bank
   */
  static Batch.Row row(Request request, int[] tokens, Bank bank, int prompt) {
    int length = request.baseline().base().tokens().length;
    int[] atPrompt = bank.promptRows(prompt, request.positions(), length);
    int later = bank.decodeRow(prompt, request.positions());
    int[] rows =
        IntStream.range(0, tokens.length).map(i -> i < length ? atPrompt[i] : later).toArray();
    return new Batch.Row(tokens, request.site(), request.scale(), rows, later);
  }
}
