package steersweep.sweep;

import java.util.List;
import org.jspecify.annotations.Nullable;
import steersweep.engine.PromptTokenizer;
import steersweep.engine.Steer;
import steersweep.plan.Cell;
import steersweep.result.CompletionRow;
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
    boolean finite = Double.isFinite(completion.klLast());
    for (float logprob : completion.logprobs()) {
      finite &= Float.isFinite(logprob);
    }
    List<Integer> tokens = completion.tokens();
    Cell of = cell.cell();
    return new CompletionRow(
        of,
        of.kind(),
        of.draw(),
        unit,
        cell.dose(),
        doseResidual,
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
    Cell of = cell.cell();
    return new CompletionRow(
        of,
        of.kind(),
        of.draw(),
        unit,
        cell.dose(),
        doseResidual,
        List.of(),
        null,
        false,
        false,
        status,
        message);
  }

  /** The row of a cell of which nothing is known. */
  static CompletionRow failed(String unit, Cell cell, String message) {
    return new CompletionRow(
        cell,
        cell.kind(),
        cell.draw(),
        unit,
        Double.NaN,
        Double.NaN,
        List.of(),
        null,
        false,
        false,
        CompletionRow.FAILED,
        message);
  }

  /**
   * @param row of the cell, not failed
   * @param logprobs of its text after the base prompt, and after steering prompt + base prompt;
   *     null if it has none
   */
  ScoreRow score(
      CompletionRow row, PlacedCell cell, TextFreeScores free, double @Nullable [] logprobs) {
    String text = row.text();
    return new ScoreRow(
        row.cell().index(),
        unit,
        logprobs == null ? null : logprobs[0],
        logprobs == null ? null : logprobs[1],
        logprobs == null ? null : logprobs[1] - logprobs[0],
        logprobs == null ? null : logprobs[0] - cell.context().baselineLogprob(),
        free.klLast(),
        free.klContinuation(),
        text == null ? null : Repetition.of(row.tokens(), text),
        text == null ? null : TargetWords.hits(text, cell.context().pair().targetWords()),
        free.uptakeReference(),
        free.logOdds());
  }
}
