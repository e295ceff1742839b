package steersweep.sweep;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import steersweep.engine.EngineException;
import steersweep.result.IoFaults;
import steersweep.result.Json;
import steersweep.result.RunFolder;

/**
 * Which cluster a run's job was given to. The lock of a run folder is held by the process that
 * waits for the job; the job may outlive it, and then this note keeps others off.
 *
 * @param address of the cluster
 */
public record ClusterNote(String address) {
  private static Path file(RunFolder run) {
    return run.path().resolve("cluster.json");
  }

  /** Before a job is submitted. */
  static void write(RunFolder run, FlinkCluster cluster) {
    try {
      Json.write(file(run), new ClusterNote(cluster.address()));
    } catch (IOException e) {
      throw new UncheckedIOException(String.valueOf(e.getMessage()), e);
    }
  }

  /** After a job has ended. */
  static void delete(RunFolder run) {
    try {
      Files.deleteIfExists(file(run));
    } catch (IOException e) {
      throw new UncheckedIOException(file(run) + ": cannot be deleted: " + IoFaults.words(e), e);
    }
  }

  /**
   * @param wanted where this process would run the units; null for itself
   * @throws IOException when a job of the run may be under way elsewhere, and says where
   */
  public static void requireNoOther(RunFolder run, @Nullable FlinkCluster wanted)
      throws IOException {
    if (!Files.exists(file(run))) {
      return;
    }
    String address = Json.read(file(run), ClusterNote.class).address();
    if (wanted != null && wanted.address().equals(address)) {
      return; // to be joined
    }
    boolean runs;
    try {
      runs = new FlinkCluster(address).runs(run);
    } catch (EngineException e) {
      throw new IOException(
          run.path()
              + ": was given to Flink at "
              + address
              + ", which does not answer; if it is gone, delete "
              + file(run),
          e);
    }
    if (runs) {
      throw new IOException(
          run.path()
              + ": in use by a job of Flink at "
              + address
              + "; --runner flink --flink "
              + address
              + " joins it");
    }
    delete(run);
  }
}
