package steersweep.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import steersweep.model.GraphNames;
import steersweep.model.ModelShape;

/**
 * A text after a prompt, and what the unsteered model computes along it: what steered cells are
 * read along and compared with, and where they can start from.
 *
 * @param meanLogprob mean over its tokens of log p(token | prompt and tokens before), nats
 * @param last the residual stream after the last layer wherever a token of the text comes next, so
 *     that the distributions over words can be made again, [tokens of the text * d_model]
 * @param residuals by layer, the residual stream before it over the prompt and all tokens but the
 *     last, [positions * d_model]; of layers that were asked for, and of none if memory is short
 * @param norms by layer, the norm of the residual stream after it at each position, of the layers
 *     that were asked for
 */
public record Continuation(
    Score.Text text,
    double meanLogprob,
    float[] last,
    Map<Integer, float[]> residuals,
    Map<Integer, double[]> norms) {
  /** Most bytes that one run of the graph hands over. */
  private static final long MOST_BYTES = 1L << 28;

  /** The part of Java's memory that residual streams may take. */
  private static final int PART_OF_MEMORY = 4;

  public Continuation {
    residuals = Map.copyOf(residuals);
    norms = Map.copyOf(norms);
  }

  /**
   * Reads texts with the unsteered model.
   *
   * @param layers layers that cells will be steered at
   * @param batchSize most texts in one run of the graph
   * @return in the order given
   */
  public static List<Continuation> all(
      Engine engine, List<Score.Text> texts, Set<Integer> layers, int batchSize) {
    int longest = texts.stream().mapToInt(text -> text.input().length).max().orElse(0);
    Set<Integer> kept = new HashSet<>(layers);
    kept.remove(0); // starts from the embeddings anyway
    if (engine.shape().hasEncoder()) {
      kept.clear(); // the encoder is steered before any layer of the decoder is run
    }
    if (texts.size() * bytes(engine, longest, kept.size())
        > Runtime.getRuntime().maxMemory() / PART_OF_MEMORY) {
      kept.clear();
    }
    long bytes = bytes(engine, longest, 2 * layers.size() + 1);
    int most = (int) Math.max(1, Math.min(batchSize, MOST_BYTES / Math.max(1, bytes)));
    List<Continuation> read = new ArrayList<>();
    for (int from = 0; from < texts.size(); from += most) {
      List<Score.Text> some = texts.subList(from, Math.min(from + most, texts.size()));
      engine.batches().run(some, part -> read.addAll(read(engine, part, layers, kept)));
    }
    return read;
  }

  private static long bytes(Engine engine, int positions, int layers) {
    return (long) positions * engine.shape().dModel() * Float.BYTES * layers;
  }

  private static List<Continuation> read(
      Engine engine, List<Score.Text> texts, Set<Integer> layers, Set<Integer> kept) {
    Batch batch = Score.batch(engine, texts);
    ModelShape shape = engine.shape();
    Set<String> outputs = new HashSet<>(Set.of(GraphNames.TARGET_LOGPROBS));
    kept.forEach(layer -> outputs.add(GraphNames.residualBefore(layer)));
    for (int layer : layers) {
      if (layer < shape.nLayers()) {
        outputs.add(GraphNames.residualBefore(layer + 1));
      }
      if (layer < shape.nEncoderLayers()) {
        outputs.add(GraphNames.encoderResidualBefore(layer + 1));
      }
    }
    String last = GraphNames.residualBefore(shape.nLayers());
    outputs.add(last);
    BatchResult result = engine.run(batch, outputs);
    int length = batch.length();
    int width = shape.dModel();
    List<Continuation> read = new ArrayList<>();
    for (int row = 0; row < texts.size(); row++) {
      int source = batch.source(row);
      int own = (texts.get(row).input().length - source) * width;
      int end = (row + 1) * length * width; // padding stands before
      Map<Integer, float[]> residuals = new HashMap<>();
      for (int layer : kept) {
        float[] all = result.get(GraphNames.residualBefore(layer));
        residuals.put(layer, Arrays.copyOfRange(all, end - own, end));
      }
      Map<Integer, double[]> norms = new HashMap<>();
      for (int layer : layers) {
        double[] ofTokens = new double[source + own / width];
        if (layer < shape.nEncoderLayers()) {
          float[] all = result.get(GraphNames.encoderResidualBefore(layer + 1));
          int start = (row + 1) * batch.sourceLength() - source;
          for (int i = 0; i < source; i++) {
            ofTokens[i] = Dose.norm(all, (start + i) * width, 0, width);
          }
        }
        if (layer < shape.nLayers()) {
          float[] all = result.get(GraphNames.residualBefore(layer + 1));
          for (int i = 0; i < own / width; i++) {
            ofTokens[source + i] = Dose.norm(all, end - own + i * width, 0, width);
          }
        }
        norms.put(layer, ofTokens);
      }
      int scored = texts.get(row).continuation().size() * width;
      read.add(
          new Continuation(
              texts.get(row),
              batch.mean(result, GraphNames.TARGET_LOGPROBS, row),
              Arrays.copyOfRange(result.get(last), end - scored, end),
              residuals,
              norms));
    }
    return read;
  }

  /** Whether cells can start from this layer. */
  boolean startsAt(int layer) {
    return layer == 0 || residuals.containsKey(layer);
  }

  float[] residual(int layer) {
    return Objects.requireNonNull(residuals.get(layer));
  }

  /** Norm of the residual stream after a layer. */
  double norm(int layer, int position) {
    return Objects.requireNonNull(norms.get(layer))[position];
  }
}
