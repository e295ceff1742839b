package steersweep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.CellGrid;
import steersweep.plan.PlanReader;
import steersweep.plan.Stage;
import steersweep.plan.SweepPlan;
import steersweep.plan.Unit;
import steersweep.result.Json;
import steersweep.result.RunFolder;

/**
 * What a grid of many cells costs around the model: units, the plan, the scan of a run folder when
 * a sweep is continued, and of its files. Prints rows of a table. Arguments: an empty folder, and
 * cells in a unit, any number of them.
 */
public final class LargeGridMain {
  private static final ModelShape LLAMA_7B =
      new ModelShape(32, 32, 32, 4096, 128, 11008, 32000, 2048);
  private static final long CELLS = 10_000_000;

  private LargeGridMain() {}

  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    System.out.println(
        "| cells | in a unit | units | files | list of units, s | plan in the manifest, kB"
            + " | scan on resume, s | scan of one shard of 8, s | live MiB |");
    for (int i = 1; i < args.length; i++) {
      measure(folder.resolve(args[i]), Integer.parseInt(args[i]));
    }
  }

  private static void measure(Path folder, int unitCells) throws IOException {
    SweepPlan plan = plan(folder.resolveSibling("plan.yaml"));
    long start = System.nanoTime();
    CellGrid grid = CellGrid.of(plan, LLAMA_7B, "plan");
    List<Unit> units = grid.units(unitCells);
    double listing = seconds(start);
    RunFolder run = new RunFolder(folder);
    run.prepare();
    for (Unit unit : units) {
      // what stands in them matters to the report only
      Files.createFile(run.scoresFile(unit));
      Files.createFile(run.completionsFile(unit));
    }
    start = System.nanoTime();
    run.prepare();
    Set<String> finished = run.finishedUnits(Stage.WRITE);
    long left = units.stream().filter(unit -> !finished.contains(unit.id())).count();
    double scan = seconds(start);
    if (left > 0) {
      throw new IllegalStateException(left + " units are left");
    }
    start = System.nanoTime();
    long ofShard = units.stream().filter(unit -> unit.index() % 8 == 0).count();
    int seen = run.finishedUnits(Stage.WRITE).size();
    double shard = seconds(start);
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    System.out.printf(
        "| %,d | %,d | %,d | %,d | %.2f | %d | %.2f | %.2f | %d |%n",
        grid.size(),
        unitCells,
        units.size(),
        2 * seen,
        listing,
        Json.text(plan).length() / 1000,
        scan,
        ofShard > 0 ? shard : Double.NaN,
        (runtime.totalMemory() - runtime.freeMemory()) >> 20);
  }

  /**
   * Values of every layer and head, block outputs of every layer, and as many prompts as it takes.
   */
  private static SweepPlan plan(Path file) throws IOException {
    int sites = 32 * 33 + 32;
    long ofPair = 2 + sites * (8L + 4);
    long prompts = CELLS / ofPair / 4;
    StringBuilder yaml = new StringBuilder("concepts:\n");
    for (int concept = 0; concept < 4; concept++) {
      yaml.append("  - name: concept ").append(concept).append("\n    base_prompts:\n");
      for (int i = 0; i < prompts; i++) {
        yaml.append("      - My base prompt number ").append(i).append(" is\n");
      }
      yaml.append("    steering_prompts: I like number ").append(concept).append(".\n");
    }
    yaml.append("grid: {hook_points: [")
        .append(HookPoint.VALUE.word())
        .append(", ")
        .append(HookPoint.RESIDUAL_POST.word())
        .append("], layers: all, heads: [all, each], settings: [-10, -5, -2, -1, 1, 2, 5, 10]}\n")
        .append("controls: {random: 1, prompted: true}\n");
    return PlanReader.read(Files.writeString(file, yaml));
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
