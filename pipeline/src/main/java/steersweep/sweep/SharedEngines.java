package steersweep.sweep;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import steersweep.engine.Engine;
import steersweep.model.ModelManifest;
import steersweep.model.Processor;
import steersweep.result.Json;
import steersweep.result.RunFolder;
import steersweep.result.UnitLog;

/**
 * The models that this process has open. On a cluster a process outlives its jobs: one that nobody
 * uses stays open for the next job, until another model is wanted on its processor.
 */
final class SharedEngines {
  private static final Map<Key, Shared> ENGINES = new HashMap<>();

  private SharedEngines() {}

  private record Key(ModelManifest model, Processor processor, int threads) {}

  /** Opens the run's model unless it is open; to be given back by {@link #give}. */
  static Engine take(RunFolder run, Processor processor, int threads) {
    ModelManifest model =
        Json.read(run.model().resolve(ModelManifest.MANIFEST_FILE), ModelManifest.class);
    Shared shared = user(new Key(model, processor, threads));
    try {
      return shared.engine(run, processor, threads);
    } catch (RuntimeException e) {
      giveBack(shared);
      throw e;
    }
  }

  private static synchronized Shared user(Key key) {
    if (!ENGINES.containsKey(key)) {
      closeIdle(key.processor);
    }
    Shared shared = ENGINES.computeIfAbsent(key, missing -> new Shared());
    shared.users++;
    return shared;
  }

  static synchronized void give(Engine engine) {
    ENGINES.values().stream().filter(shared -> shared.engine == engine).forEach(s -> s.users--);
  }

  private static synchronized void giveBack(Shared shared) {
    shared.users--;
  }

  /** Closes what nobody uses. */
  static synchronized void closeIdle() {
    for (Key key : new ArrayList<>(ENGINES.keySet())) {
      closeIdle(key.processor);
    }
  }

  private static void closeIdle(Processor processor) {
    List<Key> idle =
        ENGINES.entrySet().stream()
            .filter(e -> e.getKey().processor.equals(processor) && e.getValue().users == 0)
            .map(Map.Entry::getKey)
            .toList();
    for (Key key : idle) {
      Shared shared = ENGINES.remove(key);
      if (shared != null && shared.engine != null) {
        shared.engine.close();
      }
    }
  }

  private static final class Shared {
    private int users;
    private volatile @Nullable Engine engine;

    /** Its own lock, so that several models are opened at once. */
    synchronized Engine engine(RunFolder run, Processor processor, int threads) {
      Engine current = engine;
      if (current == null) {
        current = Engine.open(run.model(), processor, threads);
        engine = current;
        run.log().write(UnitLog.OPENED, "model on " + processor.word());
      }
      return current;
    }
  }
}
