package steersweep.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongBiFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import steersweep.plan.Effort;
import steersweep.plan.Site;

/**
 * The input of one run of the graph, row by row: prompts of any length, each steered at a site of
 * its own or not at all, and the positions to score. {@link Engine} turns it into tensors.
 */
final class Batch {
  /**
   * One row.
   *
   * @param tokens the prompt
   * @param site where to steer; null for nowhere
   * @param scale factor of the additions
   * @param bankRows bank row of each token
   * @param decodeRow bank row of every generated token
   */
  record Row(int[] tokens, @Nullable Site site, double scale, int[] bankRows, int decodeRow) {}

  /**
   * A position to score.
   *
   * @param position token of the row's prompt, from 0
   * @param target the token whose log-probability as the next one is wanted
   */
  private record ScoredPosition(int position, int target) {}

  private final Bank bank;
  private final List<Row> rows = new ArrayList<>();
  private final List<List<ScoredPosition>> scored = new ArrayList<>();
  private final List<float[]> starts = new ArrayList<>();
  private final Map<float[], Integer> startNumbers = new IdentityHashMap<>();
  private final List<Integer> startRows = new ArrayList<>();
  private final List<Context> contexts = new ArrayList<>();
  private final List<Integer> contextRows = new ArrayList<>();
  private final Comparison comparison = new Comparison();
  private boolean distributions;
  private int firstLayer;
  private int lastLayer = Integer.MAX_VALUE;
  private int decodeSteps;
  private long[] stopTokens = {-1};

  Batch(Bank bank) {
    this.bank = bank;
  }

  /** Adds a row and returns its number. */
  int add(Row row) {
    rows.add(row);
    scored.add(new ArrayList<>());
    return rows.size() - 1;
  }

  /** Adds a row that is not steered. */
  int add(int[] tokens) {
    int[] bankRows = new int[tokens.length];
    Arrays.fill(bankRows, bank.zeroRow());
    return add(new Row(tokens, null, 0, bankRows, bank.zeroRow()));
  }

  /**
   * Scores a position of a row: it is the row's next place, and its results are at {@link #result}.
   */
  void score(int row, int position, int target) {
    scored.get(row).add(new ScoredPosition(position, target));
  }

  /** Where an output of [places, scored] has what was scored for a row. */
  int result(int row, int place) {
    return place * scoredRows() + row;
  }

  /** Rows that are scored: the batch's, then the references, of which there is one at least. */
  private int scoredRows() {
    return rows.size() + Math.max(1, comparison.references().size());
  }

  /** Mean of an output of [places, scored] over the row's own places. */
  double mean(BatchResult result, String output, int row) {
    float[] values = result.get(output);
    double sum = 0;
    for (int place = 0; place < scored.get(row).size(); place++) {
      sum += values[result(row, place)];
    }
    return sum / scored.get(row).size();
  }

  /** Asks for whole distributions at scored positions. */
  void wantDistributions() {
    distributions = true;
  }

  /**
   * Compares the next row that was not compared yet at every place, and takes the best tokens
   * there. For every row or none.
   *
   * @param base read by the row too, not steered
   * @param axes of the same text
   * @return the numbers of the axes in this batch
   */
  int[] compare(Continuation base, List<Axis> axes) {
    return comparison.add(base, axes);
  }

  /**
   * Runs only the layers from {@code layer} on, on a residual stream known already. For every row
   * or none, row by row, and without decoding.
   *
   * @param residual the residual stream before that layer, [tokens of the row * d_model]
   */
  void start(int layer, int row, float[] residual) {
    firstLayer = layer;
    int number =
        startNumbers.computeIfAbsent(
            residual,
            of -> {
              starts.add(of);
              return starts.size() - 1;
            });
    startRows.add(row, number);
  }

  /**
   * Runs no layer above this one: for what its activations say, and not for what comes after it.
   */
  void stopAfter(int layer) {
    lastLayer = layer;
  }

  /** Has a row's prompt follow a text that was read before. For every row or none, row by row. */
  void follow(int row, Context context) {
    int known = contexts.size() - 1; // rows of one context come together
    if (known < 0 || contexts.get(known) != context) {
      contexts.add(context);
    }
    contextRows.add(row, contexts.size() - 1);
  }

  /**
   * Generates {@code tokens} tokens per row, fewer once every row has produced one of {@code stop}.
   */
  void generate(int tokens, List<Integer> stop) {
    decodeSteps = tokens - 1;
    stopTokens =
        stop.isEmpty() ? new long[] {-1} : stop.stream().mapToLong(Integer::longValue).toArray();
  }

  Bank bank() {
    return bank;
  }

  int size() {
    return rows.size();
  }

  List<Row> rows() {
    return rows;
  }

  /**
   * Tokens of the longest row, not counting those that an encoder reads; shorter rows are padded on
   * the left.
   */
  int length() {
    return IntStream.range(0, size())
        .map(row -> rows.get(row).tokens().length - source(row))
        .max()
        .orElse(0);
  }

  /** How many of a row's tokens an encoder reads, the first ones. */
  int source(int row) {
    return bank.shape().source(rows.get(row).tokens());
  }

  /** The most of them in any row, and never none. */
  int sourceLength() {
    return Math.max(1, IntStream.range(0, size()).map(this::source).max().orElse(0));
  }

  boolean compares() {
    return !comparison.references().isEmpty();
  }

  Comparison comparison() {
    return comparison;
  }

  boolean distributions() {
    return distributions;
  }

  boolean runs(int layer) {
    return layer >= firstLayer && layer <= lastLayer;
  }

  /** Residual streams to start from, each [positions * d_model]; none if layer 0 is run. */
  List<float[]> starts() {
    return starts;
  }

  /** Which of them each row starts from. */
  long[] startRows() {
    return startRows.isEmpty()
        ? new long[size()]
        : startRows.stream().mapToLong(Integer::longValue).toArray();
  }

  /** What comes before rows' prompts; none if nothing does. */
  List<Context> contexts() {
    return contexts;
  }

  /** Which of them each row's prompt follows. */
  long[] contextRows() {
    return contextRows.isEmpty()
        ? new long[size()]
        : contextRows.stream().mapToLong(Integer::longValue).toArray();
  }

  int decodeSteps() {
    return decodeSteps;
  }

  long[] stopTokens() {
    return stopTokens;
  }

  /**
   * How much this is to run, in tokens that go through the whole model.
   *
   * @param layers of the model
   */
  double work(int layers) {
    double share = (double) (Math.min(layers - 1, lastLayer) - firstLayer + 1) / layers;
    return rows.size() * (length() * share + Effort.OF_GENERATED * decodeSteps);
  }

  /** How many positions the row with the most of them has scored; rows with fewer repeat one. */
  int places() {
    return scored.stream().mapToInt(List::size).max().orElse(0);
  }

  /** Where to score, as places in [batch * seq]: [places * batch]. */
  long[] scoredPlaces() {
    int length = length();
    return eachPlace(
        rows.size(), (row, at) -> (long) row * length + pad(row) + at.position - source(row));
  }

  /** [places * scored]; those of references are not read. */
  long[] scoredTargets() {
    return eachPlace(scoredRows(), (row, at) -> at.target);
  }

  /**
   * @param stride from one place's values to the next one's
   */
  private long[] eachPlace(int stride, ToLongBiFunction<Integer, ScoredPosition> value) {
    int places = Math.max(1, places()); // a tensor of none is no use to some kernels
    long[] values = new long[places * stride];
    for (int row = 0; row < rows.size(); row++) {
      List<ScoredPosition> ofRow = scored.get(row);
      for (int place = 0; place < places; place++) {
        ScoredPosition at =
            ofRow.isEmpty()
                ? new ScoredPosition(rows.get(row).tokens().length - 1, 0)
                : ofRow.get(Math.min(place, ofRow.size() - 1));
        values[place * stride + row] = value.applyAsLong(row, at);
      }
    }
    return values;
  }

  private int pad(int row) {
    return length() - (rows.get(row).tokens().length - source(row));
  }
}
