package steersweep.sweep;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import steersweep.engine.Departure;
import steersweep.engine.Engine;
import steersweep.engine.PromptTokenizer;
import steersweep.engine.Steer;
import steersweep.plan.CellKind;
import steersweep.result.CompletionRow;
import steersweep.result.Placement;
import steersweep.result.ReadingRow;

/**
 * The work of units of writing: chosen cells write their texts, from where these leave the
 * baseline's.
 */
final class Writing {
  static final String NOT_FINITE = "the steered model's output is not finite";

  private final Engine engine;
  private final PromptTokenizer tokenizer;
  private final Placing placing;
  private final int newTokens;
  private final List<Integer> stopTokens;
  private final int batchSize;

  /**
   * @param stopTokens tokens that end a text
   */
  Writing(
      Engine engine,
      PromptTokenizer tokenizer,
      Placing placing,
      int newTokens,
      List<Integer> stopTokens,
      int batchSize) {
    this.engine = engine;
    this.tokenizer = tokenizer;
    this.placing = placing;
    this.newTokens = newTokens;
    this.stopTokens = stopTokens;
    this.batchSize = batchSize;
  }

  /** A cell with its row; its text may have failed. */
  record Written(PlacedCell cell, CompletionRow row) {}

  /**
   * A text for each cell that was read, in the order given.
   *
   * @param unit id of the unit that they are of
   */
  List<Written> write(String unit, List<ReadingRow> readings) {
    List<PlacedCell> cells = placing.again(readings);
    Iterator<Steer.Completion> steered = steered(cells, readings).iterator();
    List<Written> written = new ArrayList<>();
    for (int i = 0; i < cells.size(); i++) {
      PlacedCell cell = cells.get(i);
      Placement at = readings.get(i).at().inUnit(unit);
      written.add(
          new Written(
              cell,
              readings.get(i).ok()
                  ? row(at, cell, cell.request() == null ? unsteered(cell) : steered.next())
                  : without(at, readings.get(i))));
    }
    return written;
  }

  private static CompletionRow without(Placement at, ReadingRow reading) {
    String status = reading.failed() ? CompletionRow.FAILED : CompletionRow.SKIPPED;
    return CompletionRow.without(at, status, String.valueOf(reading.message()));
  }

  private static Steer.Completion unsteered(PlacedCell cell) {
    return cell.cell().kind() == CellKind.PROMPTED
        ? Objects.requireNonNull(cell.context().prompted())
        : cell.context().baseline().completion();
  }

  private List<Steer.Completion> steered(List<PlacedCell> cells, List<ReadingRow> readings) {
    List<Steer.Begun> begun = new ArrayList<>();
    for (int i = 0; i < cells.size(); i++) {
      if (cells.get(i).request() != null) {
        begun.add(new Steer.Begun(cells.get(i).steered(), departure(readings.get(i))));
      }
    }
    return Steer.finish(engine, begun, newTokens, stopTokens, batchSize);
  }

  private static Departure departure(ReadingRow reading) {
    ReadingRow.Departure left = Objects.requireNonNull(reading.departure());
    Integer next = left.nextToken();
    return Departure.of(left.agreed(), next == null ? Departure.NONE : next, left.margin());
  }

  private CompletionRow row(Placement at, PlacedCell cell, Steer.Completion completion) {
    List<Integer> tokens = completion.tokens();
    @Nullable String failed = completion.finite() ? null : NOT_FINITE;
    return new CompletionRow(
        at,
        tokens,
        tokenizer.decodeContinuation(cell.prompt(), tokens),
        stopTokens.contains(tokens.get(tokens.size() - 1)),
        tokens.equals(cell.context().tokens()),
        failed == null ? CompletionRow.OK : CompletionRow.FAILED,
        failed);
  }
}
