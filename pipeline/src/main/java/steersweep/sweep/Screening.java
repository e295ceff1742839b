package steersweep.sweep;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import steersweep.engine.Departure;
import steersweep.engine.Engine;
import steersweep.engine.Response;
import steersweep.engine.Steer;
import steersweep.measure.Measure;
import steersweep.measure.Measures;
import steersweep.plan.Cell;
import steersweep.plan.CellKind;
import steersweep.plan.Contexts;
import steersweep.result.CompletionRow;
import steersweep.result.FactorRow;
import steersweep.result.Placement;
import steersweep.result.ReadingRow;

/** The work of units of screening: cells read the baseline's text. */
final class Screening {
  private static final String NO_FACTOR =
      "no factor makes this dose: what is added, or what it is added to, is 0";

  private final Engine engine;
  private final Placing placing;
  private final PairAxes axes;
  private final Contexts contexts;
  private final int batchSize;

  Screening(Engine engine, Placing placing, PairAxes axes, Contexts contexts, int batchSize) {
    this.engine = engine;
    this.placing = placing;
    this.axes = axes;
    this.contexts = contexts;
    this.batchSize = batchSize;
  }

  /** What a cell does; no response where nothing is added. */
  private record Read(
      PlacedCell cell, @Nullable Response response, @Nullable Double logOdds, double dose) {}

  /**
   * A row for each cell, in the order given.
   *
   * @param unit id of the unit that they are of
   */
  List<ReadingRow> rows(String unit, List<Cell> cells) {
    return read(placing.place(cells)).stream().map(read -> row(unit, read)).toList();
  }

  private List<Read> read(List<PlacedCell> cells) {
    List<@Nullable Response> responses = responses(cells);
    LogOdds logOdds = new LogOdds(engine, cells, batchSize);
    double[] doses = ResidualDoses.of(engine, cells, batchSize);
    return IntStream.range(0, cells.size())
        .mapToObj(i -> new Read(cells.get(i), responses.get(i), logOdds.of(cells.get(i)), doses[i]))
        .toList();
  }

  private List<@Nullable Response> responses(List<PlacedCell> cells) {
    List<Steer.Reading> readings = new ArrayList<>();
    for (PlacedCell cell : cells) {
      if (cell.request() != null) {
        readings.add(Steer.Reading.ofBaseline(cell.steered(), axes.of(cell.context())));
      }
    }
    List<Response> read = Steer.read(engine, readings, batchSize);
    List<@Nullable Response> ofCells = new ArrayList<>();
    int next = 0;
    for (PlacedCell cell : cells) {
      ofCells.add(cell.request() == null ? null : read.get(next++));
    }
    return ofCells;
  }

  private ReadingRow row(String unit, Read read) {
    PlacedCell cell = read.cell();
    Placement at = new Placement(cell.cell(), unit, cell.factor(), cell.dose(), read.dose());
    Response response = read.response();
    if (response != null) {
      return finite(response)
          ? row(at, cell, response, read.logOdds())
          : ReadingRow.failed(at, Writing.NOT_FINITE);
    }
    FactorRow unsolved = cell.unsolved();
    if (unsolved != null) {
      Placement nowhere = Placement.unknown(cell.cell(), unit);
      String why = String.valueOf(unsolved.message());
      return unsolved.status().equals(FactorRow.OUT_OF_REACH)
          ? ReadingRow.outOfReach(nowhere, why)
          : ReadingRow.failed(nowhere, why);
    }
    if (cell.cell().site() != null) {
      return ReadingRow.failed(at, NO_FACTOR);
    }
    Measures unsteered = Measures.NONE.with(Measure.LOG_ODDS, read.logOdds());
    return new ReadingRow(
        at,
        cell.cell().kind() == CellKind.PROMPTED
            ? unsteered // another prompt: there is nothing that it damages
            : unsteered.with(Measure.DAMAGE, 0).with(Measure.DAMAGE_LAST, 0),
        List.of(),
        List.of(),
        null,
        CompletionRow.OK,
        null);
  }

  private static boolean finite(Response response) {
    return Double.isFinite(response.damage())
        && Double.isFinite(response.damageLast())
        && !Double.isNaN(response.departure().margin())
        && Arrays.stream(response.pulls()).allMatch(Double::isFinite)
        && Arrays.stream(response.alignments()).allMatch(Double::isFinite);
  }

  private ReadingRow row(
      Placement at, PlacedCell cell, Response response, @Nullable Double logOdds) {
    Measures measures =
        Measures.NONE
            .with(Measure.DAMAGE, response.damage())
            .with(Measure.DAMAGE_LAST, response.damageLast())
            .with(Measure.LOG_ODDS, logOdds);
    if (response.pulls().length > 0) {
      int own = contexts.concept(cell.cell().pair());
      measures =
          measures
              .with(Measure.PULL, response.pulls()[own])
              .with(Measure.ALIGNMENT, response.alignments()[own])
              .with(Measure.PULL_PROMPTING, response.promptingPulls()[own])
              .with(Measure.PULL_OTHERS, withoutOwn(response.pulls(), own));
    }
    Departure left = response.departure();
    return new ReadingRow(
        at,
        measures,
        Arrays.stream(response.pulls()).boxed().toList(),
        Arrays.stream(response.alignments()).boxed().toList(),
        new ReadingRow.Departure(
            left.agreed(),
            left.nextToken() == Departure.NONE ? null : left.nextToken(),
            left.margin()),
        CompletionRow.OK,
        null);
  }

  /** Null where there is one concept. */
  private static @Nullable Double withoutOwn(double[] pulls, int own) {
    return pulls.length == 1
        ? null
        : (Arrays.stream(pulls).sum() - pulls[own]) / (pulls.length - 1);
  }
}
