package steersweep.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import steersweep.error.Faults;

/** How many cells share one run of the model. */
final class BatchOption {
  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description = {
        "Most cells in one run of the model.",
        "Default: chosen from the memory there is and a short measurement."
      })
  private @Nullable Integer given;

  void check(Faults faults) {
    if (given != null) {
      atLeast(1, "--batch-size", given, faults);
    }
  }

  /** The size asked for, or what to take without. */
  int or(int other) {
    return given == null ? other : given;
  }

  /** What every option that counts something is checked with. */
  static void atLeast(int least, String option, int value, Faults faults) {
    if (value < least) {
      faults.add(option, "got " + value + ", expected at least " + least);
    }
  }
}
