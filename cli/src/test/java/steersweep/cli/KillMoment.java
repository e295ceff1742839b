package steersweep.cli;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import steersweep.plan.Stage;
import steersweep.result.RunFolder;
import steersweep.result.UnitLog;

/** When in a sweep a process is killed. */
enum KillMoment {
  FIRST_UNIT_READ,
  HALF_READ,
  FIRST_UNIT_WRITTEN,
  HALF_WRITTEN,
  SCORING,
  /** A file stands under its temporary name. */
  RENAME;

  private static final Set<String> BUSY = Set.of(UnitLog.STARTED, UnitLog.SCORING);
  private static final Pattern TEMPORARY = Pattern.compile("\\.unit-.*\\.parquet\\.(\\d+)\\..*");

  private static Process shell;
  private static BufferedWriter signals;
  private static BufferedReader answers;

  /**
   * Which of the processes is at this moment. It is stopped, so that it stays there: it is to be
   * killed, or {@link #resume resumed}.
   *
   * @param workers process numbers of those that run units
   * @param units of each stage
   */
  Optional<Long> reached(RunFolder run, Collection<Long> workers, int units) throws IOException {
    for (long worker : workers) {
      if (this == RENAME || is(run, worker, units)) {
        signal("STOP", worker);
        awaitStopped(worker);
        if (is(run, worker, units)) {
          return Optional.of(worker);
        }
        signal("CONT", worker);
      }
    }
    return Optional.empty();
  }

  /** Lets a process go on that was stopped; one that was killed stays so. */
  static void resume(long process) throws IOException {
    signal("CONT", process);
  }

  /** By a shell that stays, since a file stands under its temporary name for a millisecond. */
  private static synchronized void signal(String name, long process) throws IOException {
    if (shell == null) {
      shell = new ProcessBuilder("bash").redirectErrorStream(true).start();
      signals = shell.outputWriter();
      answers = shell.inputReader();
    }
    signals.write("kill -" + name + " " + process + " 2>/dev/null; echo\n");
    signals.flush();
    answers.readLine();
  }

  /** A thread in the kernel, renaming a file for instance, is stopped on its way out. */
  private static void awaitStopped(long process) throws IOException {
    boolean stopped;
    do {
      try (Stream<Path> threads = Files.list(Path.of("/proc/" + process + "/task"))) {
        stopped = threads.allMatch(KillMoment::stopped);
      }
    } while (!stopped);
  }

  private static boolean stopped(Path thread) {
    try {
      return Files.readString(thread.resolve("status")).contains("\nState:\tT ");
    } catch (IOException ended) {
      return true;
    }
  }

  private boolean is(RunFolder run, long worker, int units) throws IOException {
    return switch (this) {
      case FIRST_UNIT_READ -> finished(run, Stage.SCREEN, 1, units) && at(run, worker, BUSY);
      case HALF_READ -> finished(run, Stage.SCREEN, units / 2, units) && at(run, worker, BUSY);
      case FIRST_UNIT_WRITTEN -> finished(run, Stage.WRITE, 1, units) && at(run, worker, BUSY);
      case HALF_WRITTEN -> finished(run, Stage.WRITE, units / 2, units) && at(run, worker, BUSY);
      case SCORING -> at(run, worker, Set.of(UnitLog.SCORING));
      case RENAME -> temporaryFiles(run, worker) > 0;
    };
  }

  private static boolean finished(RunFolder run, Stage stage, int least, int all) {
    int finished = run.finishedUnits(stage).size();
    return finished >= least && finished < all - 1;
  }

  private static boolean at(RunFolder run, long worker, Set<String> events) {
    return run.log().read().stream()
        .filter(line -> line.pid() == worker)
        .reduce((earlier, later) -> later)
        .filter(line -> events.contains(line.event()))
        .isPresent();
  }

  /** How many files of units a process has under temporary names. */
  static long temporaryFiles(RunFolder run, long process) throws IOException {
    long count = 0;
    for (Path folder : List.of(run.readings(), run.scores(), run.completions())) {
      try (Stream<Path> files = Files.list(folder)) {
        count +=
            files
                .map(file -> TEMPORARY.matcher(file.getFileName().toString()))
                .filter(Matcher::matches)
                .filter(name -> Long.parseLong(name.group(1)) == process)
                .count();
      }
    }
    return count;
  }
}
