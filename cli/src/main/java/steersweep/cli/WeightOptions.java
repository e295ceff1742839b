package steersweep.cli;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import steersweep.checkpoint.ConvertedWeights;
import steersweep.error.Faults;
import steersweep.error.Suggest;
import steersweep.model.CacheFolder;
import steersweep.model.Device;
import steersweep.model.Dtype;
import steersweep.model.HookPoint;
import steersweep.steerable.ExportSettings;

/** In which type the model is computed, and where converted weights are kept. */
final class WeightOptions {
  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = {
        "Type to compute in: float32 or float16. Weights of another type are converted, once.",
        "Default: float32 on the CPU; on a GPU and for export as stored, float32 if that is"
            + " bfloat16."
      })
  private @Nullable String word;

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description = "Where converted weights are kept (default: ~/.cache/steersweep).")
  private @Nullable Path cache;

  /** Null where none was asked for, or none that there is. */
  @Nullable Dtype chosen(Faults faults) {
    String given = word;
    if (given == null) {
      return null;
    }
    Dtype dtype = Dtype.of(given).orElse(null);
    if (dtype == null) {
      faults.add("--dtype", "unknown; got '" + given + "', " + Suggest.among(given, Dtype.words()));
    }
    return dtype;
  }

  ExportSettings settings(
      List<HookPoint> hookPoints,
      Dtype dtype,
      Device device,
      ConvertedWeights.Progress conversion) {
    return new ExportSettings(hookPoints, dtype, device, cache(), conversion);
  }

  Path cache() {
    return cache != null ? cache : CacheFolder.ofThisUser();
  }
}
