package steersweep.engine;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import steersweep.model.GraphNames;
import steersweep.model.ModelShape;

/**
 * The unsteered continuation of a base prompt, and what the model computes along it: what every
 * steered cell of the prompt is compared with, and where it can start from.
 *
 * @param base the base prompt
 * @param completion its greedy continuation
 * @param nextLogprobs distribution of each token of the continuation, [tokens][n_vocab]
 * @param residuals for each layer the residual stream before it, and that after the last, over the
 *     prompt and all tokens but the last, [layers + 1][positions * d_model]
 */
public record Baseline(
    Capture.Captured base,
    Steer.Completion completion,
    float[][] nextLogprobs,
    float[][] residuals) {
  /** Decodes a base prompt, alone, and reads along the continuation. */
  public static Baseline of(
      Engine engine, Capture.Captured base, int newTokens, List<Integer> stopTokens) {
    Steer.Completion completion = Steer.unsteered(engine, base.tokens(), newTokens, stopTokens);
    Batch batch = new Batch(Bank.empty(engine.shape(), engine.hookPoints()));
    int row = batch.add(new Score.Text(base.tokens(), completion.tokens()).input());
    int tokens = completion.tokens().size();
    for (int i = 0; i < tokens; i++) {
      batch.score(row, base.tokens().length - 1 + i, 0);
    }
    batch.wantDistributions();
    ModelShape shape = engine.shape();
    Set<String> outputs = new HashSet<>(Set.of(GraphNames.NEXT_LOGPROBS));
    for (int layer = 0; layer <= shape.nLayers(); layer++) {
      outputs.add(GraphNames.residualBefore(layer));
    }
    BatchResult result = engine.run(batch, outputs);
    float[][] logprobs = new float[tokens][];
    for (int i = 0; i < tokens; i++) {
      logprobs[i] = result.row(GraphNames.NEXT_LOGPROBS, i, shape.nVocab());
    }
    List<float[]> residuals = new ArrayList<>();
    for (int layer = 0; layer <= shape.nLayers(); layer++) {
      residuals.add(result.get(GraphNames.residualBefore(layer)));
    }
    return new Baseline(base, completion, logprobs, residuals.toArray(float[][]::new));
  }

  /** Tokens of the prompt and the continuation, but for the last, which is only predicted. */
  int[] input() {
    return new Score.Text(base.tokens(), completion.tokens()).input();
  }
}
