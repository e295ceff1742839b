package steersweep.result;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import steersweep.model.ModelManifest;
import steersweep.plan.Shard;
import steersweep.plan.SweepPlan;

/**
 * What makes a run repeatable: {@code manifest.json} of a run folder, written once before the first
 * cell.
 *
 * @param created when the run folder was made, UTC, ISO 8601
 * @param planFile the plan file as the user named it
 * @param flags what the command line said instead of the plan file, such as {@code --layers}; the
 *     effective plan has it
 * @param plan the effective plan
 * @param key hash of plan, model and unit size: the same key means the same rows
 * @param model the exported model; null for published results
 * @param published where published results came from; null for a sweep
 * @param unitCells most cells in a unit
 * @param cells cells of the whole sweep, baselines included
 * @param units units of the whole sweep
 * @param device what the model ran on
 * @param versions versions of the program, its libraries and its platform
 * @param shard which part of the units this run folder is for; null for all of them
 */
public record RunManifest(
    String created,
    String planFile,
    Map<String, String> flags,
    SweepPlan plan,
    String key,
    @Nullable ModelManifest model,
    @Nullable Published published,
    int unitCells,
    long cells,
    int units,
    String device,
    Map<String, String> versions,
    @Nullable Shard shard) {
  public RunManifest {
    flags = flags == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(flags));
    versions = Map.copyOf(versions);
    if ((model == null) == (published == null)) {
      throw new IllegalArgumentException("a run has either a model or published results");
    }
  }

  /** A sweep's. */
  public RunManifest(
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
    this(
        created, planFile, Map.of(), plan, key, model, null, unitCells, cells, units, device,
        versions, null);
  }

  /** The same for one shard, or with null for the whole. */
  public RunManifest withShard(@Nullable Shard other) {
    return new RunManifest(
        created, planFile, flags, plan, key, model, published, unitCells, cells, units, device,
        versions, other);
  }

  /** The same for a run that was begun with flags. */
  public RunManifest withFlags(Map<String, String> other) {
    return new RunManifest(
        created, planFile, other, plan, key, model, published, unitCells, cells, units, device,
        versions, shard);
  }

  /** Layers of the model; of published results as many as are known of. */
  public int layers() {
    if (model != null) {
      return model.shape().mostLayers();
    }
    return published == null ? 0 : published.layers();
  }
}
