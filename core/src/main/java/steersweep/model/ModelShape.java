package steersweep.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Arrays;

/**
 * The sizes of a model, in TransformerLens' words.
 *
 * @param nLayers transformer blocks
 * @param nHeads query heads of each block
 * @param nKvHeads key and value heads of each block; equals {@code nHeads} without grouped-query
 *     attention
 * @param dModel width of the residual stream
 * @param dHead width of one head
 * @param dMlp width of the feed-forward hidden layer
 * @param nVocab words of the tokenizer
 * @param maxPositions longest sequence, prompt and continuation together, in tokens
 * @param nEncoderLayers blocks of the encoder; 0 for models that have none
 * @param startToken what the decoder of a model with an encoder reads first; 0 without
 */
public record ModelShape(
    int nLayers,
    int nHeads,
    int nKvHeads,
    int dModel,
    int dHead,
    int dMlp,
    int nVocab,
    int maxPositions,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) int nEncoderLayers,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) int startToken) {
  /** Without an encoder. */
  public ModelShape(
      int nLayers,
      int nHeads,
      int nKvHeads,
      int dModel,
      int dHead,
      int dMlp,
      int nVocab,
      int maxPositions) {
    this(nLayers, nHeads, nKvHeads, dModel, dHead, dMlp, nVocab, maxPositions, 0, 0);
  }

  public ModelShape {
    if (nLayers < 1
        || nHeads < 1
        || nKvHeads < 1
        || dModel < 1
        || dHead < 1
        || dMlp < 1
        || nVocab < 1
        || maxPositions < 1) {
      throw new IllegalArgumentException("every size of a model is at least 1");
    }
    if (nHeads % nKvHeads != 0) {
      throw new IllegalArgumentException(
          nHeads + " query heads cannot share " + nKvHeads + " key and value heads evenly");
    }
    if (nEncoderLayers < 0 || startToken < 0) {
      throw new IllegalArgumentException("an encoder comes with a token that starts the decoder");
    }
  }

  /** The same with an encoder. */
  public ModelShape withEncoder(int layers, int start) {
    return new ModelShape(
        nLayers, nHeads, nKvHeads, dModel, dHead, dMlp, nVocab, maxPositions, layers, start);
  }

  public boolean hasEncoder() {
    return nEncoderLayers > 0;
  }

  /** The number of layers of the stack that has most of them. */
  public int mostLayers() {
    return Math.max(nLayers, nEncoderLayers);
  }

  /**
   * How many of a prompt's tokens the encoder reads. With an encoder, a prompt is one sequence: the
   * encoder's text, then, from {@link #startToken} on, the decoder's.
   */
  public int source(int[] tokens) {
    int source = 0;
    if (hasEncoder()) {
      while (source < tokens.length && tokens[source] != startToken) {
        source++;
      }
    }
    return source;
  }

  /**
   * What the encoder reads, followed by what the decoder begins with, unless that stands there
   * already; without an encoder the same.
   */
  public int[] prompt(int[] text) {
    if (!hasEncoder() || source(text) < text.length) {
      return text;
    }
    int[] prompt = Arrays.copyOf(text, text.length + 1);
    prompt[text.length] = startToken;
    return prompt;
  }

  /** Parameters of the matrices, output and embeddings counted apart; biases and norms left out. */
  public double parameters() {
    double crosses = hasEncoder() ? nLayers * attentionParameters() : 0;
    return (nLayers + nEncoderLayers) * layerParameters() + crosses + 2.0 * nVocab * dModel;
  }

  /** Parameters of one layer's matrices. */
  public double layerParameters() {
    return attentionParameters() + 3.0 * dModel * dMlp;
  }

  private double attentionParameters() {
    return (double) dModel * dHead * (2L * nHeads + 2L * nKvHeads);
  }
}
