package steersweep.sweep;

import steersweep.engine.Engine;
import steersweep.engine.Speed;
import steersweep.model.Device;
import steersweep.result.RunFolder;

/** Times a run's model before the sweep; it stays open for it. */
public final class Trial {
  private Trial() {}

  /** Seconds for a token that goes through the whole model. */
  public static double secondsForToken(RunFolder run, SweepSettings settings) {
    Engine engine = SharedEngines.take(run, settings.processors().get(0), settings.threads());
    try {
      boolean onProcessors = settings.processors().get(0).device() == Device.CPU;
      return Speed.secondsForToken(engine, onProcessors, settings.threads());
    } finally {
      SharedEngines.give(engine);
    }
  }
}
