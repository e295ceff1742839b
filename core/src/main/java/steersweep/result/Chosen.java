package steersweep.result;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import steersweep.plan.Choice;
import steersweep.plan.ChoiceRule;
import steersweep.plan.Incoherence;
import steersweep.plan.Stage;
import steersweep.plan.Unit;

/**
 * What was chosen from a run's readings: {@code chosen.json}, written once for the whole run before
 * the first text.
 *
 * @param rule which cells get a text
 * @param choices what is put to the test, concept by concept
 * @param cells the cells that get a text, ascending; or a row that says why not
 * @param incoherent where larger settings are not run
 */
public record Chosen(
    ChoiceRule rule, List<Choice> choices, List<Range> cells, List<Incoherence> incoherent) {
  /**
   * Numbers of cells.
   *
   * @param from the first
   * @param to one after the last
   */
  public record Range(long from, long to) {
    public Range {
      if (from < 0 || to <= from) {
        throw new IllegalArgumentException("no cells; got " + from + " to " + to);
      }
    }

    long size() {
      return to - from;
    }
  }

  public Chosen {
    choices = List.copyOf(choices);
    cells = List.copyOf(cells);
    incoherent = incoherent == null ? List.of() : List.copyOf(incoherent); // in older files
    for (int i = 1; i < cells.size(); i++) {
      if (cells.get(i).from() < cells.get(i - 1).to()) {
        throw new IllegalArgumentException("cells are not ascending: " + cells);
      }
    }
  }

  /** Every setting is run. */
  public Chosen(ChoiceRule rule, List<Choice> choices, List<Range> cells) {
    this(rule, choices, cells, List.of());
  }

  /** The ranges of all set bits. */
  public static List<Range> ranges(BitSet cells) {
    List<Range> ranges = new ArrayList<>();
    for (int from = cells.nextSetBit(0); from >= 0; from = cells.nextSetBit(from)) {
      int to = cells.nextClearBit(from);
      ranges.add(new Range(from, to));
      from = to;
    }
    return ranges;
  }

  /** How many cells get a text. */
  public long size() {
    return cells.stream().mapToLong(Range::size).sum();
  }

  /** How many cells with smaller numbers get a text, if this one does. */
  public OptionalLong rank(long cell) {
    long before = 0;
    for (Range range : cells) {
      if (cell < range.to()) {
        return cell < range.from()
            ? OptionalLong.empty()
            : OptionalLong.of(before + cell - range.from());
      }
      before += range.size();
    }
    return OptionalLong.empty();
  }

  /** The units of writing: {@code from} and {@code to} of each count chosen cells. */
  public List<Unit> units(int unitCells) {
    return Unit.cut(Stage.WRITE, size(), unitCells);
  }

  /** Numbers of the cells of a unit of writing, ascending. */
  public LongStream cells(Unit unit) {
    List<LongStream> parts = new ArrayList<>();
    long before = 0;
    for (Range range : cells) {
      long from = Math.max(unit.from(), before);
      long to = Math.min(unit.to(), before + range.size());
      if (from < to) {
        parts.add(LongStream.range(range.from() + from - before, range.from() + to - before));
      }
      before += range.size();
    }
    return parts.stream().reduce(LongStream.empty(), LongStream::concat);
  }
}
