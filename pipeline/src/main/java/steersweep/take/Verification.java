package steersweep.take;

import java.util.List;
import steersweep.engine.Engine;
import steersweep.engine.Steer;
import steersweep.engine.TextGap;

/**
 * A steered model beside one that is meant to do the same unsteered.
 *
 * @param texts how many there are
 * @param same how many of them both models write alike, token for token
 * @param kl KL(steered || other) along the steered texts, mean over all, nats per token
 */
public record Verification(int texts, int same, double kl) {
  /**
   * @param engine wrote the texts
   * @param other is not steered
   */
  public static Verification of(Engine engine, SteeredTexts steered, Engine other) {
    List<Steer.Completion> others = steered.unsteered(other);
    int texts = others.size();
    int same = 0;
    double sum = 0;
    for (int i = 0; i < texts; i++) {
      List<Integer> tokens = steered.completions().get(i).tokens();
      same += tokens.equals(others.get(i).tokens()) ? 1 : 0;
      sum += TextGap.kl(engine, steered.requests().get(i), other, tokens);
    }
    return new Verification(texts, same, sum / texts);
  }
}
