package steersweep.sweep;

import java.io.UncheckedIOException;
import java.util.List;
import org.apache.beam.runners.direct.DirectOptions;
import org.apache.beam.runners.direct.DirectRunner;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.SerializableCoder;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.ParDo;
import steersweep.plan.Unit;
import steersweep.result.RunFolder;

/**
 * The Beam pipeline: create the units, run each. There is no shuffle before the work, and a unit
 * whose file is there is skipped, so that whatever a runner repeats after a failure costs nothing.
 */
public final class SweepPipeline {
  private SweepPipeline() {}

  /** Runs the units and returns when all are finished or have failed. */
  public static void run(RunFolder run, List<Unit> units, SweepSettings settings) {
    DirectOptions options = PipelineOptionsFactory.as(DirectOptions.class);
    options.setRunner(DirectRunner.class);
    options.setJobName("steersweep");
    options.setTargetParallelism(settings.parallelism() * settings.processors().size());
    // units are records: nothing here can change an element, and checking costs a copy of each
    options.setEnforceImmutability(false);
    options.setEnforceEncodability(false);
    try {
      Pipeline pipeline = Pipeline.create(options);
      pipeline
          .apply("Units", Create.of(units).withCoder(SerializableCoder.of(Unit.class)))
          .apply("Run", ParDo.of(new RunUnit(run, settings)));
      pipeline.run().waitUntilFinish();
    } catch (Pipeline.PipelineExecutionException e) {
      if (e.getCause() instanceof UncheckedIOException cause) {
        throw cause; // the run folder cannot even be written to say so
      }
      throw e;
    } finally {
      Workers.close();
    }
  }
}
