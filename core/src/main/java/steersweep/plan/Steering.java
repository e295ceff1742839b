package steersweep.plan;

import org.jspecify.annotations.Nullable;

/**
 * The prompts that an addition is made of.
 *
 * @param prompt text whose activations are added
 * @param contrast text whose activations are taken off; null for none
 */
public record Steering(String prompt, @Nullable String contrast) implements SteeringSource {
  @Override
  public String identity() {
    return prompt + "\0" + contrast;
  }
}
