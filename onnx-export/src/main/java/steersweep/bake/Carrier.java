package steersweep.bake;

import java.util.Optional;
import steersweep.checkpoint.Family;
import steersweep.model.HookPoint;

/**
 * The bias of a block that can carry a constant addition. A constant added to values or head
 * outputs leaves attention unchanged (each query's attention weights sum to 1), so it is a constant
 * behind {@code o_proj}; one added to a block's output may as well be added by its MLP.
 */
public enum Carrier {
  /** Of {@code v_proj}, for values alone. */
  VALUE_BIAS("self_attn.v_proj"),
  /** Of {@code o_proj}, for values, head outputs and attention outputs. */
  ATTENTION_BIAS("self_attn.o_proj"),
  /** Of {@code down_proj}, for MLP outputs and block outputs. */
  MLP_BIAS("mlp.down_proj");

  private final String part;

  Carrier(String part) {
    this.part = part;
  }

  /** The part of a block whose bias it is. */
  String part() {
    return part;
  }

  /** What carries an addition at a hook point; empty where the family's config has no such bias. */
  public static Optional<Carrier> of(Family family, HookPoint hookPoint) {
    return switch (family) {
      case LLAMA -> Optional.of(behind(hookPoint));
      case QWEN2 -> hookPoint == HookPoint.VALUE ? Optional.of(VALUE_BIAS) : Optional.empty();
      case QWEN3 -> Optional.of(behind(hookPoint)).filter(carrier -> carrier == ATTENTION_BIAS);
      case MISTRAL, GPT2, GPT_NEOX -> Optional.empty();
    };
  }

  private static Carrier behind(HookPoint hookPoint) {
    return switch (hookPoint) {
      case VALUE, HEAD_OUTPUT, ATTENTION_OUTPUT -> ATTENTION_BIAS;
      case MLP_OUTPUT, RESIDUAL_POST -> MLP_BIAS;
    };
  }
}
