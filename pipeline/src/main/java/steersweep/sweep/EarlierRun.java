package steersweep.sweep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import steersweep.plan.Cell;
import steersweep.plan.CellGrid;
import steersweep.plan.CellKind;
import steersweep.plan.DoseUnit;
import steersweep.plan.PromptPair;
import steersweep.plan.Stage;
import steersweep.plan.SweepPlan;
import steersweep.plan.Unit;
import steersweep.result.Chosen;
import steersweep.result.Factors;
import steersweep.result.Json;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.result.RunUnits;

/**
 * The run that another one extends: cells that both have are not run again, their rows are taken
 * over under the other run's numbers. What the earlier run has not, or has as failed, is run. The
 * two must agree in everything that a row depends on and its cell does not name.
 */
public final class EarlierRun {
  private static final int KEPT_UNITS = 8;

  private final RunFolder run;
  private final CellGrid grid;
  private final int unitCells;
  private final Optional<Chosen> chosen;
  private final Map<PromptPair, Integer> pairs = new HashMap<>();
  private final Recent<Unit, UnitRows> read = new Recent<>(KEPT_UNITS);

  /**
   * What stands in a run folder that extends another.
   *
   * @param run the other's folder, relative to this one, so that both can be moved
   */
  private record Link(String run) {}

  private EarlierRun(RunFolder run) {
    RunManifest manifest = run.manifest();
    this.run = run;
    this.grid =
        CellGrid.of(
            manifest.plan(), Objects.requireNonNull(manifest.model()).shape(), manifest.planFile());
    this.unitCells = manifest.unitCells();
    this.chosen = RunUnits.of(run).chosen();
    for (PromptPair pair : grid.pairs()) {
      pairs.put(unnumbered(pair, CellKind.STEERED), pair.index());
      pairs.put(unnumbered(pair, CellKind.UNRELATED), pair.index());
    }
  }

  /** Makes a run extend an earlier one. */
  public static void link(RunFolder run, RunFolder earlier) throws IOException {
    Path from = run.path().toRealPath();
    Json.write(
        run.extendsFile(), new Link(from.relativize(earlier.path().toRealPath()).toString()));
  }

  /** What a run extends, if it does and that is still there. */
  static Optional<EarlierRun> of(RunFolder run) {
    if (!Files.exists(run.extendsFile())) {
      return Optional.empty();
    }
    String link = Json.read(run.extendsFile(), Link.class).run();
    RunFolder earlier = new RunFolder(run.path().resolve(link).normalize());
    return Files.exists(earlier.manifestFile())
            && sameContexts(run.manifest().plan(), earlier.manifest().plan())
        ? Optional.of(new EarlierRun(earlier))
        : Optional.empty();
  }

  /**
   * Whether rows of one plan are measured by the same prompts as those of another: what shows a
   * concept, and what its opposite, counts for the cells of all concepts.
   */
  public static boolean sameContexts(SweepPlan plan, SweepPlan other) {
    return contexts(plan).equals(contexts(other));
  }

  private static List<List<Object>> contexts(SweepPlan plan) {
    return plan.concepts().stream()
        .map(
            concept ->
                List.<Object>of(
                    concept.name(),
                    concept.steeringPrompts(),
                    concept.contrastPrompts(),
                    // a factor is of all of them
                    plan.dose() == DoseUnit.KL ? concept.basePrompts() : List.of()))
        .toList();
  }

  /** The factors that it found. */
  Factors factors() {
    return Factors.of(run);
  }

  /** Rows of those of a unit's cells that the earlier run has. */
  UnitRows rows(Unit unit, List<Cell> cells) {
    UnitRows rows = new UnitRows();
    for (Cell cell : cells) {
      OptionalLong place = place(cell);
      Optional<Unit> there =
          place.isPresent() ? unit(unit.stage(), place.getAsLong()) : Optional.empty();
      if (there.isPresent()) {
        UnitRows from = read.get(there.get(), this::read);
        GenericRecord result = from.results().get(place.getAsLong());
        // whether a cell is run is for this run to say
        if (result != null && !UnitRows.skipped(result)) {
          rows.results().put(cell.index(), renumbered(result, unit, cell));
          GenericRecord score = from.scores().get(place.getAsLong());
          if (score != null) {
            rows.scores().put(cell.index(), renumbered(score, unit, cell));
          }
        }
      }
    }
    return rows;
  }

  /** The unit that a cell is of, in a stage. */
  private Optional<Unit> unit(Stage stage, long cell) {
    return switch (stage) {
      case SOLVE -> Optional.empty();
      case SCREEN -> Optional.of(unitOf(stage, cell));
      case WRITE -> {
        OptionalLong rank = chosen.isPresent() ? chosen.get().rank(cell) : OptionalLong.empty();
        yield rank.isPresent() ? Optional.of(unitOf(stage, rank.getAsLong())) : Optional.empty();
      }
    };
  }

  private Unit unitOf(Stage stage, long place) {
    long from = place / unitCells * unitCells;
    return new Unit(stage, (int) (place / unitCells), from, from + unitCells);
  }

  private OptionalLong place(Cell cell) {
    Integer pair = pairs.get(unnumbered(cell.pair(), cell.kind()));
    return pair == null ? OptionalLong.empty() : grid.find(pair, cell);
  }

  private UnitRows read(Unit unit) {
    Path results = run.file(unit);
    return Files.exists(results) ? UnitRows.good(run, unit, results) : new UnitRows();
  }

  private static GenericRecord renumbered(GenericRecord row, Unit unit, Cell cell) {
    GenericRecord copy = UnitRows.copy(row);
    List<String> columns = new ArrayList<>();
    copy.getSchema().getFields().forEach(field -> columns.add(field.name()));
    copy.put("cell", cell.index());
    copy.put("unit", unit.id());
    if (columns.contains("pair")) {
      copy.put("pair", cell.pair().index());
    }
    return copy;
  }

  /** All of a pair that rows of a kind depend on. */
  private static PromptPair unnumbered(PromptPair pair, CellKind kind) {
    steersweep.plan.@Nullable SteeringSource unrelated =
        kind == CellKind.UNRELATED ? pair.unrelated() : null;
    return new PromptPair(
        -1,
        pair.concept(),
        pair.basePrompt(),
        pair.steeringPrompt(),
        pair.targetWords(),
        pair.contrastPrompt(),
        unrelated,
        pair.targetContinuations(),
        pair.contrastContinuations(),
        pair.source());
  }
}
