package steersweep.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import steersweep.device.Leftovers;
import steersweep.device.NativeFolder;
import steersweep.engine.EngineException;
import steersweep.error.UserError;
import steersweep.error.Visible;
import steersweep.model.Release;
import steersweep.result.IoFaults;

/** The {@code steersweep} command. */
@Command(
    name = "steersweep",
    scope = ScopeType.INHERIT, // help, version and exit codes, for every verb
    description = "Which layer, which attention head and which strength steer a language model?",
    mixinStandardHelpOptions = true,
    version = "steersweep " + Release.VERSION,
    subcommands = {
      InitCommand.class,
      SweepCommand.class,
      RetryCommand.class,
      ExtendCommand.class,
      PlanCommand.class,
      ReportCommand.class,
      MergeCommand.class,
      PruneCommand.class,
      CompareCommand.class,
      TakeCommand.class,
      ImportCsvCommand.class,
      InspectCommand.class,
      ExportCommand.class,
      CellsCommand.class,
      BenchCommand.class,
      DoctorCommand.class,
      GenerateCompletion.class
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
    boolean json = List.of(args).contains(Output.JSON_OPTION);
    try {
      return commandLine(out, err, json).execute(args);
    } catch (OutOfMemoryError | LinkageError e) {
      String message = ofMachine(e);
      err.println("error: " + message);
      Output.of(out, err, json, false).done(OUR_FAULT, Map.of("message", message));
      return OUR_FAULT;
    } finally {
      out.flush();
      err.flush();
    }
  }

  private static CommandLine commandLine(PrintWriter out, PrintWriter err, boolean json) {
    Main main = new Main();
    CommandLine commandLine = new CommandLine(main).setOut(out).setErr(err);
    commandLine.setExecutionStrategy(
        parsed -> {
          System.setProperty(
              "org.slf4j.simpleLogger.defaultLogLevel", main.verbose ? "info" : "off");
          prepareNatives(commandLine);
          return new CommandLine.RunLast().execute(parsed);
        });
    commandLine.registerConverter(Path.class, new PathArgument());
    commandLine.setColorScheme(CommandLine.Help.defaultColorScheme(Terminal.colours()));
    commandLine.setExecutionExceptionHandler((e, command, parsed) -> main.report(e, command, json));
    commandLine.setParameterExceptionHandler(
        (e, given) -> {
          String message = String.valueOf(e.getMessage());
          printUsageFault(e, message, err);
          Output.of(out, err, json, false).done(USER_ERROR, Map.of("message", message));
          return USER_ERROR;
        });
    return commandLine;
  }

  /** What is wrong, what may have been meant, and how the verb is used in one line. */
  private static void printUsageFault(
      CommandLine.ParameterException e, String message, PrintWriter err) {
    CommandLine verb = e.getCommandLine();
    err.println("error: " + message);
    if (!CommandLine.UnmatchedArgumentException.printSuggestions(e, err)) {
      CommandLine.Help help = verb.getHelp();
      err.print(help.synopsisHeading() + help.synopsis(help.synopsisHeadingLength()));
      err.println(verb.getCommandSpec().qualifiedName() + " --help says more");
    }
  }

  private static void prepareNatives(CommandLine commandLine) {
    try {
      Leftovers.delete(Path.of(System.getProperty("java.io.tmpdir")), NativeFolder.use());
    } catch (UncheckedIOException e) {
      throw new CommandLine.ExecutionException(commandLine, e.getMessage(), e);
    }
  }

  /** Where memory is short it may be any class whose first use fails. */
  private static String ofMachine(Throwable e) {
    Throwable root = root(e);
    if (root instanceof OutOfMemoryError) {
      return String.format(
          "out of memory; got a heap of %d MiB, expected more: JAVA_OPTS=-Xmx8g",
          Runtime.getRuntime().maxMemory() >> 20);
    }
    return "a native library cannot be loaded: %s; it is unpacked into %s: that needs space, memory,"
            .formatted(root, NativeFolder.use())
        + " and a file system from which programs may be run; XDG_CACHE_HOME=DIR names another";
  }

  private static Throwable root(Throwable e) {
    return e.getCause() == null ? e : root(e.getCause());
  }

  /** Whether it is the machine's fault: memory, or libraries that cannot be loaded. */
  private static boolean isMachine(@Nullable Throwable e) {
    return e != null
        && (e instanceof LinkageError || e instanceof OutOfMemoryError || isMachine(e.getCause()));
  }

  private static void print(String kind, List<String> messages, PrintWriter err) {
    messages.stream()
        .limit(MOST_FAULTS)
        .forEach(message -> err.println(kind + Visible.text(message, MOST_CHARACTERS)));
    if (messages.size() > MOST_FAULTS) {
      err.println(kind + "and " + (messages.size() - MOST_FAULTS) + " more faults");
    }
  }

  private int report(Exception e, CommandLine command, boolean json) {
    PrintWriter err = command.getErr();
    int code = OUR_FAULT;
    List<String> messages;
    String kind = "error: ";
    if (e instanceof UserError user) {
      messages = user.faults();
      code = USER_ERROR;
    } else if (e instanceof InvalidPathException path) {
      messages = List.of(PathArgument.words(path));
      code = USER_ERROR;
    } else if (e instanceof IOException io) {
      messages = List.of(IoFaults.withFile(io));
    } else if (e instanceof UncheckedIOException || e instanceof EngineException) {
      messages = List.of(String.valueOf(e.getMessage()));
    } else if (isMachine(e)) {
      messages = List.of(ofMachine(e));
    } else {
      messages = List.of(e + (verbose ? "" : " (--verbose shows where)"));
      kind = "internal error: ";
    }
    print(kind, messages, err);
    if (verbose) {
      e.printStackTrace(err);
    }
    Output.of(command.getOut(), err, json, false)
        .done(code, Map.of("message", String.join("\n", messages)));
    return code;
  }
}
