package steersweep.result;

import java.nio.file.Files;
import java.util.List;
import org.jspecify.annotations.Nullable;
import steersweep.error.UserError;

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
   * What a run has of some cells; null where it has none, one of other cells, or a damaged one: it
   * can be read again.
   *
   * @param cells keys, in order
   */
  public static @Nullable LogitLens of(RunFolder run, List<Long> cells) {
    if (cells.isEmpty() || !Files.exists(run.lensFile())) {
      return null;
    }
    try {
      LogitLens lens = Json.read(run.lensFile(), LogitLens.class);
      return lens.cells().stream().map(OfCell::cell).toList().equals(cells) ? lens : null;
    } catch (UserError damaged) {
      return null;
    }
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
