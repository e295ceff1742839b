package steersweep.result;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import steersweep.plan.CellGrid;
import steersweep.plan.ChoiceRule;
import steersweep.plan.DoseUnit;
import steersweep.plan.FactorGrid;
import steersweep.plan.Shard;
import steersweep.plan.Stage;
import steersweep.plan.Unit;
import steersweep.result.Chosen.Range;

/**
 * What is to be done in a run folder, stage by stage. What is to be written is known once it was
 * chosen, or from the start where every cell gets a text. A shard of a sweep whose cells are chosen
 * by their readings, or left out by them, writes nothing: the choice is made from the readings of
 * all shards.
 */
public final class RunUnits {
  private final RunFolder run;
  private final RunManifest manifest;
  private final CellGrid grid;

  private RunUnits(RunFolder run, RunManifest manifest, CellGrid grid) {
    this.run = run;
    this.manifest = manifest;
    this.grid = grid;
  }

  /** Of a sweep's folder; not of published results, which have no units to run. */
  public static RunUnits of(RunFolder run) {
    RunManifest manifest = run.manifest();
    CellGrid grid =
        CellGrid.of(
            manifest.plan(),
            Objects.requireNonNull(manifest.model(), "published results are never run").shape(),
            manifest.planFile());
    return new RunUnits(run, manifest, grid);
  }

  public CellGrid grid() {
    return grid;
  }

  /** Which cells get a text; empty before the choice. */
  public Optional<Chosen> chosen() {
    if (Files.exists(run.chosenFile())) {
      return Optional.of(Json.read(run.chosenFile(), Chosen.class));
    }
    return manifest.plan().texts().unconditional()
        ? Optional.of(new Chosen(ChoiceRule.ALL, List.of(), List.of(new Range(0, grid.size()))))
        : Optional.empty();
  }

  /** Whether this folder gets texts at all. */
  public boolean writes() {
    return manifest.shard() == null || manifest.plan().texts().unconditional();
  }

  /** The units of a stage that this folder is for; none of writing before the choice. */
  public List<Unit> all(Stage stage) {
    List<Unit> units =
        switch (stage) {
          case SOLVE ->
              manifest.plan().dose() == DoseUnit.KL
                  ? new FactorGrid(grid).units(manifest.unitCells())
                  : List.<Unit>of();
          case SCREEN -> grid.units(manifest.unitCells());
          case WRITE ->
              writes()
                  ? chosen().map(chosen -> chosen.units(manifest.unitCells())).orElse(List.of())
                  : List.<Unit>of();
        };
    Shard shard = manifest.shard();
    // a shard's cells need the factors of most sources: each solves them all
    return shard == null || stage == Stage.SOLVE
        ? units
        : units.stream().filter(shard::has).toList();
  }

  /** Those of them that are not finished. */
  public List<Unit> left(Stage stage) {
    Set<String> finished = run.finishedUnits(stage);
    return all(stage).stream().filter(unit -> !finished.contains(unit.id())).toList();
  }

  /** What is known to be left of all stages. */
  public List<Unit> left() {
    List<Unit> left = new ArrayList<>(left(Stage.SOLVE));
    left.addAll(left(Stage.SCREEN));
    left.addAll(left(Stage.WRITE));
    return left;
  }

  /** Whether nothing is left to do. */
  public boolean complete() {
    boolean chosen = manifest.shard() != null || Files.exists(run.chosenFile());
    return chosen && left().isEmpty();
  }

  /** The shard that this folder is for; null for the whole. */
  public @Nullable Shard shard() {
    return manifest.shard();
  }
}
