package steersweep.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import steersweep.error.UserError;
import steersweep.model.ModelFile;
import steersweep.model.ModelManifest;
import steersweep.result.Json;
import steersweep.result.RunFolder;
import steersweep.result.RunLock;
import steersweep.result.RunManifest;
import steersweep.score.SettingDifference;
import steersweep.sweep.Runs;

/** A run folder that this process alone works in, with the model in it that it is to be run on. */
record OpenRun(RunFolder run, RunLock lock) implements AutoCloseable {
  private static final int MOST_DIFFERENCES = 20;

  /** A new run. */
  static OpenRun create(Runs runs, RunFolder run, RunManifest manifest, TemporaryExport exported)
      throws IOException {
    OpenRun open = open(run);
    try {
      open.putModel(exported);
      // before the manifest: a run that can be continued is always one that was marked
      runs.markLatest(run);
      Json.write(run.manifestFile(), manifest);
      return open;
    } catch (IOException | RuntimeException e) {
      open.close();
      throw e;
    }
  }

  /**
   * A run that was begun before.
   *
   * @param wanted what this process would write into the manifest of such a run
   * @throws UserError with what differs, unless that is the same run
   */
  static OpenRun resume(RunFolder run, RunManifest wanted, TemporaryExport exported)
      throws IOException {
    RunManifest begun = run.manifest();
    if (!begun.key().equals(wanted.key())) {
      throw new UserError(
          run.path().toString(),
          "the run was begun with something else; "
              + String.join("; ", differences(begun, wanted))
              + "; put that back to continue, or start a new run with --fresh");
    }
    OpenRun open = open(run);
    try {
      open.putModel(exported);
      return open;
    } catch (IOException | RuntimeException e) {
      open.close();
      throw e;
    }
  }

  private static OpenRun open(RunFolder run) throws IOException {
    Files.createDirectories(run.path());
    RunLock lock = RunLock.take(run.lockFile());
    try {
      run.prepare();
      return new OpenRun(run, lock);
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Puts graph and manifest into the run folder unless they are there: they may have been damaged,
   * or the checkpoint moved.
   */
  private void putModel(TemporaryExport exported) throws IOException {
    for (String name : List.of(ModelManifest.GRAPH_FILE, ModelManifest.MANIFEST_FILE)) {
      byte[] wanted = Files.readAllBytes(exported.folder().resolve(name));
      Path file = run.model().resolve(name);
      if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), wanted)) {
        Json.writeBytes(file, wanted);
      }
    }
  }

  /** Settings, then files of the model. */
  static List<String> differences(RunManifest begun, RunManifest wanted) {
    List<String> differences = new ArrayList<>();
    for (SettingDifference setting : SettingDifference.between(begun, wanted)) {
      if (setting.name().matches("(plan|model)\\..*|unitCells")) {
        differences.add(
            "%s: got %s, expected %s"
                .formatted(setting.name(), value(setting.after()), value(setting.before())));
      }
    }
    ModelManifest before = begun.model();
    ModelManifest after = wanted.model();
    if (before != null && after != null) {
      differences.addAll(ModelFile.changes(before.files(), after.files()));
    }
    int more = differences.size() - MOST_DIFFERENCES;
    return more > 0
        ? List.of(
            String.join("; ", differences.subList(0, MOST_DIFFERENCES)), more + " more differences")
        : differences;
  }

  private static String value(String text) {
    return text.isEmpty() ? "nothing" : text;
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
