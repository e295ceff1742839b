package steersweep.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import steersweep.error.Faults;
import steersweep.error.Suggest;
import steersweep.model.Dtype;

/** In which type the model is computed. */
final class DtypeOption {
  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = {
        "Type to compute in: float32 or float16. Weights stored in another type are converted, once.",
        "Default: float32, the one for CPUs; of export: as stored, float32 if that is bfloat16."
      })
  private @Nullable String word;

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

  Dtype orFloat32(Faults faults) {
    Dtype chosen = chosen(faults);
    return chosen == null ? Dtype.FLOAT32 : chosen;
  }
}
