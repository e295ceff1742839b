package steersweep.sweep;

import java.util.List;
import java.util.Objects;
import steersweep.engine.PromptTokenizer;
import steersweep.engine.Steer;
import steersweep.measure.Measure;
import steersweep.measure.Measures;
import steersweep.plan.Cell;
import steersweep.result.CompletionRow;
import steersweep.result.Placement;
import steersweep.result.ReadingRow;
import steersweep.result.Repetition;
import steersweep.result.ScoreRow;
import steersweep.result.TargetWords;

/**
 * Makes the result rows of one unit.
 *
 * @param unit its id
 * @param stopTokens tokens that end a text
 */
record Rows(String unit, PromptTokenizer tokenizer, List<Integer> stopTokens) {
  /** The row of a cell that has a text. */
  CompletionRow generated(PlacedCell cell, double doseResidual, Steer.Completion completion) {
    boolean finite = completion.finite();
    List<Integer> tokens = completion.tokens();
    return new CompletionRow(
        placement(cell, doseResidual),
        tokens,
        tokenizer.decodeContinuation(cell.prompt(), tokens),
        stopTokens.contains(tokens.get(tokens.size() - 1)),
        tokens.equals(cell.context().tokens()),
        finite ? CompletionRow.OK : CompletionRow.FAILED,
        finite ? null : "the steered model's output is not finite");
  }

  /**
   * The row of a cell without a text.
   *
   * @param status failed or skipped
   */
  CompletionRow without(PlacedCell cell, double doseResidual, String status, String message) {
    return CompletionRow.without(placement(cell, doseResidual), status, message);
  }

  /** The row of a cell of which nothing is known. */
  static CompletionRow failed(String unit, Cell cell, String message) {
    return CompletionRow.without(Placement.unknown(cell, unit), CompletionRow.FAILED, message);
  }

  /** What a cell does without a text. */
  ReadingRow reading(PlacedCell cell, double doseResidual, Measures measures) {
    return new ReadingRow(
        placement(cell, doseResidual),
        measures,
        List.of(),
        List.of(),
        null,
        CompletionRow.OK,
        null);
  }

  private Placement placement(PlacedCell cell, double doseResidual) {
    return new Placement(cell.cell(), unit, cell.factor(), cell.dose(), doseResidual);
  }

  /**
   * @param row of the cell, not failed
   * @param logprobs of its text after the base prompt, and after steering prompt + base prompt
   */
  ScoreRow score(CompletionRow row, PlacedCell cell, double[] logprobs) {
    String text = Objects.requireNonNull(row.text());
    Measures measures =
        Repetition.of(row.tokens(), text)
            .measures()
            .with(Measure.LOGPROB, logprobs[0])
            .with(Measure.UPTAKE, logprobs[1] - logprobs[0])
            .with(Measure.FLUENCY, logprobs[0] - cell.context().baselineLogprob())
            .with(Measure.TARGET_HITS, TargetWords.hits(text, cell.context().pair().targetWords()));
    return new ScoreRow(row.cell().index(), unit, measures);
  }
}
