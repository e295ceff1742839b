package steersweep.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import steersweep.error.UserError;
import steersweep.model.ModelFile;
import steersweep.model.ModelManifest;
import steersweep.plan.Shard;
import steersweep.result.IoFaults;
import steersweep.result.Json;
import steersweep.result.RunFolder;
import steersweep.result.RunLock;
import steersweep.result.RunManifest;
import steersweep.result.TextFile;
import steersweep.score.SettingDifference;
import steersweep.sweep.ClusterNote;
import steersweep.sweep.EarlierRun;
import steersweep.sweep.FlinkCluster;
import steersweep.sweep.Runs;

/** A run folder that this process alone works in, with the model in it that it is to be run on. */
record OpenRun(RunFolder run, RunLock lock) implements AutoCloseable {
  private static final int MOST_DIFFERENCES = 20;
  private static final int MOST_LETTERS = 100;

  /**
   * A new run.
   *
   * @param earlier the run whose rows it takes over; null for none
   */
  static OpenRun create(
      Runs runs,
      RunFolder run,
      RunManifest manifest,
      TemporaryExport exported,
      @Nullable RunFolder earlier)
      throws IOException {
    OpenRun open = open(run, null);
    try {
      if (earlier != null) {
        EarlierRun.link(run, earlier);
        run.takeBatchSize(earlier);
      }
      open.putModel(exported);
      // before the manifest: a run that can be continued is always one that was marked
      if (manifest.shard() == null) {
        runs.markLatest(run);
      }
      Json.write(run.manifestFile(), manifest);
      return open;
    } catch (IOException | RuntimeException e) {
      open.close();
      throw e;
    }
  }

  /**
   * A run that was begun before, and is to be continued by a process that would begin it alike.
   *
   * @param wanted what this process would write into the manifest of such a run
   * @param cluster where its units are to be run; null for this process
   * @throws UserError with what differs, unless that is the same run
   */
  static OpenRun resume(
      RunFolder run, RunManifest wanted, TemporaryExport exported, @Nullable FlinkCluster cluster)
      throws IOException {
    RunManifest begun = run.manifest();
    requireItsKey(run, begun);
    if (!Objects.equals(begun.shard(), wanted.shard())) {
      throw new UserError(
          run.path().toString(),
          String.format(
              "got %s, expected %s as it was begun", part(wanted.shard()), part(begun.shard())));
    }
    if (!begun.key().equals(wanted.key())) {
      List<String> faults = new ArrayList<>();
      faults.add(
          run.path() + ": begun differently; undo this to continue, or start a new run (--fresh)");
      faults.addAll(differences(begun, wanted));
      throw new UserError(faults);
    }
    OpenRun open = open(run, cluster);
    try {
      open.putModel(exported);
      return open;
    } catch (IOException | RuntimeException e) {
      open.close();
      throw e;
    }
  }

  /** Units would be cut otherwise than those whose files are there. */
  private static void requireItsKey(RunFolder run, RunManifest begun) {
    ModelManifest model = begun.model();
    if (model != null && !Runs.key(begun.plan(), model, begun.unitCells()).equals(begun.key())) {
      throw new UserError(
          run.manifestFile().toString(),
          "changed by hand, or of another version; got plan, model or unitCells that key "
              + begun.key()
              + " is not of, expected them as they were written");
    }
  }

  private static String part(@Nullable Shard shard) {
    return shard == null ? "the whole sweep" : "shard " + shard.word();
  }

  private static OpenRun open(RunFolder run, @Nullable FlinkCluster cluster) throws IOException {
    try {
      Files.createDirectories(run.path());
    } catch (IOException e) {
      throw new IOException(
          run.path() + ": the run folder cannot be made: " + IoFaults.words(e), e);
    }
    RunLock lock = RunLock.take(run.lockFile());
    try {
      ClusterNote.requireNoOther(run, cluster);
      run.prepare();
      return new OpenRun(run, lock);
    } catch (IOException | RuntimeException e) {
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
      if (!Files.exists(file) || !Arrays.equals(TextFile.bytes(file), wanted)) {
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
    if (more > 0) {
      differences.subList(MOST_DIFFERENCES, differences.size()).clear();
      differences.add(more + " more differences");
    }
    return differences;
  }

  private static String value(String text) {
    if (text.isEmpty()) {
      return "nothing";
    }
    return text.length() <= MOST_LETTERS ? text : text.substring(0, MOST_LETTERS) + "...";
  }

  /** Where the checkpoint was when a run was last worked on. */
  static Path checkpoint(RunFolder run) {
    Path file = run.model().resolve(ModelManifest.MANIFEST_FILE);
    return Path.of(Json.read(file, ModelManifest.class).checkpoint());
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
