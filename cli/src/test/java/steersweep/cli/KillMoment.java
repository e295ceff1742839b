package steersweep.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import steersweep.result.RunFolder;
import steersweep.result.UnitLog;

/** When in a sweep a process is killed. */
enum KillMoment {
  FIRST_UNIT_FINISHED,
  HALF_FINISHED,
  SCORING,
  /** A file was written under its temporary name and is not renamed, or is just being. */
  RENAME;

  private static final Pattern TEMPORARY = Pattern.compile("\\.unit-.*\\.parquet\\.(\\d+)\\..*");

  /**
   * Which of the processes is at this moment.
   *
   * @param workers process numbers of those that run units
   * @param units of the whole sweep
   */
  Optional<Long> reached(RunFolder run, Collection<Long> workers, int units) throws IOException {
    return switch (this) {
      case FIRST_UNIT_FINISHED -> finished(run, 1, workers);
      case HALF_FINISHED -> finished(run, units / 2, workers);
      case SCORING -> at(run, workers, List.of(UnitLog.SCORING));
      case RENAME -> renaming(run.completions()).filter(workers::contains);
    };
  }

  /** One that is at a unit when so many are finished. */
  private static Optional<Long> finished(RunFolder run, int units, Collection<Long> workers) {
    return run.finishedUnits().size() >= units
        ? at(run, workers, List.of(UnitLog.STARTED, UnitLog.SCORING))
        : Optional.empty();
  }

  /** The first whose latest event is one of these. */
  private static Optional<Long> at(
      RunFolder run, Collection<Long> workers, Collection<String> events) {
    Map<Long, String> latest = new HashMap<>();
    run.log().read().forEach(line -> latest.put(line.pid(), line.event()));
    return workers.stream()
        .filter(pid -> events.contains(latest.getOrDefault(pid, "")))
        .findFirst();
  }

  private static Optional<Long> renaming(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> TEMPORARY.matcher(file.getFileName().toString()))
          .filter(Matcher::matches)
          .map(name -> Long.parseLong(name.group(1)))
          .findFirst();
    } catch (NoSuchFileException notYet) {
      return Optional.empty();
    }
  }
}
