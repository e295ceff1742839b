package steersweep.bake;

import java.util.Optional;
import steersweep.checkpoint.Family;
import steersweep.model.HookPoint;

/**
 * The bias of a block that can carry a constant addition. A constant added to values or head
 * outputs leaves attention unchanged (each query's attention weights sum to 1), so it is a constant
 * behind the output projection; one added to a block's output may as well be added by its MLP.
 */
public enum Carrier {
  /** Of the projection to values, for values alone. */
  VALUE_BIAS,
  /** Of the attention's output projection, for values, head outputs and attention outputs. */
  ATTENTION_BIAS,
  /** Of the MLP's last projection, for MLP outputs and block outputs. */
  MLP_BIAS;

  /**
   * What carries an addition at a hook point; empty where the family has no such bias, nor a key of
   * its config for one.
   */
  public static Optional<Carrier> of(Family family, HookPoint hookPoint) {
    return switch (family) {
      case LLAMA, GPT2, GPT_NEOX -> Optional.of(behind(hookPoint));
      case QWEN2 -> hookPoint == HookPoint.VALUE ? Optional.of(VALUE_BIAS) : Optional.empty();
      case QWEN3 -> Optional.of(behind(hookPoint)).filter(carrier -> carrier == ATTENTION_BIAS);
      case MISTRAL, T5 -> Optional.empty();
    };
  }

  private static Carrier behind(HookPoint hookPoint) {
    return switch (hookPoint) {
      case VALUE, HEAD_OUTPUT, ATTENTION_OUTPUT -> ATTENTION_BIAS;
      case MLP_OUTPUT, RESIDUAL_POST -> MLP_BIAS;
      case CROSS_VALUE,
          CROSS_ATTENTION_OUTPUT,
          ENCODER_VALUE,
          ENCODER_HEAD_OUTPUT,
          ENCODER_ATTENTION_OUTPUT,
          ENCODER_MLP_OUTPUT,
          ENCODER_RESIDUAL_POST ->
          throw new IllegalArgumentException("a Llama has no " + hookPoint.word());
    };
  }
}
