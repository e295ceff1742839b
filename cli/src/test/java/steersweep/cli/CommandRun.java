package steersweep.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;

/**
 * One command, run in this process as the shell would.
 *
 * @param code exit code
 * @param out everything on standard output
 * @param err everything on standard error, but for the progress of a sweep
 */
record CommandRun(int code, String out, String err) {
  static CommandRun of(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(new PrintWriter(out), new PrintWriter(err), args);
    return new CommandRun(code, out.toString(), err.toString());
  }

  /** The same with {@code folder}, which is another one in every test, written as {@code TMP}. */
  CommandRun in(Path folder) {
    return new CommandRun(
        code, out.replace(folder.toString(), "TMP"), err.replace(folder.toString(), "TMP"));
  }
}
