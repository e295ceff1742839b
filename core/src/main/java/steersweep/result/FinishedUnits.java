package steersweep.result;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import steersweep.plan.Unit;

/**
 * Whether the files of finished units are what was written: whole, of that unit, of that run, with
 * a row for each cell. Those that are not are set aside, which makes their units unfinished.
 *
 * @param run its folder; nobody else may be changing it
 * @param key the run's
 */
public record FinishedUnits(RunFolder run, String key) {
  /** Key of the run, in the footer of each file. */
  public static final String KEY = "steersweep.key";

  /** Id of the unit, in the footer of each file. */
  public static final String UNIT = "steersweep.unit";

  /**
   * Sets aside the files of each unit that has a wrong one, and notes it in the log.
   *
   * @return a line for each: {@code write-unit-000003: scores: ...}
   */
  public List<String> setAsideDamaged(List<Unit> units) {
    List<String> damaged = new ArrayList<>();
    for (Unit unit : units) {
      Optional<String> wrong = wrong(unit);
      if (wrong.isPresent()) {
        damaged.add(unit.name() + ": " + wrong.get());
        run.log().write(UnitLog.SET_ASIDE, unit.name() + " " + wrong.get());
        // first the file without which the unit is not finished
        for (Path file : files(unit, run.file(unit))) {
          setAside(file);
        }
        setAside(run.keptFile(unit));
      }
    }
    return damaged;
  }

  /** What is wrong with a unit's files, if anything is; nothing where it is not finished. */
  private Optional<String> wrong(Unit unit) {
    boolean finished = Files.exists(run.file(unit));
    Path results = finished ? run.file(unit) : run.keptFile(unit);
    if (!Files.exists(results)) {
      return Optional.empty();
    }
    return files(unit, results).stream()
        .flatMap(file -> wrong(unit, file, file.equals(results) ? unit.size() : 0).stream())
        .findFirst();
  }

  /** A unit's results, and what stands beside them. */
  private List<Path> files(Unit unit, Path results) {
    return switch (unit.stage()) {
      case SOLVE, SCREEN -> List.of(results);
      case WRITE -> List.of(results, run.scoresFile(unit));
    };
  }

  /**
   * @param least rows that it must have; it never has more than the unit has cells
   */
  private Optional<String> wrong(Unit unit, Path file, int least) {
    if (!Files.exists(file)) {
      return Optional.of(file + ": is gone");
    }
    try {
      ParquetFiles.Footer footer = ParquetFiles.verify(file);
      Map<String, String> facts = footer.facts();
      if (!unit.id().equals(facts.get(UNIT))) {
        return Optional.of(got(file, "unit " + facts.get(UNIT), unit.id()));
      }
      if (!key.equals(facts.get(KEY))) {
        return Optional.of(got(file, "run key " + facts.get(KEY), key));
      }
      return footer.rows() < least || footer.rows() > unit.size()
          ? Optional.of(got(file, footer.rows() + " rows", String.valueOf(unit.size())))
          : Optional.empty();
    } catch (UncheckedIOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static String got(Path file, String got, String expected) {
    return file + ": got " + got + ", expected " + expected;
  }

  private void setAside(Path file) {
    Path folder = run.damaged();
    try {
      if (Files.exists(file)) {
        Files.createDirectories(folder);
        Path to = folder.resolve(run.path().relativize(file).toString().replace('/', '-'));
        Files.move(file, to, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be set aside: " + IoFaults.words(e), e);
    }
  }
}
