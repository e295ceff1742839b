package steersweep.sweep;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.apache.avro.generic.GenericRecord;
import org.apache.commons.math3.random.RandomAdaptor;
import org.apache.commons.math3.random.Well19937c;
import org.jspecify.annotations.Nullable;
import steersweep.plan.Cell;
import steersweep.plan.CellGrid;
import steersweep.plan.CellKind;
import steersweep.plan.Choice;
import steersweep.plan.Concept;
import steersweep.plan.Incoherence;
import steersweep.plan.SweepPlan;
import steersweep.result.Chosen;
import steersweep.result.Json;
import steersweep.result.NotRun;
import steersweep.result.ReadingRow;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.result.RunUnits;

/**
 * The step between reading and writing: from all readings of a run, which sites are put to the
 * test, which are incoherent, and which cells get a text. It is made once; whoever comes later
 * finds it in the run folder.
 */
public final class Chooser {
  private static final long SEED = 20231031;

  private final RunFolder run;
  private final SweepPlan plan;
  private final CellGrid grid;

  private Chooser(RunFolder run, SweepPlan plan, CellGrid grid) {
    this.run = run;
    this.plan = plan;
    this.grid = grid;
  }

  /**
   * The choice of a run that is wholly screened.
   *
   * @throws UncheckedIOException when it cannot be written
   */
  public static Chosen choose(RunFolder run) {
    if (!Files.exists(run.chosenFile())) {
      RunManifest manifest = run.manifest();
      CellGrid grid = RunUnits.of(run).grid();
      Chosen chosen = new Chooser(run, manifest.plan(), grid).chosen();
      try {
        Json.write(run.chosenFile(), chosen);
      } catch (IOException e) {
        throw new UncheckedIOException(e.getMessage(), e);
      }
    }
    return Json.read(run.chosenFile(), Chosen.class);
  }

  private Chosen chosen() {
    PointReadings readings = new PointReadings(plan, grid);
    run.readReadings(row -> readings.add(reading(row)));
    List<Incoherence> incoherent = readings.incoherent();
    NotRun notRun = new NotRun(incoherent, grid);
    Random random = new RandomAdaptor(new Well19937c(SEED)); // the same sample every time
    List<Choice> choices = new ArrayList<>();
    for (Concept concept : plan.concepts()) {
      choices.addAll(readings.of(concept.name(), notRun).choices(plan.texts(), random));
    }
    return new Chosen(plan.texts().rule(), choices, Chosen.ranges(cells(choices)), incoherent);
  }

  private ReadingRow reading(GenericRecord row) {
    return ReadingRow.of(row, grid.cell((Long) row.get("cell")));
  }

  private BitSet cells(List<Choice> choices) {
    BitSet cells = new BitSet();
    switch (plan.texts().rule()) {
      case ALL -> cells.set(0, Math.toIntExact(grid.size()));
      case BEST -> {
        choices.forEach(choice -> add(choice, cells));
        addUnsteered(cells);
      }
      case SURVIVORS -> {
        run.readReadings(row -> addSurvivor(reading(row), cells));
        addUnsteered(cells);
      }
    }
    return cells;
  }

  private void addUnsteered(BitSet cells) {
    for (long pair = 0; pair < grid.pairs().size(); pair++) {
      for (long cell = pair * grid.cellsPerPair();
          cell < (pair + 1) * grid.cellsPerPair();
          cell++) {
        if (grid.cell(cell).site() != null) {
          break; // cells without a site come first
        }
        cells.set(Math.toIntExact(cell));
      }
    }
  }

  /** All pairs of the concept, also those that had no say. */
  private void add(Choice choice, BitSet cells) {
    for (int pair = 0; pair < grid.pairs().size(); pair++) {
      if (grid.pairs().get(pair).concept().equals(choice.concept())) {
        Cell steered =
            new Cell(0, grid.pairs().get(pair), choice.site(), choice.setting(), plan.positions());
        addWithControls(pair, steered, cells);
      }
    }
  }

  private void addSurvivor(ReadingRow reading, BitSet cells) {
    Cell cell = reading.cell();
    boolean survives =
        cell.kind() == CellKind.STEERED
            && reading.ok()
            && plan.texts().guards().stream()
                .noneMatch(
                    guard -> {
                      Double value = reading.measures().get(guard.measure());
                      return value != null && guard.broken(value, cell.setting()).isPresent();
                    });
    if (survives) {
      addWithControls(cell.pair().index(), cell, cells);
    }
  }

  /** Controls are chosen with what they are compared with, never by what they do. */
  private void addWithControls(int pair, Cell steered, BitSet cells) {
    for (Cell cell : withControls(steered)) {
      OptionalLong number = grid.find(pair, cell);
      if (number.isPresent()) {
        cells.set(Math.toIntExact(number.getAsLong()));
      }
    }
  }

  private List<Cell> withControls(Cell steered) {
    List<Cell> all = new ArrayList<>(List.of(steered));
    for (int draw = 0; draw < grid.controls().random(); draw++) {
      all.add(like(steered, CellKind.RANDOM, draw, Math.abs(steered.setting())));
    }
    for (int draw = 0; draw < grid.controls().shuffled(); draw++) {
      all.add(like(steered, CellKind.SHUFFLED, draw, steered.setting()));
    }
    all.add(like(steered, CellKind.UNRELATED, null, steered.setting()));
    return all;
  }

  private static Cell like(Cell steered, CellKind kind, @Nullable Integer draw, double setting) {
    return new Cell(0, kind, draw, steered.pair(), steered.site(), setting, steered.positions());
  }
}
