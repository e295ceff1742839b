package steersweep.model;

/**
 * The sizes of a Llama-family model, in TransformerLens' words.
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
 */
public record ModelShape(
    int nLayers,
    int nHeads,
    int nKvHeads,
    int dModel,
    int dHead,
    int dMlp,
    int nVocab,
    int maxPositions) {
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
    if (dHead % 2 != 0) {
      throw new IllegalArgumentException("rotary embedding needs an even head width; got " + dHead);
    }
  }

  /** Parameters of the matrices, output and embeddings counted apart; biases and norms left out. */
  public double parameters() {
    return nLayers * layerParameters() + 2.0 * nVocab * dModel;
  }

  /** Parameters of one layer's matrices. */
  public double layerParameters() {
    double attention = (double) dModel * dHead * (2L * nHeads + 2L * nKvHeads);
    return attention + 3.0 * dModel * dMlp;
  }
}
