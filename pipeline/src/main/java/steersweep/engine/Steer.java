package steersweep.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.Iterator;
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
  }

  /**
   * A cell, and a continuation of its base prompt to read it along.
   *
   * @param along its prompt is the request's base prompt
   * @param axes directions to measure along, of the same continuation
   */
  public record Reading(Request request, Continuation along, List<Axis> axes) {
    public Reading {
      axes = List.copyOf(axes);
      for (Axis axis : axes) {
        if (!axis.text().equals(along.text().continuation())) {
          throw new IllegalArgumentException("an axis is of the text that is read along");
        }
      }
    }

    /** Along the baseline's text. */
    public static Reading ofBaseline(Request request, List<Axis> axes) {
      return new Reading(request, request.baseline().continuation(), axes);
    }

    /**
     * Where the pass may start: the first layer whose output differs from the unsteered model's.
     */
    int firstLayer() {
      Site site = request.site();
      int steered = site == null || site.hookPoint().atSource() ? 0 : site.layer();
      return along.startsAt(steered) ? steered : 0;
    }
  }

  /**
   * @param tokens generated tokens; ends with a stop token if one was produced
   * @param logprobs log-probability of each, under the steered model; NaN where a departure did not
   *     say
   * @param margin by how much the least sure of them is above its next best, nats
   */
  public record Completion(List<Integer> tokens, float[] logprobs, double margin) {
    public Completion {
      tokens = List.copyOf(tokens);
    }

    private static Completion of(Decode.Text text) {
      return new Completion(text.tokens(), text.logprobs(), text.margin());
    }

    /** Whether the model's output was finite wherever it chose a token. */
    public boolean finite() {
      return !Double.isNaN(margin);
    }
  }

  /**
   * A cell to write.
   *
   * @param departure where its text leaves the baseline's
   */
  public record Begun(Request request, Departure departure) {
    private Decode.Text text() {
      List<Integer> tokens = new ArrayList<>(baseline().subList(0, departure.agreed()));
      if (departure.nextToken() != Departure.NONE) {
        tokens.add(departure.nextToken());
      }
      return new Decode.Text(tokens, departure.logprobs(), departure.margin());
    }

    private List<Integer> baseline() {
      return request.baseline().continuation().text().continuation();
    }

    /** Whether the text needs no more tokens. */
    private boolean ended(int newTokens, List<Integer> stopTokens) {
      return departure.nextToken() == Departure.NONE
          || departure.agreed() + 1 == newTokens
          || stopTokens.contains(departure.nextToken());
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
    List<Response> responses =
        read(
            engine,
            requests.stream().map(request -> Reading.ofBaseline(request, List.of())).toList(),
            batchSize);
    List<Begun> begun = new ArrayList<>();
    for (int i = 0; i < requests.size(); i++) {
      begun.add(new Begun(requests.get(i), responses.get(i).departure()));
    }
    return finish(engine, begun, newTokens, stopTokens, batchSize);
  }

  /**
   * What cells do along given texts: what is known of them before any text is generated. A cell
   * that is not steered does exactly nothing.
   *
   * @param batchSize most cells in one run of the graph
   * @return in the order given
   */
  public static List<Response> read(Engine engine, List<Reading> readings, int batchSize) {
    List<Reading> run = readings.stream().filter(Steer::mustRun).toList();
    Iterator<Response> read = ReadAlong.responses(engine, run, batchSize).iterator();
    List<Response> responses = new ArrayList<>();
    for (Reading reading : readings) {
      double[] prompting = new double[0];
      if (mustRun(reading)) {
        Response response = read.next();
        if (!reading.request().unsteered()) {
          responses.add(response);
          continue;
        }
        prompting = response.promptingPulls();
      }
      responses.add(Response.nothing(reading.along().text().continuation().size(), prompting));
    }
    return responses;
  }

  private static boolean mustRun(Reading reading) {
    return !reading.request().unsteered() || !reading.axes().isEmpty();
  }

  /**
   * Writes texts from where they leave the baselines'.
   *
   * @param batchSize most cells in one run of the graph
   * @return in the order given
   */
  public static List<Completion> finish(
      Engine engine, List<Begun> cells, int newTokens, List<Integer> stopTokens, int batchSize) {
    List<Begun> open = new ArrayList<>();
    for (Begun cell : cells) {
      if (!cell.request().unsteered() && !cell.ended(newTokens, stopTokens)) {
        open.add(cell);
      }
    }
    // rows of like length share a batch: little padding, and they end at about the same step
    open.sort(Comparator.comparingInt(cell -> cell.departure().agreed()));
    Map<Request, Decode.Text> decoded =
        Decode.all(
            engine,
            open.stream().map(cell -> new Decode.Row(cell.request(), cell.text())).toList(),
            newTokens,
            stopTokens,
            batchSize);
    List<Completion> completions = new ArrayList<>();
    for (Begun cell : cells) {
      Request request = cell.request();
      if (request.unsteered()) {
        completions.add(request.baseline().completion());
      } else {
        Decode.Text text = decoded.getOrDefault(request, cell.text());
        completions.add(
            Completion.of(
                closeCall(engine, text) ? alone(engine, request, newTokens, stopTokens) : text));
      }
    }
    return completions;
  }

  /**
   * Decodes every cell from the start instead: the same tokens by more work.
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
      completions.add(Completion.of(sure));
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

  /**
   * Mean log-probability that steered cells give to the tokens of continuations, in nats: one pass,
   * nothing decoded.
   *
   * @param batchSize most cells in one run of the graph
   * @return one number for each, in the order given
   */
  public static double[] meanLogprobs(Engine engine, List<Reading> readings, int batchSize) {
    return ReadAlong.meanLogprobs(engine, readings, batchSize);
  }

  /** Prompts' own texts, nothing added, in the order given. */
  public static List<Completion> unsteered(
      Engine engine, List<int[]> prompts, int newTokens, List<Integer> stopTokens, int batchSize) {
    List<Completion> completions = new ArrayList<>();
    for (int from = 0; from < prompts.size(); from += batchSize) {
      List<int[]> some = prompts.subList(from, Math.min(from + batchSize, prompts.size()));
      List<Decode.Text> texts = new ArrayList<>();
      engine
          .batches()
          .run(some, part -> texts.addAll(Decode.unsteered(engine, part, newTokens, stopTokens)));
      for (int i = 0; i < some.size(); i++) {
        Decode.Text text = texts.get(i);
        if (some.size() > 1 && closeCall(engine, text)) {
          text = Decode.unsteered(engine, List.of(some.get(i)), newTokens, stopTokens).get(0);
        }
        completions.add(Completion.of(text));
      }
    }
    return completions;
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
    int source = bank.shape().source(tokens); // from there on, positions count anew
    int[] rows =
        IntStream.range(0, tokens.length)
            .map(i -> i >= length ? later : atPrompt[i < source ? i : i - source])
            .toArray();
    return new Batch.Row(tokens, request.site(), request.scale(), rows, later);
  }
}
