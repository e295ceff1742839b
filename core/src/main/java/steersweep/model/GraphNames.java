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
   * float [starts, seq, d_model]: residual streams that the first layer run receives; read only if
   * layer 0 is not run.
   */
  public static final String START_RESIDUAL = "start_residual";

  /** int64 [batch]: which of {@link #START_RESIDUAL} each row starts from. */
  public static final String START_ROW = "start_row";

  /**
   * int64 [contexts]: tokens of each text that comes before rows' prompts, its keys and values
   * being known already.
   */
  public static final String CONTEXT_LENGTH = "context.length";

  /** int64 [contexts, context]: 1 for a token of a context, 0 for padding on the left. */
  public static final String CONTEXT_MASK = "context.mask";

  /** int64 [batch]: which context each row's prompt follows. */
  public static final String CONTEXT_ROW = "context.row";

  /** int64 [batch, source]: what the encoder reads, padded on the left. */
  public static final String ENCODER_INPUT_IDS = "encoder.input_ids";

  /** int64 [batch, source]: 1 for a token, 0 for padding. */
  public static final String ENCODER_ATTENTION_MASK = "encoder.attention_mask";

  /** int64 [3]: batch, source, -1. */
  public static final String ENCODER_SEQUENCE_SHAPE = "encoder.sequence_shape";

  /** int64 [batch, source]: the bank row added at each position of the encoder's text. */
  public static final String STEERING_ENCODER_ROW = "steering.encoder_row";

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
   * float [places, references, d_model]: final residual streams, before the last norm, of what rows
   * are compared with. The distributions over words are made of them in the graph.
   */
  public static final String SCORE_REFERENCE = "score.reference";

  /**
   * int64 [references]: batch, batch + 1, and so on. References are scored as rows behind the
   * batch's own; given by the caller so that the graph needs no shape arithmetic.
   */
  public static final String SCORE_REFERENCE_ROW = "score.reference_row";

  /** int64 [bases]: numbers of those references that rows are compared with (q0). */
  public static final String SCORE_BASE = "score.base";

  /**
   * int64 [compared]: for each row, the references' rows too, the number of its base; a single
   * number is for all.
   */
  public static final String SCORE_ROW_BASE = "score.row_base";

  /** int64 [axes]: for each axis the number of its base; a single number is for all. */
  public static final String SCORE_AXIS_BASE = "score.axis_base";

  /** float [axes, references]: weights of the mixture p+ that an axis leads to; 0 for none. */
  public static final String SCORE_AXIS_PLUS = "score.axis_plus";

  /** float [axes, references]: weights of the mixture p- that an axis leads away from. */
  public static final String SCORE_AXIS_MINUS = "score.axis_minus";

  /**
   * bool []: whether scored positions are compared with references and their best tokens taken.
   * Without, what is compared and the best tokens are not to be read.
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

  /**
   * float [places, scored]: KL(base || row) at each place, in nats; scored are the batch's rows,
   * then the references.
   */
  public static final String KL = "kl";

  /**
   * float [places, scored]: variance under the base of the change, log row - log base, over words.
   */
  public static final String CHANGE_VARIANCE = "change_variance";

  /**
   * float [places, scored, axes]: sum over words of (p+ - p-) times the change, nats; to be read
   * for axes with the row's base.
   */
  public static final String PULL = "pull";

  /**
   * float [places, scored, axes]: covariance under the base of log p+ - log p- with the change; to
   * be read for axes with the row's base.
   */
  public static final String AXIS_COVARIANCE = "axis_covariance";

  /** float [places, axes]: variance under the axis' base of log p+ - log p-. */
  public static final String AXIS_VARIANCE = "axis_variance";

  /** float [places, axes]: the pull of p+ itself: what prompting does. */
  public static final String AXIS_PULL = "axis_pull";

  /** int64 [places, scored]: the likeliest next token at each scored position. */
  public static final String BEST_TOKEN = "best_token";

  /** float [places, scored]: its log-probability. */
  public static final String BEST_LOGPROB = "best_logprob";

  /** float [places, scored]: by how much that is above the next best token's. */
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

  /**
   * float [contexts, n_kv_heads, context, d_head]: a layer's keys of contexts; context may be 0.
   */
  public static String contextKey(int layer) {
    return "blocks." + layer + ".attn.context_k";
  }

  /** float [contexts, n_kv_heads, context, d_head]: a layer's values of contexts. */
  public static String contextValue(int layer) {
    return "blocks." + layer + ".attn.context_v";
  }

  /**
   * float [batch, n_kv_heads, keys, d_head]: a layer's keys of context and prompt, as {@link
   * #contextKey} takes them.
   */
  public static String cachedKey(int layer) {
    return "blocks." + layer + ".attn.cached_k";
  }

  /** float [batch, n_kv_heads, keys, d_head]: a layer's values of context and prompt. */
  public static String cachedValue(int layer) {
    return "blocks." + layer + ".attn.cached_v";
  }

  /** The same in the encoder: float [batch, source, d_model]. */
  public static String encoderResidualBefore(int layer) {
    return "encoder." + residualBefore(layer);
  }
}
