package steersweep.result;

import java.util.Map;
import steersweep.model.ModelManifest;
import steersweep.plan.SweepPlan;

/**
 * What makes a run repeatable: {@code manifest.json} of a run folder, written once before the first
 * cell.
 *
 * @param created when the run folder was made, UTC, ISO 8601
 * @param planFile the plan file as the user named it
 * @param plan the effective plan
 * @param key hash of plan, model and unit size: the same key means the same rows
 * @param model the exported model
 * @param unitCells most cells in a unit
 * @param cells cells of the whole sweep, baselines included
 * @param units units of the whole sweep
 * @param device what the model ran on
 * @param versions versions of the program, its libraries and its platform
 */
public record RunManifest(
    String created,
    String planFile,
    SweepPlan plan,
    String key,
    ModelManifest model,
    int unitCells,
    long cells,
    int units,
    String device,
    Map<String, String> versions) {
  public RunManifest {
    versions = Map.copyOf(versions);
  }
}
