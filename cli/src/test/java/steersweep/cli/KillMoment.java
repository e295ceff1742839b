package steersweep.cli;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import steersweep.result.RunFolder;
import steersweep.result.UnitLog;

/** When in a sweep a process is killed. */
enum KillMoment {
  FIRST_UNIT_FINISHED,
  HALF_FINISHED,
  SCORING,
  /** A file has just appeared under its temporary name; it is written, then renamed. */
  RENAME;

  static final Pattern TEMPORARY = Pattern.compile("\\.unit-.*\\.parquet\\.(\\d+)\\..*");

  /**
   * Looks for this moment from now on.
   *
   * @param workers process numbers of those that run units
   * @param units of the whole sweep
   */
  Watch watch(RunFolder run, Collection<Long> workers, int units) throws IOException {
    return new Watch(run, workers, units);
  }

  final class Watch implements Closeable {
    private final RunFolder run;
    private final Collection<Long> workers;
    private final int units;
    private final WatchService created;

    private Watch(RunFolder run, Collection<Long> workers, int units) throws IOException {
      this.run = run;
      this.workers = workers;
      this.units = units;
      this.created = run.completions().getFileSystem().newWatchService();
      run.completions().register(created, StandardWatchEventKinds.ENTRY_CREATE);
    }

    /** Which of the processes is at this moment. */
    Optional<Long> reached() {
      return switch (KillMoment.this) {
        case FIRST_UNIT_FINISHED -> finished(run, 1, workers);
        case HALF_FINISHED -> finished(run, units / 2, workers);
        case SCORING -> at(run, workers, List.of(UnitLog.SCORING));
        case RENAME -> renaming();
      };
    }

    /** By events, since the file is there for a few milliseconds only. */
    private Optional<Long> renaming() {
      WatchKey key = created.poll();
      if (key == null) {
        return Optional.empty();
      }
      Optional<Long> process =
          key.pollEvents().stream()
              .map(event -> TEMPORARY.matcher(String.valueOf(event.context())))
              .filter(Matcher::matches)
              .map(name -> Long.parseLong(name.group(1)))
              .filter(workers::contains)
              .reduce((earlier, later) -> later);
      key.reset();
      return process;
    }

    @Override
    public void close() throws IOException {
      created.close();
    }
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
}
