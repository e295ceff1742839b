package steersweep.cli;

import ai.onnxruntime.OrtEnvironment;
import java.util.Map;
import java.util.TreeMap;
import org.apache.beam.sdk.util.ReleaseInfo;
import steersweep.model.Release;

/** Versions that a run depends on, for its manifest. */
final class Versions {
  private Versions() {}

  static Map<String, String> all() {
    Map<String, String> versions = new TreeMap<>();
    versions.put("steersweep", Release.VERSION);
    versions.put("git commit", System.getProperty("steersweep.commit", "unknown"));
    versions.put("onnxruntime", OrtEnvironment.getEnvironment().getVersion());
    versions.put("beam", ReleaseInfo.getReleaseInfo().getVersion());
    versions.put(
        "java", System.getProperty("java.vendor") + " " + System.getProperty("java.version"));
    versions.put(
        "system",
        System.getProperty("os.name")
            + " "
            + System.getProperty("os.version")
            + " "
            + System.getProperty("os.arch"));
    versions.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
    return versions;
  }
}
