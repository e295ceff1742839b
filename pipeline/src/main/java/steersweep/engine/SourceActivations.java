package steersweep.engine;

import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.GivenVector;
import steersweep.plan.MeanDifference;
import steersweep.plan.Steering;
import steersweep.plan.SteeringSource;

/** Makes the activations of a steering source, at every hook point and layer of the graph. */
public final class SourceActivations {
  private SourceActivations() {}

  public static Activations of(Engine engine, PromptTokenizer tokenizer, SteeringSource source) {
    if (source instanceof Steering prompts) {
      return minus(
          engine, tokenizer, capture(engine, tokenizer, prompts.prompt()), prompts.contrast());
    }
    if (source instanceof MeanDifference pairs) {
      return new PairActivations(engine, tokenizer, pairs).mean();
    }
    if (source instanceof GivenVector vectors) {
      return given(engine, vectors);
    }
    throw new IllegalArgumentException(source.getClass().getName());
  }

  /**
   * @param contrast prompt whose activations are taken off; null for none
   */
  public static Activations minus(
      Engine engine, PromptTokenizer tokenizer, Activations own, @Nullable String contrast) {
    return contrast == null ? own : own.minus(capture(engine, tokenizer, contrast));
  }

  private static Activations capture(Engine engine, PromptTokenizer tokenizer, String prompt) {
    return Capture.of(engine, tokenizer.encode(prompt)).activations();
  }

  /** Zeros where there is no vector: no cell of the grid is there. */
  private static Activations given(Engine engine, GivenVector source) {
    ModelShape shape = engine.shape();
    Map<HookPoint, float[][]> all = new EnumMap<>(HookPoint.class);
    for (HookPoint hookPoint : engine.hookPoints()) {
      all.put(hookPoint, new float[hookPoint.layers(shape)][hookPoint.width(shape)]);
    }
    for (GivenVector.At at : source.vectors()) {
      float[][] layers = all.get(at.hookPoint());
      float[] vector = at.vector();
      if (layers != null
          && at.layer() < layers.length
          && vector.length == at.hookPoint().width(shape)) {
        layers[at.layer()] = vector;
      }
    }
    return Activations.of(1, all);
  }
}
