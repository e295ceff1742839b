package steersweep.sweep;

import java.io.Serializable;

/**
 * How a sweep is run; none of this changes its results.
 *
 * @param threads threads of one run of the model; 0 for one per core
 * @param batchSize most cells or texts in one run of the model
 * @param parallelism units under way at once; while one is in the model, others read and write
 */
public record SweepSettings(int threads, int batchSize, int parallelism) implements Serializable {}
