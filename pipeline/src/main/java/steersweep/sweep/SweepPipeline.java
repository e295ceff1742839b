package steersweep.sweep;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.runners.direct.DirectRunner;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.SerializableCoder;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.ParDo;
import steersweep.engine.EngineException;
import steersweep.plan.Unit;
import steersweep.result.RunFolder;

/**
 * The Beam pipeline: create the units, run each. There is no shuffle before the work, and a unit
 * whose file is there is skipped, so that whatever a runner repeats after a failure costs nothing.
 */
public final class SweepPipeline {
  private SweepPipeline() {}

  /**
   * Runs the units in this process and returns when all are finished or have failed. The models
   * stay open for the next units, until {@link #close}.
   */
  public static void run(RunFolder run, List<Unit> units, SweepSettings settings) {
    DirectOptions options = PipelineOptionsFactory.as(DirectOptions.class);
    options.setRunner(DirectRunner.class);
    options.setJobName("steersweep");
    // A thread of Beam's that has no unit polls without a pause: with one more than there are units
    // under way, a core would be lost to the model.
    options.setTargetParallelism(settings.parallelism() * settings.processors().size());
    // units are records: nothing here can change an element, and checking costs a copy of each
    options.setEnforceImmutability(false);
    options.setEnforceEncodability(false);
    try {
      run(options, run, units, settings);
    } catch (Pipeline.PipelineExecutionException e) {
      if (e.getCause() instanceof UncheckedIOException cause) {
        throw cause; // the run folder cannot even be written to say so
      }
      throw e;
    }
  }

  /** Closes the models that this process has open. */
  public static void close() {
    Workers.close();
  }

  /**
   * Runs units of one stage on a cluster and returns when all are finished or have failed. Where a
   * job of this run is under way already, it is waited for first, and only what it left is run.
   *
   * @throws EngineException when the cluster loses the job; what was finished stays
   */
  public static void run(
      FlinkCluster cluster, RunFolder run, List<Unit> units, SweepSettings settings) {
    ClusterNote.write(run, cluster);
    cluster.await(run);
    List<Unit> left = units.stream().filter(unit -> !Files.exists(run.file(unit))).toList();
    if (left.isEmpty()) {
      ClusterNote.delete(run);
      return;
    }
    try {
      Path temporary = Files.createTempDirectory("steersweep-flink-");
      try {
        run(cluster.options(run, left.size(), temporary), run, left, settings);
        ClusterNote.delete(run);
      } finally {
        Files.deleteIfExists(temporary.resolve("empty.jar"));
        Files.deleteIfExists(temporary.resolve("config.yaml"));
        Files.deleteIfExists(temporary);
      }
    } catch (IOException | RuntimeException e) {
      throw e instanceof EngineException ours ? ours : lost(cluster, e);
    }
  }

  private static EngineException lost(FlinkCluster cluster, Exception e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return new EngineException(
        "Flink at %s lost or refused the job: %s; the same command continues with what is left"
            .formatted(cluster.address(), cause),
        e);
  }

  private static void run(
      PipelineOptions options, RunFolder run, List<Unit> units, SweepSettings settings) {
    Pipeline pipeline = Pipeline.create(options);
    pipeline
        .apply("Units", Create.of(units).withCoder(SerializableCoder.of(Unit.class)))
        .apply("Run", ParDo.of(new RunUnit(run, settings)));
    pipeline.run().waitUntilFinish();
  }
}
