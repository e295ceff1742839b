package steersweep.model;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A place in every block where activations are read (the tap) and steering activations are added.
 * Names in the graph follow TransformerLens.
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
  RESIDUAL_POST("residual_post", "hook_resid_post");

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

  /** Whether single heads can be steered here. */
  public boolean hasHeads() {
    return this == VALUE || this == HEAD_OUTPUT;
  }

  /** How many heads can be steered on their own; 1 where the hook point has none. */
  public int heads(ModelShape shape) {
    return switch (this) {
      case VALUE -> shape.nKvHeads();
      case HEAD_OUTPUT -> shape.nHeads();
      case ATTENTION_OUTPUT, MLP_OUTPUT, RESIDUAL_POST -> 1;
    };
  }

  /** Width of the activation at one position, all heads together. */
  public int width(ModelShape shape) {
    return hasHeads() ? heads(shape) * shape.dHead() : shape.dModel();
  }

  /** Graph output: the activation before anything is added here, [batch, pos, width]. */
  public String tap(int layer) {
    return "blocks." + layer + "." + hookName;
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
