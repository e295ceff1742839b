package steersweep.sweep;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import steersweep.error.Faults;
import steersweep.plan.Shard;
import steersweep.plan.Stage;
import steersweep.plan.Unit;
import steersweep.result.IoFaults;
import steersweep.result.Json;
import steersweep.result.ParquetFiles;
import steersweep.result.RunFolder;
import steersweep.result.RunLock;
import steersweep.result.RunManifest;
import steersweep.result.RunUnits;

/**
 * The run folders of all shards of a sweep, made into the run that one process would have left;
 * where texts are chosen by their readings, that is a screened run, whose texts are still to be
 * written. The units' files are linked where the file system can, otherwise copied; the shards stay
 * as they are.
 */
public final class Shards {
  private static final int MOST_NAMED = 5;

  private final Map<Integer, RunFolder> byIndex = new TreeMap<>();
  private final RunManifest manifest;

  private Shards(RunManifest manifest) {
    this.manifest = manifest;
  }

  /**
   * @param folders run folders that a sweep with {@code --shard} made, in any order
   * @throws steersweep.error.UserError naming shards that are missing or unfinished, folders that
   *     are no shards or of another sweep
   */
  public static Shards of(List<RunFolder> folders) {
    Faults faults = new Faults();
    Shards shards = null;
    for (RunFolder folder : folders) {
      RunManifest manifest = folder.manifest();
      Shard shard = manifest.shard();
      if (shard == null) {
        faults.add(folder.path().toString(), "no shard; expected a run made with --shard");
        continue;
      }
      if (shards == null) {
        shards = new Shards(manifest);
      }
      shards.add(folder, manifest, shard, faults);
    }
    if (shards != null && !faults.any()) {
      shards.checkWhole(faults);
    }
    faults.throwIfAny();
    return Objects.requireNonNull(shards, "no folders");
  }

  private Shard first() {
    return Objects.requireNonNull(manifest.shard());
  }

  private void add(RunFolder folder, RunManifest of, Shard shard, Faults faults) {
    String where = folder.path().toString();
    if (!of.key().equals(manifest.key())) {
      faults.add(
          where,
          "of another sweep; got run key "
              + of.key()
              + ", expected "
              + manifest.key()
              + " as the first");
    } else if (shard.count() != first().count()) {
      faults.add(
          where, "got shard " + shard.word() + ", expected one of " + first().count() + " shards");
    } else {
      RunFolder other = byIndex.putIfAbsent(shard.index(), folder);
      if (other != null) {
        faults.add(where, "the same shard as " + other.path() + "; expected each once");
      }
    }
  }

  private void checkWhole(Faults faults) {
    for (int index = 1; index <= first().count(); index++) {
      Shard shard = new Shard(index, first().count());
      RunFolder folder = byIndex.get(index);
      if (folder == null) {
        faults.add(
            "shard " + shard.word(),
            "missing; expected its run folder, which sweep --shard " + shard.word() + " makes");
        continue;
      }
      RunUnits units = RunUnits.of(folder);
      int all = Arrays.stream(Stage.values()).mapToInt(stage -> units.all(stage).size()).sum();
      List<String> missing = units.left().stream().map(Unit::name).toList();
      if (!missing.isEmpty()) {
        faults.add(
            "shard " + shard.word(),
            String.format(
                "not finished; %d of %d units are missing in %s (%s%s)",
                missing.size(),
                all,
                folder.path(),
                String.join(", ", missing.subList(0, Math.min(MOST_NAMED, missing.size()))),
                missing.size() > MOST_NAMED ? ", ..." : ""));
      }
    }
  }

  /**
   * Makes the whole run, or finishes one that was begun.
   *
   * @throws UncheckedIOException naming what could not be written
   */
  public RunFolder merge(Runs runs, Instant now) {
    try {
      RunFolder whole = runs.find(manifest.key(), null).orElse(null);
      if (whole == null) {
        whole = runs.create(manifest.plan().name(), now);
      }
      Files.createDirectories(whole.path());
      try (RunLock lock = RunLock.take(whole.lockFile())) {
        merge(whole, runs);
      }
      return whole;
    } catch (IOException e) {
      throw new UncheckedIOException("the shards cannot be merged: " + IoFaults.withFile(e), e);
    }
  }

  private void merge(RunFolder whole, Runs runs) throws IOException {
    whole.prepare();
    if (!Files.exists(whole.manifestFile())) {
      RunFolder shard = byIndex.values().iterator().next();
      link(shard.model(), whole.model());
      whole.takeBatchSize(shard);
      link(shard.factors(), whole.factors());
      for (Path file : List.of(shard.factorsFile(), shard.pairsFile())) {
        if (Files.exists(file)) {
          link(file, whole.path(), file.getFileName().toString());
        }
      }
      runs.markLatest(whole);
      Json.write(whole.manifestFile(), manifest.withShard(null));
    }
    for (RunFolder shard : byIndex.values()) {
      // a unit of writing is finished when its completions are there, so these come last
      link(shard.readings(), whole.readings());
      link(shard.scores(), whole.scores());
      link(shard.failures(), whole.failures());
      link(shard.completions(), whole.completions());
    }
  }

  private static void link(Path from, Path to) throws IOException {
    Set<String> there = names(to);
    for (String name : names(from)) {
      if (!there.contains(name) && !name.startsWith(".")) {
        link(from.resolve(name), to, name);
      }
    }
  }

  private static void link(Path file, Path to, String name) throws IOException {
    try {
      Files.createLink(to.resolve(name), file);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (IOException | UnsupportedOperationException otherFileSystem) {
      Path temporary = to.resolve("." + name + ParquetFiles.TEMPORARY_SUFFIX);
      Files.copy(file, temporary, StandardCopyOption.REPLACE_EXISTING);
      Files.move(temporary, to.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static Set<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return new HashSet<>(files.map(file -> file.getFileName().toString()).toList());
    }
  }
}
