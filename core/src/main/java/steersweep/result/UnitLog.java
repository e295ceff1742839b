package steersweep.result;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which process did what, and when: one file {@code log/<host>-<pid>.log} for each process, so that
 * no two write to the same. Nothing is read from it to continue a run; it shows what a killed
 * process was at.
 *
 * @param folder the run's {@code log/}
 */
public record UnitLog(Path folder) {
  public static final String OPENED = "opened";
  public static final String STARTED = "started";
  public static final String SCORING = "scoring";
  public static final String FINISHED = "finished";
  public static final String SET_ASIDE = "set_aside";

  private static final String ENDING = ".log";
  private static final String PROCESS = host() + "-" + ProcessHandle.current().pid();

  /**
   * One line: {@code 2026-01-31T12:00:00.123Z started unit-000012}.
   *
   * @param process host and process number
   * @param time when it was written
   * @param event {@link #OPENED}, {@link #STARTED}, {@link #SCORING}, {@link #FINISHED} or {@link
   *     #SET_ASIDE}
   * @param what a unit, and why it was set aside, or the model
   */
  public record Line(String process, Instant time, String event, String what) {
    public long pid() {
      return Long.parseLong(process.substring(process.lastIndexOf('-') + 1));
    }
  }

  /** Writes a line in the file of this process. */
  public void write(String event, String what) {
    Path file = folder.resolve(PROCESS + ENDING);
    try {
      if (!Files.isDirectory(folder)) {
        makeFolder();
      }
      Files.writeString(
          file,
          Instant.now() + " " + event + " " + what + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be written: " + IoFaults.words(e), e);
    }
  }

  /** Not the run folder too: where that has vanished, writing is to fail. */
  private void makeFolder() throws IOException {
    try {
      Files.createDirectory(folder);
    } catch (FileAlreadyExistsException another) {
      // another process was faster
    }
  }

  /** Every line of every process, the oldest of a process first. */
  public List<Line> read() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Line> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file :
          files
              .filter(f -> f.toString().endsWith(ENDING) && Files.isRegularFile(f))
              .sorted()
              .toList()) {
        String name = file.getFileName().toString();
        String process = name.substring(0, name.length() - ENDING.length());
        for (String line : Files.readAllLines(file)) {
          String[] words = line.split(" ", 3);
          if (words.length == 3) { // or the disk was full
            lines.add(new Line(process, Instant.parse(words[0]), words[1], words[2]));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be read: " + e, e);
    }
    return lines;
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9.-]", "_");
    } catch (UnknownHostException withoutAName) {
      return "unknown";
    }
  }
}
