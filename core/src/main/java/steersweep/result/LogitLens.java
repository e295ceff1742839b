package steersweep.result;

import java.util.List;

/**
 * What the residual stream at the base prompt's last token points to after each block, read with
 * the model's own final norm and output layer: the words that would come next if the blocks above
 * were left out. Of a few steered cells, each beside the unsteered model.
 */
public record LogitLens(List<OfCell> cells) {
  public LogitLens {
    cells = List.copyOf(cells);
  }

  /**
   * @param cell key of the completion
   * @param blocks one for each layer, in order
   */
  public record OfCell(long cell, List<Block> blocks) {
    public OfCell {
      blocks = List.copyOf(blocks);
    }
  }

  /** The likeliest words after one block, likeliest first. */
  public record Block(List<Word> unsteered, List<Word> steered) {
    public Block {
      unsteered = List.copyOf(unsteered);
      steered = List.copyOf(steered);
    }
  }

  /**
   * @param text the token as text, with the blank before it if it has one
   * @param logprob natural logarithm of its probability
   */
  public record Word(String text, double logprob) {}
}
