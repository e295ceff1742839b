package steersweep.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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
   * @param row row of the batch
   * @param position token of the row's prompt, from 0
   * @param target the token whose log-probability as the next one is wanted
   * @param reference row of {@link #references} to compare with
   */
  private record ScoredPosition(int row, int position, int target, int reference) {}

  private final Bank bank;
  private final List<Row> rows = new ArrayList<>();
  private final List<ScoredPosition> scored = new ArrayList<>();
  private final List<float[]> references = new ArrayList<>();
  private boolean compares;
  private int firstLayer;
  private float @Nullable [] startResidual;
  private int decodeSteps;
  private long[] stopTokens = {-1};

  Batch(Bank bank) {
    this.bank = bank;
  }

  /** Adds a row and returns its number. */
  int add(Row row) {
    rows.add(row);
    return rows.size() - 1;
  }

  /** Adds a row that is not steered. */
  int add(int[] tokens) {
    int[] bankRows = new int[tokens.length];
    Arrays.fill(bankRows, bank.zeroRow());
    return add(new Row(tokens, null, 0, bankRows, bank.zeroRow()));
  }

  /**
   * Adds a distribution to compare with, as log-probabilities [n_vocab], and returns its number.
   */
  int addReference(float[] logprobs) {
    references.add(logprobs);
    return references.size() - 1;
  }

  void score(int row, int position, int target, int reference) {
    scored.add(new ScoredPosition(row, position, target, reference));
  }

  /** Compares scored positions with their references, and takes their best tokens. */
  void compare() {
    compares = true;
  }

  /**
   * Runs only the layers from {@code layer} on, on a residual stream known already; for rows that
   * are all the same but for their steering, without decoding.
   *
   * @param residual the residual stream before that layer, [seq * d_model]
   */
  void start(int layer, float[] residual) {
    firstLayer = layer;
    startResidual = residual;
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

  /** Tokens of the longest row; shorter rows are padded on the left. */
  int length() {
    return rows.stream().mapToInt(row -> row.tokens().length).max().orElse(0);
  }

  boolean compares() {
    return compares;
  }

  int firstLayer() {
    return firstLayer;
  }

  Optional<float[]> startResidual() {
    return Optional.ofNullable(startResidual);
  }

  int decodeSteps() {
    return decodeSteps;
  }

  long[] stopTokens() {
    return stopTokens;
  }

  int scoredCount() {
    return Math.max(1, scored.size());
  }

  /**
   * Where to score, as places in [batch * seq]; one place at least, since a tensor of none is no
   * use to some kernels.
   */
  long[] scoredPlaces() {
    int length = length();
    return scored.isEmpty()
        ? new long[] {length - 1}
        : scored.stream().mapToLong(s -> (long) s.row * length + pad(s.row) + s.position).toArray();
  }

  long[] scoredTargets() {
    return scored.isEmpty()
        ? new long[1]
        : scored.stream().mapToLong(ScoredPosition::target).toArray();
  }

  long[] scoredReferences() {
    return scored.isEmpty()
        ? new long[1]
        : scored.stream().mapToLong(ScoredPosition::reference).toArray();
  }

  List<float[]> references() {
    return references;
  }

  private int pad(int row) {
    return length() - rows.get(row).tokens().length;
  }
}
