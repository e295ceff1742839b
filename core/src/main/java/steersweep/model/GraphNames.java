package steersweep.model;

/**
 * Names of the steerable graph's inputs and outputs that do not belong to a hook point (those are
 * in {@link HookPoint}). This is the one contract between the exporter that writes a graph and the
 * engine that runs it. One run of the graph is one batch: prefill, then a decode loop.
 */
public final class GraphNames {
  /** int64 [batch, seq]: prompts, padded on the left. */
  public static final String INPUT_IDS = "input_ids";

  /** int64 [batch, seq]: 1 for a token, 0 for padding. */
  public static final String ATTENTION_MASK = "attention_mask";

  /** int64 [3]: batch, seq, -1. Given by the caller so that the graph needs no shape arithmetic. */
  public static final String SEQUENCE_SHAPE = "sequence_shape";

  /**
   * float [1, seq, d_model]: the residual stream that the first layer run receives, the same for
   * every row; read only if layer 0 is not run.
   */
  public static final String START_RESIDUAL = "start_residual";

  /** int64 [batch, seq]: the bank row added at each prompt position. */
  public static final String STEERING_ROW = "steering.row";

  /** int64 [batch, 1]: the bank row added at every generated position. */
  public static final String STEERING_DECODE_ROW = "steering.decode_row";

  /** int64 []: tokens generated after the first one; 0 for a pass that only reads or scores. */
  public static final String DECODE_STEPS = "decode_steps";

  /**
   * int64 [n]: tokens that end a text; decoding stops early once every row has produced one. [-1]
   * for none.
   */
  public static final String STOP_TOKENS = "stop_tokens";

  /** int64 []: how many positions of each row are scored. */
  public static final String SCORE_PLACES = "score.places";

  /** int64 [places, batch]: where to score, as row * seq + position. */
  public static final String SCORE_POSITION = "score.position";

  /**
   * int64 [places, batch]: the token whose log-probability is wanted, as the next one after each
   * scored position.
   */
  public static final String SCORE_TARGET = "score.target";

  /**
   * float [references, n_vocab]: log-probabilities of the distribution that each place is compared
   * with, the same for every row; one for each place if {@link #SCORE_COMPARE}.
   */
  public static final String SCORE_REFERENCE = "score.reference";

  /**
   * bool []: whether scored positions are compared with references and their best tokens taken.
   * Without, {@link #KL} and the best tokens are not to be read.
   */
  public static final String SCORE_COMPARE = "score.compare";

  /** bool []: whether {@link #NEXT_LOGPROBS} is wanted; without, it is not to be read. */
  public static final String SCORE_DISTRIBUTIONS = "score.distributions";

  /** int64 [batch, 1 + steps]: generated tokens, greedy. */
  public static final String TOKENS = "tokens";

  /**
   * float [batch, 1 + steps]: log-probability of each generated token under the steered model,
   * natural logarithm.
   */
  public static final String TOKEN_LOGPROBS = "token_logprobs";

  /**
   * float [batch, 1 + steps]: by how much the log-probability of each generated token is above that
   * of the next best.
   */
  public static final String TOKEN_MARGINS = "token_margins";

  /** float [places, batch, n_vocab]: log-probabilities of the next token at each place. */
  public static final String NEXT_LOGPROBS = "next_logprobs";

  /** float [places, batch]: log-probability of each target. */
  public static final String TARGET_LOGPROBS = "target_logprobs";

  /** float [places, batch]: KL(reference || this run) at each scored position, in nats. */
  public static final String KL = "kl";

  /** int64 [places, batch]: the likeliest next token at each scored position. */
  public static final String BEST_TOKEN = "best_token";

  /** float [places, batch]: its log-probability. */
  public static final String BEST_LOGPROB = "best_logprob";

  /** float [places, batch]: by how much that is above the next best token's. */
  public static final String BEST_MARGIN = "best_margin";

  private GraphNames() {}

  /**
   * bool []: whether a layer is run; those from some layer on are. The first one that is run
   * receives {@link #START_RESIDUAL}. Only without decoding: a layer that is not run leaves no keys
   * and values.
   */
  public static String runLayer(int layer) {
    return "blocks." + layer + ".run";
  }

  /**
   * float [batch, seq, d_model]: the residual stream before a layer; before the one that would
   * follow the last, it is that after the last.
   */
  public static String residualBefore(int layer) {
    return "blocks." + layer + ".hook_resid_pre";
  }
}
