package steersweep.result;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import steersweep.plan.Unit;

/**
 * The layout of one run on disk. A unit is finished when its file stands in {@code completions/};
 * its file in {@code scores/} is always written before.
 *
 * @param path {@code runs/<UTC time>-<name>}
 */
public record RunFolder(Path path) {
  private static final String PARQUET = ".parquet";
  private static final String JSON = ".json";

  public Path manifestFile() {
    return path.resolve("manifest.json");
  }

  public Path model() {
    return path.resolve("model");
  }

  public Path completions() {
    return path.resolve("completions");
  }

  public Path scores() {
    return path.resolve("scores");
  }

  public Path failures() {
    return path.resolve("failures");
  }

  public Path figures() {
    return path.resolve("figures");
  }

  /** Which process did what. */
  public UnitLog log() {
    return new UnitLog(path.resolve("log"));
  }

  public Path reportFile() {
    return path.resolve("report.html");
  }

  public Path summaryFile() {
    return path.resolve("summary.md");
  }

  public Path completionsFile(Unit unit) {
    return completions().resolve(unit.id() + PARQUET);
  }

  public Path scoresFile(Unit unit) {
    return scores().resolve(unit.id() + PARQUET);
  }

  public Path failureFile(Unit unit) {
    return failures().resolve(unit.id() + JSON);
  }

  /**
   * How many cells share a run of the model, where the program chose: the first to ask decides, and
   * every later process on this run folder does the same, so that its rounding is the same.
   */
  public int batchSize(IntSupplier choose) {
    Path file = path.resolve("batch-size" + JSON);
    if (!Files.exists(file)) {
      int chosen = choose.getAsInt();
      try {
        // by a link, which fails if the file is there: another process may have been faster
        Path temporary = ParquetFiles.temporary(file);
        Files.writeString(temporary, Json.text(chosen));
        try {
          Files.createLink(file, temporary);
        } catch (FileAlreadyExistsException faster) {
          // its choice is taken
        } catch (FileSystemException | UnsupportedOperationException noLinks) {
          Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
          Files.deleteIfExists(temporary);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(file + ": cannot be written: " + e, e);
      }
    }
    return Json.read(file, Integer.class);
  }

  public RunManifest manifest() {
    return Json.read(manifestFile(), RunManifest.class);
  }

  /** Makes the folders of a new or continued run. */
  public void prepare() {
    try {
      for (Path folder : List.of(completions(), scores(), failures(), model(), figures())) {
        Files.createDirectories(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": the run folder cannot be prepared: " + e, e);
    }
  }

  /**
   * Deletes what killed processes left half-written; only while no process is at work on this run.
   */
  public void deleteTemporaryFiles() {
    try {
      for (Path folder : List.of(path, completions(), scores(), failures(), model(), figures())) {
        deleteTemporaryFiles(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(path + ": temporary files cannot be deleted: " + e, e);
    }
  }

  private static void deleteTemporaryFiles(Path folder) throws IOException {
    for (Path file : files(folder, name -> name.endsWith(ParquetFiles.TEMPORARY_SUFFIX))) {
      Files.deleteIfExists(file);
    }
  }

  /** Ids of the finished units. */
  public Set<String> finishedUnits() {
    return new HashSet<>(ids(completions(), PARQUET));
  }

  /**
   * Ids of the units that failed in their latest attempt. A unit that was finished since is not one
   * of them.
   */
  public List<String> failedUnits() {
    Set<String> finished = finishedUnits();
    return ids(failures(), JSON).stream().filter(unit -> !finished.contains(unit)).toList();
  }

  /** Every row of {@code completions/}, in the order of the units. */
  public void readCompletions(Consumer<GenericRecord> consumer) {
    files(completions(), name -> name.endsWith(PARQUET))
        .forEach(file -> ParquetFiles.read(file, consumer));
  }

  /** Every row of {@code scores/} whose unit is finished, in the order of the units. */
  public void readScores(Consumer<GenericRecord> consumer) {
    for (Path file : files(scores(), name -> name.endsWith(PARQUET))) {
      if (Files.exists(completions().resolve(file.getFileName()))) {
        ParquetFiles.read(file, consumer);
      }
    }
  }

  /** Names of the files with an ending, without it. */
  private static List<String> ids(Path folder, String ending) {
    return files(folder, name -> name.endsWith(ending)).stream()
        .map(file -> file.getFileName().toString())
        .map(name -> name.substring(0, name.length() - ending.length()))
        .toList();
  }

  private static List<Path> files(Path folder, Predicate<String> wanted) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return new ArrayList<>(
          entries.filter(file -> wanted.test(file.getFileName().toString())).sorted().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be listed: " + e.getMessage(), e);
    }
  }
}
