package steersweep.model;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A place in every block where activations are read (the tap) and steering activations are added.
 * Names in the graph follow TransformerLens. Models with an encoder have hook points there too, and
 * in the cross-attention of their decoder; those without a prefix are the decoder's.
 */
public enum HookPoint {
  /**
   * Output of {@code v_proj}: [batch, pos, n_kv_heads, d_head]. The hook point of the original
   * LessWrong work.
   */
  VALUE("value", "attn.hook_v"),
  /** Input of {@code o_proj}, called z: [batch, pos, n_heads, d_head]. */
  HEAD_OUTPUT("head_output", "attn.hook_z"),
  /** Output of {@code o_proj}, before it joins the residual stream: [batch, pos, d_model]. */
  ATTENTION_OUTPUT("attention_output", "hook_attn_out"),
  /** Output of {@code down_proj}, before it joins the residual stream: [batch, pos, d_model]. */
  MLP_OUTPUT("mlp_output", "hook_mlp_out"),
  /** The residual stream after the block, that is, the block's output: [batch, pos, d_model]. */
  RESIDUAL_POST("residual_post", "hook_resid_post"),
  /** Values of the cross-attention, of the encoder's positions: [batch, source, heads, d_head]. */
  CROSS_VALUE("cross_value", "cross_attn.hook_v"),
  /** Output of the cross-attention, before it joins the residual stream: [batch, pos, d_model]. */
  CROSS_ATTENTION_OUTPUT("cross_attention_output", "hook_cross_attn_out"),
  /** {@link #VALUE} of the encoder's blocks, [batch, source, heads, d_head]. */
  ENCODER_VALUE("encoder_value", "attn.hook_v"),
  /** {@link #HEAD_OUTPUT} of the encoder's blocks, [batch, source, heads, d_head]. */
  ENCODER_HEAD_OUTPUT("encoder_head_output", "attn.hook_z"),
  /** {@link #ATTENTION_OUTPUT} of the encoder's blocks, [batch, source, d_model]. */
  ENCODER_ATTENTION_OUTPUT("encoder_attention_output", "hook_attn_out"),
  /** {@link #MLP_OUTPUT} of the encoder's blocks, [batch, source, d_model]. */
  ENCODER_MLP_OUTPUT("encoder_mlp_output", "hook_mlp_out"),
  /** {@link #RESIDUAL_POST} of the encoder's blocks, [batch, source, d_model]. */
  ENCODER_RESIDUAL_POST("encoder_residual_post", "hook_resid_post");

  private final String word;
  private final String hookName;

  HookPoint(String word, String hookName) {
    this.word = word;
    this.hookName = hookName;
  }

  /** The word used in plans, result files and reports. */
  public String word() {
    return word;
  }

  /** Whether it is in the encoder's blocks. */
  public boolean inEncoder() {
    return switch (this) {
      case VALUE,
          HEAD_OUTPUT,
          ATTENTION_OUTPUT,
          MLP_OUTPUT,
          RESIDUAL_POST,
          CROSS_VALUE,
          CROSS_ATTENTION_OUTPUT ->
          false;
      case ENCODER_VALUE,
          ENCODER_HEAD_OUTPUT,
          ENCODER_ATTENTION_OUTPUT,
          ENCODER_MLP_OUTPUT,
          ENCODER_RESIDUAL_POST ->
          true;
    };
  }

  /** Whether its positions are those of the text that the encoder reads. */
  public boolean atSource() {
    return inEncoder() || this == CROSS_VALUE;
  }

  /** Whether only models with an encoder have it. */
  public boolean needsEncoder() {
    return atSource() || this == CROSS_ATTENTION_OUTPUT;
  }

  /** The hook points that a model has. */
  public static List<HookPoint> of(ModelShape shape) {
    return Arrays.stream(values())
        .filter(hookPoint -> shape.hasEncoder() || !hookPoint.needsEncoder())
        .toList();
  }

  /** Blocks that have it. */
  public int layers(ModelShape shape) {
    return inEncoder() ? shape.nEncoderLayers() : shape.nLayers();
  }

  /** Whether single heads can be steered here. */
  public boolean hasHeads() {
    return this != written();
  }

  /** Where what is added here is d_model wide for the first time, before the residual stream. */
  public HookPoint written() {
    return switch (this) {
      case VALUE, HEAD_OUTPUT -> ATTENTION_OUTPUT;
      case CROSS_VALUE -> CROSS_ATTENTION_OUTPUT;
      case ENCODER_VALUE, ENCODER_HEAD_OUTPUT -> ENCODER_ATTENTION_OUTPUT;
      case ATTENTION_OUTPUT,
          MLP_OUTPUT,
          RESIDUAL_POST,
          CROSS_ATTENTION_OUTPUT,
          ENCODER_ATTENTION_OUTPUT,
          ENCODER_MLP_OUTPUT,
          ENCODER_RESIDUAL_POST ->
          this;
    };
  }

  /** How many heads can be steered on their own; 1 where the hook point has none. */
  public int heads(ModelShape shape) {
    return switch (this) {
      case VALUE, CROSS_VALUE, ENCODER_VALUE -> shape.nKvHeads();
      case HEAD_OUTPUT, ENCODER_HEAD_OUTPUT -> shape.nHeads();
      case ATTENTION_OUTPUT,
          MLP_OUTPUT,
          RESIDUAL_POST,
          CROSS_ATTENTION_OUTPUT,
          ENCODER_ATTENTION_OUTPUT,
          ENCODER_MLP_OUTPUT,
          ENCODER_RESIDUAL_POST ->
          1;
    };
  }

  /** Width of the activation at one position, all heads together. */
  public int width(ModelShape shape) {
    return hasHeads() ? heads(shape) * shape.dHead() : shape.dModel();
  }

  /**
   * The first of a prompt's tokens that is a position here: with an encoder, a prompt is the text
   * that the encoder reads and, from {@link ModelShape#source} on, what the decoder reads.
   */
  public int first(int source) {
    return atSource() ? 0 : source;
  }

  /** How many of a prompt's tokens are positions here. */
  public int positions(int source, int tokens) {
    return atSource() ? source : tokens - source;
  }

  /** Graph output: the activation before anything is added here, [batch, pos, width]. */
  public String tap(int layer) {
    return (inEncoder() ? "encoder.blocks." : "blocks.") + layer + "." + hookName;
  }

  /** Graph input: the rows that can be added here, [rows, width]. */
  public String bank(int layer) {
    return tap(layer) + ".add";
  }

  /** Graph input: the scale of each row of the batch, layer and head, [batch, n_layers, heads]. */
  public String scaleInput() {
    return "steering." + word + ".scale";
  }

  public static List<String> words() {
    return Arrays.stream(values()).map(HookPoint::word).toList();
  }

  public static Optional<HookPoint> of(String word) {
    return Arrays.stream(values()).filter(hookPoint -> hookPoint.word.equals(word)).findFirst();
  }
}
