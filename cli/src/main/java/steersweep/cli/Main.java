package steersweep.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import steersweep.engine.EngineException;
import steersweep.error.UserError;
import steersweep.error.Visible;
import steersweep.model.Release;

/** The {@code steersweep} command. */
@Command(
    name = "steersweep",
    scope = ScopeType.INHERIT, // help, version and exit codes, for every verb
    description = "Which layer, which attention head and which scale steer a language model?",
    mixinStandardHelpOptions = true,
    version = "steersweep " + Release.VERSION,
    subcommands = {
      SweepCommand.class,
      PlanCommand.class,
      ReportCommand.class,
      MergeCommand.class,
      PruneCommand.class,
      CompareCommand.class,
      ImportCsvCommand.class,
      InspectCommand.class,
      ExportCommand.class,
      CellsCommand.class,
      BenchCommand.class,
      DoctorCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done, also when there was nothing left to do",
      "1:our fault, or the machine's",
      "2:your input: a plan, a checkpoint, an option",
      "3:finished, but some cells failed",
      "4:compare --fail-if-worse found the recommended site worse"
    })
public final class Main {
  static final int OUR_FAULT = 1;
  static final int USER_ERROR = 2;
  static final int FAILED_CELLS = 3;
  static final int WORSE = 4;

  /** Of a message: a file may hold anything, and messages show what they got. */
  private static final int MOST_CHARACTERS = 2000;

  private static final int MOST_FAULTS = 100;

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show library logs, and stack traces with errors.")
  private boolean verbose;

  public static void main(String[] args) {
    System.exit(run(utf8(System.out), utf8(System.err), args));
  }

  /** Texts of models are UTF-8, whatever the locale of a scheduled job. */
  private static PrintWriter utf8(PrintStream stream) {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
  }

  /** Runs one command as the shell would and returns the exit code. */
  static int run(PrintWriter out, PrintWriter err, String... args) {
    Main main = new Main();
    CommandLine commandLine = new CommandLine(main).setOut(out).setErr(err);
    commandLine.setExecutionStrategy(
        parsed -> {
          System.setProperty(
              "org.slf4j.simpleLogger.defaultLogLevel", main.verbose ? "info" : "off");
          return new CommandLine.RunLast().execute(parsed);
        });
    commandLine.setExecutionExceptionHandler((e, command, parsed) -> main.report(e, command));
    int code = execute(commandLine, args, err);
    out.flush();
    err.flush();
    return code;
  }

  private static int execute(CommandLine commandLine, String[] args, PrintWriter err) {
    try {
      return commandLine.execute(args);
    } catch (OutOfMemoryError e) {
      err.printf(
          "error: out of memory; got a heap of %d MiB, expected more: JAVA_OPTS=-Xmx8g%n",
          Runtime.getRuntime().maxMemory() >> 20);
      return OUR_FAULT;
    }
  }

  private static void print(List<String> faults, PrintWriter err) {
    faults.stream()
        .limit(MOST_FAULTS)
        .forEach(fault -> err.println("error: " + Visible.text(fault, MOST_CHARACTERS)));
    if (faults.size() > MOST_FAULTS) {
      err.println("error: and " + (faults.size() - MOST_FAULTS) + " more faults");
    }
  }

  private int report(Exception e, CommandLine command) {
    PrintWriter err = command.getErr();
    int code;
    if (e instanceof UserError user) {
      print(user.faults(), err);
      code = USER_ERROR;
    } else if (e instanceof IOException
        || e instanceof UncheckedIOException
        || e instanceof EngineException) {
      print(List.of(e instanceof IOException ? e.toString() : String.valueOf(e.getMessage())), err);
      code = OUR_FAULT;
    } else {
      err.println(
          "internal error: "
              + Visible.text(e.toString(), MOST_CHARACTERS)
              + (verbose ? "" : " (--verbose shows where)"));
      code = OUR_FAULT;
    }
    if (verbose) {
      e.printStackTrace(err);
    }
    return code;
  }
}
