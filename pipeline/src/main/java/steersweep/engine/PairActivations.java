package steersweep.engine;

import java.util.EnumMap;
import java.util.Map;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.MeanDifference;

/**
 * What the model does with pairs of texts: differences of activations, positive minus negative, of
 * each pair at every hook point and layer.
 */
public final class PairActivations {
  private final Engine engine;
  private final PromptTokenizer tokenizer;
  private final MeanDifference source;

  public PairActivations(Engine engine, PromptTokenizer tokenizer, MeanDifference source) {
    this.engine = engine;
    this.tokenizer = tokenizer;
    this.source = source;
  }

  /** What is read of one text: for each hook point, for each layer, [width]. */
  public record Read(Map<HookPoint, float[][]> byHookPoint) {
    public float[] at(HookPoint hookPoint, int layer) {
      float[][] layers = byHookPoint.get(hookPoint);
      if (layers == null) {
        throw new IllegalArgumentException(hookPoint.word() + " was not read");
      }
      return layers[layer];
    }
  }

  /** Told what each pair's texts were read as, pair by pair. */
  @FunctionalInterface
  public interface PairListener {
    void read(Read positive, Read negative);
  }

  /** The mean difference, the same at every position. */
  Activations mean() {
    ModelShape shape = engine.shape();
    Map<HookPoint, double[][]> sums = new EnumMap<>(HookPoint.class);
    for (HookPoint hookPoint : engine.hookPoints()) {
      sums.put(hookPoint, new double[hookPoint.layers(shape)][hookPoint.width(shape)]);
    }
    each(
        (positive, negative) ->
            sums.forEach(
                (hookPoint, layers) -> {
                  for (int layer = 0; layer < layers.length; layer++) {
                    float[] plus = positive.at(hookPoint, layer);
                    float[] minus = negative.at(hookPoint, layer);
                    for (int i = 0; i < plus.length; i++) {
                      layers[layer][i] += (double) plus[i] - minus[i];
                    }
                  }
                }));
    Map<HookPoint, float[][]> means = new EnumMap<>(HookPoint.class);
    sums.forEach((hookPoint, layers) -> means.put(hookPoint, mean(layers)));
    return Activations.of(1, means);
  }

  private float[][] mean(double[][] layers) {
    float[][] means = new float[layers.length][];
    for (int layer = 0; layer < layers.length; layer++) {
      means[layer] = new float[layers[layer].length];
      for (int i = 0; i < means[layer].length; i++) {
        means[layer][i] = (float) (layers[layer][i] / source.pairs().size());
      }
    }
    return means;
  }

  /** Reads every pair, one text at a time. */
  public void each(PairListener listener) {
    for (MeanDifference.Pair pair : source.pairs()) {
      int[] positive = tokenizer.encode(pair.wholePositive());
      int[] negative = tokenizer.encode(pair.wholeNegative());
      int common = common(positive, negative);
      listener.read(read(positive, common), read(negative, common));
    }
  }

  /** How many tokens both begin with. */
  private static int common(int[] positive, int[] negative) {
    int common = 0;
    while (common < Math.min(positive.length, negative.length)
        && positive[common] == negative[common]) {
      common++;
    }
    return common;
  }

  /**
   * @param common tokens that the text shares with the pair's other one
   */
  private Read read(int[] tokens, int common) {
    int source = engine.shape().source(tokens);
    Activations activations = Capture.of(engine, tokens).activations();
    Map<HookPoint, float[][]> read = new EnumMap<>(HookPoint.class);
    for (HookPoint hookPoint : engine.hookPoints()) {
      int positions = hookPoint.positions(source, tokens.length);
      int from = from(positions, common - hookPoint.first(source));
      float[][] layers = new float[hookPoint.layers(engine.shape())][];
      for (int layer = 0; layer < layers.length; layer++) {
        layers[layer] =
            mean(
                activations.at(hookPoint, layer), hookPoint.width(engine.shape()), from, positions);
      }
      read.put(hookPoint, layers);
    }
    return new Read(read);
  }

  /** The first of a text's positions that counts. */
  private int from(int positions, int common) {
    return switch (source.at()) {
      case LAST -> positions - 1;
      case ANSWER -> Math.max(0, Math.min(common, positions - 1));
      case ALL -> Math.min(1, positions - 1);
    };
  }

  /** Mean of some rows. */
  private static float[] mean(float[] rows, int width, int from, int to) {
    float[] mean = new float[width];
    for (int i = 0; i < width; i++) {
      double sum = 0;
      for (int row = from; row < to; row++) {
        sum += rows[row * width + i];
      }
      mean[i] = (float) (sum / (to - from));
    }
    return mean;
  }
}
