package steersweep.engine;

import java.util.List;
import java.util.Set;
import steersweep.model.GraphNames;

/** How far two models are apart along a text. */
public final class TextGap {
  private TextGap() {}

  /**
   * KL(steered || other) of the next token's distribution, mean along the tokens that follow the
   * request's base prompt, nats.
   *
   * @param steered runs the request
   * @param other runs the base prompt unsteered
   */
  public static double kl(
      Engine steered, Steer.Request request, Engine other, List<Integer> tokens) {
    Score.Text text = new Score.Text(request.baseline().base().tokens(), tokens);
    Bank bank = Bank.of(steered.shape(), steered.hookPoints(), List.of(request.steering()));
    Batch of = new Batch(bank);
    of.add(Steer.row(request, text.input(), bank, 0));
    Batch without = new Batch(Bank.empty(other.shape(), other.hookPoints()));
    without.add(text.input());
    float[] p = logprobs(steered, of, text);
    float[] q = logprobs(other, without, text);
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      // p - q sums up to 0, but for rounding, which could make the sum negative without it
      sum += Math.exp(p[i]) * ((double) p[i] - q[i]) - Math.exp(p[i]) + Math.exp(q[i]);
    }
    return sum / tokens.size();
  }

  /** [tokens * n_vocab], of the only row. */
  private static float[] logprobs(Engine engine, Batch batch, Score.Text text) {
    text.score(batch, 0);
    batch.wantDistributions();
    return engine.run(batch, Set.of(GraphNames.NEXT_LOGPROBS)).get(GraphNames.NEXT_LOGPROBS);
  }
}
