package steersweep.sweep;

import java.util.ArrayList;
import java.util.List;
import steersweep.engine.Engine;
import steersweep.engine.PromptTokenizer;
import steersweep.engine.ResidualWords;
import steersweep.engine.Steer;
import steersweep.plan.Cell;
import steersweep.result.LogitLens;

/** Reads what residual streams of steered cells point to, with and without steering. */
record LensReader(Engine engine, PromptTokenizer tokenizer, Placing placing) {
  /** Words shown after each block. */
  private static final int WORDS = 5;

  LogitLens read(List<Cell> cells) {
    return new LogitLens(placing.place(cells).stream().map(this::read).toList());
  }

  private LogitLens.OfCell read(PlacedCell cell) {
    Steer.Request request = cell.steered();
    List<List<ResidualWords.Word>> without = ResidualWords.of(engine, request, false, WORDS);
    List<List<ResidualWords.Word>> with = ResidualWords.of(engine, request, true, WORDS);
    List<LogitLens.Block> blocks = new ArrayList<>();
    for (int layer = 0; layer < with.size(); layer++) {
      blocks.add(
          new LogitLens.Block(words(cell, without.get(layer)), words(cell, with.get(layer))));
    }
    return new LogitLens.OfCell(cell.cell().index(), blocks);
  }

  private List<LogitLens.Word> words(PlacedCell cell, List<ResidualWords.Word> words) {
    return words.stream()
        .map(
            word ->
                new LogitLens.Word(
                    tokenizer.decodeContinuation(cell.prompt(), List.of(word.token())),
                    word.logprob()))
        .toList();
  }
}
