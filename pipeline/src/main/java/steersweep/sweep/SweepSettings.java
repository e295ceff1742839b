package steersweep.sweep;

import java.io.Serializable;
import java.util.List;
import steersweep.model.Processor;

/**
 * How a sweep is run; none of this changes its results, but for rounding between a CPU and a GPU.
 *
 * @param processors what to run the model on: one session on each
 * @param threads threads of one run of the model on the CPU; 0 for one per core
 * @param batchSize most cells or texts in one run of the model; 0 to have it chosen
 * @param parallelism units under way at once on each processor; while one is in the model, others
 *     read and write
 * @param failFast whether the first cell that fails ends the sweep
 */
public record SweepSettings(
    List<Processor> processors, int threads, int batchSize, int parallelism, boolean failFast)
    implements Serializable {
  public SweepSettings {
    processors = List.copyOf(processors);
  }

  /** Failed cells do not end the sweep. */
  public SweepSettings(List<Processor> processors, int threads, int batchSize, int parallelism) {
    this(processors, threads, batchSize, parallelism, false);
  }
}
