package steersweep.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import steersweep.error.Faults;
import steersweep.error.Visible;
import steersweep.result.RunFolder;
import steersweep.result.RunLock;
import steersweep.result.RunManifest;
import steersweep.result.RunUnits;
import steersweep.sweep.Runs;

/** Deletes old runs, after showing which. */
@Command(
    name = "prune",
    description = {
      "Show which old runs --keep and --older-than leave to be deleted; with --delete, delete them.",
      "Unfinished runs, and the one that runs/latest points to, stay unless asked for."
    })
final class PruneCommand implements Callable<Integer> {
  private static final Pattern AGE = Pattern.compile("(\\d{1,5})([hdw])");

  /** What is half deleted carries this before its name, and goes next time. */
  private static final String GOING = ".pruned-";

  @Option(
      names = "--runs",
      paramLabel = "DIR",
      defaultValue = "runs",
      description = "Where run folders are (default: ${DEFAULT-VALUE}).")
  private Path runsRoot;

  @Option(names = "--keep", paramLabel = "N", description = "Keep the N newest of them.")
  private @Nullable Integer keep;

  @Option(
      names = "--older-than",
      paramLabel = "AGE",
      description = "Only runs begun longer ago than this: 12h, 30d, 8w.")
  private @Nullable String olderThan;

  @Option(names = "--delete", description = "Delete them, instead of showing them only.")
  private boolean delete;

  @Option(names = "--unfinished", description = "Unfinished runs too.")
  private boolean unfinished;

  @Option(names = "--latest", description = "The run that runs/latest points to, too.")
  private boolean latest;

  @Spec private CommandSpec spec;

  /**
   * @param created when it was begun
   * @param left why it stays; empty if it may go
   */
  private record Run(RunFolder folder, Instant created, String left) {}

  @Override
  public Integer call() throws IOException {
    Faults faults = new Faults();
    if (keep == null && olderThan == null) {
      faults.add("prune", "nothing chosen; expected --keep N, --older-than AGE or both");
    }
    if (keep != null) {
      BatchOption.atLeast(0, "--keep", keep, faults);
    }
    Instant before = before(faults);
    if (!Files.isDirectory(runsRoot)) {
      faults.add("--runs", "no such folder; got " + runsRoot + ", expected one with runs");
    }
    faults.throwIfAny();
    PrintWriter out = spec.commandLine().getOut();
    List<Run> runs = runs();
    List<Run> going = going(runs, before);
    long bytes = 0;
    for (Run run : going) {
      long size = bytes(run.folder().path());
      bytes += size;
      out.printf(
          "%s  %s, begun %s, %sB%n",
          delete ? "deleting    " : "would delete",
          shown(run.folder().path()),
          run.created(),
          Quantity.withSpace(size));
      if (delete) {
        delete(run.folder());
      }
    }
    remains();
    for (Run run : runs) {
      if (!run.left().isEmpty()) {
        out.printf("kept          %s, %s%n", shown(run.folder().path()), run.left());
      }
    }
    out.printf(
        "%s %d of %d runs, %sB%s%n",
        delete ? "deleted" : "would delete",
        going.size(),
        runs.size(),
        Quantity.withSpace(bytes),
        delete || going.isEmpty() ? "" : "; --delete does it");
    return 0;
  }

  private Instant before(Faults faults) {
    if (olderThan == null) {
      return Instant.MAX;
    }
    Matcher age = AGE.matcher(olderThan);
    if (!age.matches()) {
      faults.add("--older-than", "got " + olderThan + ", expected an age such as 12h, 30d or 8w");
      return Instant.MAX;
    }
    long number = Long.parseLong(age.group(1));
    Duration duration =
        switch (age.group(2)) {
          case "h" -> Duration.ofHours(number);
          case "d" -> Duration.ofDays(number);
          default -> Duration.ofDays(7 * number);
        };
    return Instant.now().minus(duration);
  }

  /** Every run, the newest first. */
  private List<Run> runs() throws IOException {
    Path pointedTo = runsRoot.resolve("latest");
    Path latestRun = Files.exists(pointedTo) ? pointedTo.toRealPath() : pointedTo;
    List<Run> runs = new ArrayList<>();
    for (RunFolder folder : new Runs(runsRoot).all()) {
      RunManifest manifest = folder.manifest();
      String left = "";
      if (!latest && folder.path().toRealPath().equals(latestRun)) {
        left = "the latest";
      } else if (inUse(folder)) {
        left = "in use";
      } else if (!unfinished && unitsLeft(folder, manifest) > 0) {
        left = String.format(Locale.ROOT, "unfinished: %d units left", unitsLeft(folder, manifest));
      }
      runs.add(new Run(folder, created(manifest), left));
    }
    runs.sort(Comparator.comparing(Run::created).reversed());
    return runs;
  }

  private static Instant created(RunManifest manifest) {
    try {
      return Instant.parse(manifest.created());
    } catch (DateTimeParseException e) {
      return Instant.MAX; // never old enough
    }
  }

  /** Whether a process is at work in it. */
  private static boolean inUse(RunFolder folder) throws IOException {
    if (RunLock.holder(folder.lockFile()).isEmpty()) {
      return false;
    }
    try (RunLock lock = RunLock.take(folder.lockFile())) {
      return false; // whoever stands there was killed
    } catch (IOException inUse) {
      return true;
    }
  }

  private static int unitsLeft(RunFolder folder, RunManifest manifest) {
    if (manifest.model() == null) {
      return 0; // published results are there or not
    }
    RunUnits units = RunUnits.of(folder);
    // before the choice at least one unit of writing is to come
    return units.complete() ? 0 : Math.max(1, units.left().size());
  }

  private List<Run> going(List<Run> runs, Instant before) {
    return runs.stream()
        .filter(run -> run.left().isEmpty())
        .skip(keep == null ? 0 : keep)
        .filter(run -> run.created().isBefore(before))
        .toList();
  }

  private static long bytes(Path folder) throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }

  /** Out of the way first: a run is there whole or not at all. */
  private void delete(RunFolder run) throws IOException {
    Path going = run.path().resolveSibling(GOING + run.path().getFileName());
    Files.move(run.path(), going);
    Files.deleteIfExists(new RunFolder(going).manifestFile());
    deleteAll(going);
  }

  /** Names of folders may hold anything. */
  private static String shown(Path folder) {
    return Visible.text(folder.toString());
  }

  /** What an earlier prune was killed over. */
  private void remains() throws IOException {
    try (Stream<Path> folders = Files.list(runsRoot)) {
      for (Path folder : folders.toList()) {
        if (folder.getFileName().toString().startsWith(GOING)) {
          spec.commandLine()
              .getOut()
              .printf(
                  "%s  %s, left by an earlier prune%n",
                  delete ? "deleting    " : "would delete", shown(folder));
          if (delete) {
            deleteAll(folder);
          }
        }
      }
    }
  }

  /** Links are deleted, never followed. */
  private static void deleteAll(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
