package steersweep.result;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.avro.generic.GenericRecord;
import steersweep.error.UserError;
import steersweep.plan.Stage;
import steersweep.plan.Unit;

/**
 * The layout of one run on disk. A unit of screening is finished when its file stands in {@code
 * readings/}, one of writing when its file stands in {@code completions/}; its file in {@code
 * scores/} is always written before.
 *
 * @param path {@code runs/<UTC time>-<name>}
 */
public record RunFolder(Path path) {
  private static final String PARQUET = ".parquet";
  private static final String JSON = ".json";

  public Path manifestFile() {
    return path.resolve("manifest.json");
  }

  /** See {@link RunLock}. */
  public Path lockFile() {
    return path.resolve("lock");
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

  /** What cells do to the model along the baseline's text. */
  public Path readings() {
    return path.resolve("readings");
  }

  /** {@link FactorRow}s of each unit of solving. */
  public Path factors() {
    return path.resolve("factors");
  }

  /** All of them together: what settings are multiplied by, where they are damages. */
  public Path factorsFile() {
    return path.resolve("factors" + PARQUET);
  }

  /** {@link PairSite}s, where something is steered with pairs of texts. */
  public Path pairsFile() {
    return path.resolve("pairs" + PARQUET);
  }

  /** What was {@link Chosen} from the readings. */
  public Path chosenFile() {
    return path.resolve("chosen" + JSON);
  }

  public Path failures() {
    return path.resolve("failures");
  }

  /** Files of units that were not what was written. */
  public Path damaged() {
    return path.resolve("damaged");
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

  /** A row for each concept, site and setting. */
  public Path sitesFile() {
    return path.resolve("sites" + PARQUET);
  }

  /** The same for spreadsheets. */
  public Path sitesCsv() {
    return path.resolve("sites.csv");
  }

  /** A row for each cell. */
  public Path cellsFile() {
    return path.resolve("cells" + PARQUET);
  }

  /** A {@link LogitLens} of the texts that the report shows. */
  public Path lensFile() {
    return path.resolve("lens" + JSON);
  }

  /** How far units are that are under way: a {@link UnitProgress} of each. */
  Path progress() {
    return path.resolve("progress");
  }

  Path progressFile(Unit unit) {
    return progress().resolve(unit.name());
  }

  /** The file that says that a unit is finished. */
  public Path file(Unit unit) {
    return folder(unit.stage()).resolve(unit.id() + PARQUET);
  }

  private Path folder(Stage stage) {
    return switch (stage) {
      case SOLVE -> factors();
      case SCREEN -> readings();
      case WRITE -> completions();
    };
  }

  public Path completionsFile(Unit unit) {
    return completions().resolve(unit.id() + PARQUET);
  }

  public Path scoresFile(Unit unit) {
    return scores().resolve(unit.id() + PARQUET);
  }

  public Path readingsFile(Unit unit) {
    return readings().resolve(unit.id() + PARQUET);
  }

  public Path failureFile(Unit unit) {
    return failures().resolve(unit.name() + JSON);
  }

  /** Rows of a unit's earlier attempt, the good ones of which are kept in the next. */
  public Path keptFile(Unit unit) {
    return failures().resolve(unit.name() + PARQUET);
  }

  /** Which run this one extends, if it does. */
  public Path extendsFile() {
    return path.resolve("extends" + JSON);
  }

  /** Why the sweep ended early, if it did. */
  public Path stopFile() {
    return path.resolve("stopped" + JSON);
  }

  /**
   * Notes that cells of a unit failed.
   *
   * @param cells how many
   * @param message why the first of them did
   */
  public void noteFailure(Unit unit, int cells, String message) {
    Path file = failureFile(unit);
    try {
      Json.write(file, Map.of("unit", unit.name(), "cells", cells, "message", message));
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  /** Takes away what earlier attempts at a unit, which is finished now, left. */
  public void clearAttempts(Unit unit, boolean withNote) {
    try {
      Files.deleteIfExists(keptFile(unit));
      if (withNote) {
        Files.deleteIfExists(failureFile(unit));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(failures() + ": cannot be written: " + IoFaults.words(e), e);
    }
  }

  /** Makes a unit with failed cells unfinished, so that a sweep runs these cells again. */
  public void reopen(Unit unit) {
    try {
      Files.move(file(unit), keptFile(unit), StandardCopyOption.ATOMIC_MOVE);
      if (unit.stage() == Stage.SOLVE) {
        Files.deleteIfExists(factorsFile());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file(unit) + ": cannot be moved: " + IoFaults.words(e), e);
    }
  }

  /**
   * How many cells share a run of the model, where the program chose: the first to ask decides, and
   * every later process on this run folder does the same, so that its rounding is the same.
   */
  public int batchSize(IntSupplier choose) {
    Path file = batchSizeFile();
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
        throw new UncheckedIOException(file + ": cannot be written: " + IoFaults.words(e), e);
      }
    }
    int size = Json.read(file, Integer.class);
    if (size < 1) {
      throw new UserError(file.toString(), "damaged; got " + size + ", expected at least 1");
    }
    return size;
  }

  /** Takes over what another run chose, if it did. */
  public void takeBatchSize(RunFolder other) throws IOException {
    if (Files.exists(other.batchSizeFile())) {
      Json.writeBytes(batchSizeFile(), TextFile.bytes(other.batchSizeFile()));
    }
  }

  private Path batchSizeFile() {
    return path.resolve("batch-size" + JSON);
  }

  public RunManifest manifest() {
    return Json.read(manifestFile(), RunManifest.class);
  }

  /** Makes the folders of a new or continued run; forgets why the last sweep ended early. */
  public void prepare() {
    try {
      for (Path folder : folders()) {
        Files.createDirectories(folder);
      }
      Files.deleteIfExists(stopFile());
    } catch (IOException e) {
      throw new UncheckedIOException(
          path + ": the run folder cannot be prepared: " + IoFaults.words(e), e);
    }
  }

  private List<Path> folders() {
    return List.of(factors(), readings(), completions(), scores(), failures(), model(), figures());
  }

  /**
   * Deletes what killed processes left half-written; only while no process is at work on this run.
   */
  public void deleteTemporaryFiles() {
    try {
      for (Path folder : folders()) {
        deleteTemporaryFiles(folder);
      }
      deleteTemporaryFiles(path);
      deleteProgress();
    } catch (IOException e) {
      throw new UncheckedIOException(
          path + ": the run folder cannot be cleaned: " + IoFaults.words(e), e);
    }
  }

  private void deleteProgress() throws IOException {
    if (Files.isDirectory(progress(), LinkOption.NOFOLLOW_LINKS)) {
      for (Path file : files(progress(), name -> name.contains("-unit-"))) {
        Files.deleteIfExists(file);
      }
      if (files(progress(), name -> true).isEmpty()) {
        Files.deleteIfExists(progress());
      }
    }
  }

  /** Not through a link: what it leads to is not this run's. */
  private static void deleteTemporaryFiles(Path folder) throws IOException {
    if (Files.isSymbolicLink(folder)) {
      return;
    }
    for (Path file : files(folder, name -> name.endsWith(ParquetFiles.TEMPORARY_SUFFIX))) {
      Files.deleteIfExists(file);
    }
  }

  /** Ids of a stage's finished units. */
  public Set<String> finishedUnits(Stage stage) {
    return new HashSet<>(ids(folder(stage), PARQUET));
  }

  /** Names of units that some process is at, or was killed at; see {@link UnitProgress}. */
  public Set<String> unitsUnderWay() {
    Set<String> names = new HashSet<>();
    files(progress(), name -> true).forEach(file -> names.add(file.getFileName().toString()));
    return names;
  }

  /** Ids of a stage's finished units that have cells that failed. */
  public List<String> failedUnits(Stage stage) {
    Set<String> finished = finishedUnits(stage);
    String prefix = stage.word() + "-";
    return ids(failures(), JSON).stream()
        .filter(name -> name.startsWith(prefix))
        .map(name -> name.substring(prefix.length()))
        .filter(finished::contains)
        .toList();
  }

  /** Every row of {@code factors/}, in the order of the units. */
  public void readFactors(Consumer<GenericRecord> consumer) {
    files(factors(), name -> name.endsWith(PARQUET))
        .forEach(file -> ParquetFiles.read(file, consumer));
  }

  /** Every row of {@code completions/}, in the order of the units. */
  public void readCompletions(Consumer<GenericRecord> consumer) {
    files(completions(), name -> name.endsWith(PARQUET)).forEach(file -> read(file, consumer));
  }

  /** The rows of {@code completions/} of a finished unit. */
  public void readCompletions(String unit, Consumer<GenericRecord> consumer) {
    read(completions().resolve(unit + PARQUET), consumer);
  }

  /** The rows of {@code scores/} of a finished unit, if it has any. */
  public void readScores(String unit, Consumer<GenericRecord> consumer) {
    Path file = scores().resolve(unit + PARQUET);
    if (Files.exists(file)) {
      read(file, consumer);
    }
  }

  /** The rows of a unit's file, none of which may be another unit's. */
  private static void read(Path file, Consumer<GenericRecord> consumer) {
    String name = file.getFileName().toString();
    String unit = name.substring(0, name.length() - PARQUET.length());
    try {
      ParquetFiles.read(
          file,
          row -> {
            if (!unit.equals(String.valueOf(row.get("unit")))) {
              throw new IllegalStateException("got rows of " + row.get("unit"));
            }
            consumer.accept(row);
          });
    } catch (UncheckedIOException e) {
      throw new UncheckedIOException(
          e.getMessage() + "; the same sweep or retry runs it again", e.getCause());
    }
  }

  /** How many cells failed, when they were read or when they wrote. */
  public long failedCells() {
    Set<Object> failed = new HashSet<>();
    Consumer<GenericRecord> look =
        row -> {
          if (CompletionRow.FAILED.equals(String.valueOf(row.get("status")))) {
            failed.add(row.get("cell"));
          }
        };
    readReadings(look);
    readCompletions(look);
    return failed.size();
  }

  /** Every row of {@code readings/}, in the order of the units. */
  public void readReadings(Consumer<GenericRecord> consumer) {
    files(readings(), name -> name.endsWith(PARQUET)).forEach(file -> read(file, consumer));
  }

  /** Every row of {@code scores/} whose unit is finished, in the order of the units. */
  public void readScores(Consumer<GenericRecord> consumer) {
    for (Path file : files(scores(), name -> name.endsWith(PARQUET))) {
      if (Files.exists(completions().resolve(file.getFileName()))) {
        read(file, consumer);
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
