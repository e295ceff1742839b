package steersweep.sweep;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import steersweep.error.UserError;
import steersweep.model.ModelManifest;
import steersweep.plan.Shard;
import steersweep.plan.SweepPlan;
import steersweep.result.IoFaults;
import steersweep.result.Json;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.result.RunUnits;

/**
 * The folder of all runs: {@code runs/<UTC time>-<name>}, and {@code runs/latest}.
 *
 * @param root the folder; made when the first run is
 */
public record Runs(Path root) {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  /**
   * The same key means the same rows: a hash of the effective plan, the model, the kind of
   * processor, since a CPU and a GPU round differently, and how cells are cut into units.
   */
  public static String key(SweepPlan plan, ModelManifest model, int unitCells) {
    String all =
        Json.text(plan)
            + model.fingerprint()
            + model.dtype()
            + model.device()
            + model.exporter()
            + unitCells;
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(all.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash).substring(0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * The newest run with this key, finished or not.
   *
   * @param shard the part of the sweep that the run is for; null for the whole
   */
  public Optional<RunFolder> find(String key, @Nullable Shard shard) {
    return newest(
        run -> run.manifest().key().equals(key) && Objects.equals(run.manifest().shard(), shard));
  }

  /**
   * The newest run of the same plan over the same checkpoint folder, if it is not finished and the
   * model in that folder is another one now.
   */
  public Optional<RunFolder> unfinishedWithAnotherModel(RunManifest wanted) {
    return newest(run -> sameButForTheModel(run, wanted))
        .filter(run -> !RunUnits.of(run).complete());
  }

  private static boolean sameButForTheModel(RunFolder run, RunManifest wanted) {
    RunManifest manifest = run.manifest();
    if (manifest.model() == null) {
      return false;
    }
    // not the run's own manifest: the checkpoint may have moved since
    Path file = run.model().resolve(ModelManifest.MANIFEST_FILE);
    ModelManifest model = Json.read(file, ModelManifest.class);
    ModelManifest other = Objects.requireNonNull(wanted.model(), "a sweep has a model");
    return model.checkpoint().equals(other.checkpoint())
        && !model.fingerprint().equals(other.fingerprint())
        && manifest.unitCells() == wanted.unitCells()
        && Objects.equals(manifest.shard(), wanted.shard())
        && Json.text(manifest.plan()).equals(Json.text(wanted.plan()));
  }

  private Optional<RunFolder> newest(Predicate<RunFolder> wanted) {
    return all().stream()
        .filter(run -> is(run, wanted))
        .max(Comparator.comparing(run -> run.path().getFileName().toString()));
  }

  /** Every run folder, in no order. */
  public List<RunFolder> all() {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(root)) {
      return folders
          .filter(folder -> !Files.isSymbolicLink(folder))
          .map(RunFolder::new)
          .filter(run -> Files.isRegularFile(run.manifestFile()) && is(run, Runs::readable))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(root + ": cannot be listed: " + IoFaults.words(e), e);
    }
  }

  private static boolean readable(RunFolder run) {
    run.manifest();
    return true;
  }

  private static boolean is(RunFolder run, Predicate<RunFolder> wanted) {
    try {
      return wanted.test(run);
    } catch (UserError damaged) {
      return false; // not a run of ours, or of another version
    }
  }

  /** What is done while no other process looks for a run here, or makes one. */
  public interface Work<T> {
    T get() throws IOException;
  }

  /**
   * Does something alone, so that of two sweeps that begin at once the second finds the run of the
   * first. Where a file system has no locks, both may make one.
   */
  public <T> T alone(Work<T> work) throws IOException {
    try (FileChannel channel = lockFile()) {
      if (channel != null) {
        lock(channel);
      }
      return work.get();
    }
  }

  /** Null where the folder cannot be written, which the work will say. */
  private @Nullable FileChannel lockFile() {
    try {
      Files.createDirectories(root);
      return FileChannel.open(
          root.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      return null;
    }
  }

  /** Held until the channel is closed. */
  private static void lock(FileChannel channel) throws IOException {
    for (boolean waiting = true; waiting; ) {
      try {
        waiting = channel.tryLock() == null;
      } catch (OverlappingFileLockException another) {
        // another thread of this process has it
      } catch (IOException noLocks) {
        return;
      }
      if (waiting) {
        pause();
      }
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while another process makes its run folder", e);
    }
  }

  /**
   * A new folder for a run that starts now; nothing is made yet.
   *
   * @throws UserError where {@code latest} cannot be pointed to any run
   */
  public RunFolder create(String name, Instant now) {
    requireLatestIsLink();
    String first = TIME.format(now) + "-" + name;
    Path folder = root.resolve(first);
    for (int i = 2; Files.exists(folder); i++) {
      folder = root.resolve(first + "-" + i);
    }
    return new RunFolder(folder);
  }

  private Path latest() {
    return root.resolve("latest");
  }

  private void requireLatestIsLink() {
    if (Files.exists(latest(), LinkOption.NOFOLLOW_LINKS) && !Files.isSymbolicLink(latest())) {
      throw new UserError(
          latest().toString(),
          "got a %s, expected nothing, or the link to the latest run: move it elsewhere"
              .formatted(Files.isDirectory(latest()) ? "folder" : "file"));
    }
  }

  /**
   * Points {@code latest} to a run.
   *
   * @throws UserError where something else has that name: it is left alone
   */
  public void markLatest(RunFolder run) {
    requireLatestIsLink();
    Path latest = latest();
    Path temporary = root.resolve(".latest.tmp");
    try {
      Files.deleteIfExists(temporary);
      Files.createSymbolicLink(temporary, run.path().getFileName());
      Files.move(temporary, latest, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | UnsupportedOperationException e) {
      throw new UncheckedIOException(
          new IOException(latest + ": cannot be pointed to " + run.path() + ": " + e, e));
    }
  }
}
