package steersweep.cli;

import picocli.CommandLine.Option;
import steersweep.error.Faults;

/** How many cells share one run of the model. */
final class BatchOption {
  @Option(
      names = "--batch-size",
      paramLabel = "N",
      defaultValue = "256",
      description = "Most cells in one run of the model (default: ${DEFAULT-VALUE}).")
  int size;

  void check(Faults faults) {
    atLeast(1, "--batch-size", size, faults);
  }

  /** What every option that counts something is checked with. */
  static void atLeast(int least, String option, int value, Faults faults) {
    if (value < least) {
      faults.add(option, "got " + value + ", expected at least " + least);
    }
  }
}
