package steersweep.sweep;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import steersweep.engine.EngineException;
import steersweep.result.RunFolder;

/**
 * A Flink session cluster whose processes have this program on their class path, and see the run
 * folder and the model under the same paths. Reached over its REST interface, so that this module
 * needs nothing of Flink; the runner is found on the class path.
 *
 * @param address {@code host:port} of the REST interface
 */
public record FlinkCluster(String address) {
  /**
   * Units are cut into this many pieces at most, which free slots take one after another: a fast
   * worker does more of them, and what a dead one left goes to the others.
   */
  private static final int MOST_PIECES = 64;

  private static final Set<String> ENDED = Set.of("FINISHED", "FAILED", "CANCELED");
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final HttpClient CLIENT = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @throws EngineException when there is no cluster that can run something
   */
  public void check() {
    int workers = get("/overview").path("taskmanagers").asInt();
    if (workers == 0) {
      throw new EngineException("Flink at " + address + " has no TaskManager to run anything on");
    }
  }

  /** Whether a job of this run is under way: the process that submitted it may be gone. */
  public boolean runs(RunFolder run) {
    for (JsonNode job : get("/jobs/overview").path("jobs")) {
      if (job.path("name").asText().equals(jobName(run))
          && !ENDED.contains(job.path("state").asText())) {
        return true;
      }
    }
    return false;
  }

  /** Waits until no job of this run is under way. */
  void await(RunFolder run) {
    try {
      while (runs(run)) {
        Thread.sleep(500);
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  static String jobName(RunFolder run) {
    return "steersweep " + run.path().toAbsolutePath().normalize();
  }

  /**
   * Options of a pipeline that runs here.
   *
   * @param temporary a folder for what is needed to submit the job
   */
  PipelineOptions options(RunFolder run, int units, Path temporary) throws IOException {
    // Our classes are on the workers' class path, where they outlive a job: nothing is to be sent.
    Path nothing = temporary.resolve("empty.jar");
    new JarOutputStream(Files.newOutputStream(nothing), new Manifest()).close();
    // A lost JobManager is to be noticed in seconds, not in minutes.
    Files.writeString(
        temporary.resolve("config.yaml"), "rest.retry.max-attempts: 3\nrest.retry.delay: 1000\n");
    try {
      PipelineOptions options =
          PipelineOptionsFactory.fromArgs(
                  "--runner=FlinkRunner",
                  "--flinkMaster=" + address,
                  "--flinkConfDir=" + temporary,
                  "--filesToStage=" + nothing,
                  "--parallelism=" + Math.min(MOST_PIECES, units))
              .create();
      options.setJobName(jobName(run));
      return options;
    } catch (IllegalArgumentException e) {
      throw new EngineException(
          "Flink is not on the class path; the module 'flink' has a jar with it: " + e.getMessage(),
          e);
    }
  }

  private JsonNode get(String path) {
    try {
      URI uri = URI.create("http://" + address + path);
      HttpResponse<String> answer =
          CLIENT.send(
              HttpRequest.newBuilder(uri).timeout(PATIENCE).build(),
              HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new EngineException(uri + ": got HTTP status " + answer.statusCode());
      }
      return JSON.readTree(answer.body());
    } catch (IOException | IllegalArgumentException e) {
      throw new EngineException(
          "no Flink cluster at " + address + " ('make cluster-up' starts one here): " + e, e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private EngineException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new EngineException("interrupted while waiting for Flink at " + address, e);
  }
}
