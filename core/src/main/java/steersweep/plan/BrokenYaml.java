package steersweep.plan;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.reader.StreamReader;
import steersweep.error.UserError;

/** What a YAML parser could not read, in words for the person who wrote the file. */
final class BrokenYaml {
  private BrokenYaml() {}

  /**
   * @param text the whole file
   * @param failure what the parser threw
   */
  static UserError error(String file, String text, IOException failure) {
    if (failure.getCause() instanceof MarkedYAMLException marked) {
      return marked(file, text, marked);
    }
    int unprintable = unprintable(text);
    if (unprintable < text.length()) {
      return new UserError(
          where(file, text.substring(0, unprintable)),
          String.format(
              "control character; got U+%04X, expected printable text",
              text.codePointAt(unprintable)),
          failure);
    }
    if (failure instanceof StreamConstraintsException) {
      return new UserError(
          file, "nested too deep; expected at most " + PlanFile.MOST_DEPTH + " levels", failure);
    }
    JsonLocation location =
        failure instanceof JsonProcessingException parsing ? parsing.getLocation() : null;
    if (location == null) {
      return new UserError(file, "broken YAML", failure);
    }
    return new UserError(
        file + ": line " + location.getLineNr() + ", column " + location.getColumnNr(),
        "broken YAML, neither text nor a number; got " + line(text, location.getLineNr()),
        failure);
  }

  /** Names the place right after this beginning of a file. */
  static String where(String file, String before) {
    int lastBreak = before.lastIndexOf('\n');
    long line = 1 + before.chars().filter(character -> character == '\n').count();
    int column = before.codePointCount(lastBreak + 1, before.length()) + 1;
    return file + ": line " + line + ", column " + column;
  }

  private static UserError marked(String file, String text, MarkedYAMLException failure) {
    Mark mark = failure.getProblemMark();
    Mark start = failure.getContextMark();
    String context =
        start == null
            ? ""
            : " " + failure.getContext() + " that starts in line " + (start.getLine() + 1);
    String problem =
        failure.getProblem().replaceFirst("\\. \\(Do not use.*", "").replace("\n", "\\n");
    return new UserError(
        file + ": line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1),
        "broken YAML, "
            + problem
            + context
            + "; got "
            + line(text, mark.getLine() + 1)
            + hint(problem),
        failure);
  }

  private static String line(String text, int number) {
    String line = text.lines().skip(number - 1L).findFirst().orElse("").strip();
    return line.isEmpty() ? "the end of the file" : PlanValue.quoted(line);
  }

  /** What most often lies behind a problem whose words only a YAML expert would understand. */
  private static String hint(String problem) {
    if (problem.startsWith("mapping values are not allowed")) {
      return ", expected quotes around text that holds a colon, or another indentation";
    }
    if (problem.contains("TAB")) {
      return ", expected spaces";
    }
    if (problem.contains("<block")) {
      return ", expected keys of a block at the same indentation";
    }
    return "";
  }

  /** Index of the first character that no YAML file may hold. */
  private static int unprintable(String text) {
    int index = 0;
    while (index < text.length() && StreamReader.isPrintable(text.codePointAt(index))) {
      index += Character.charCount(text.codePointAt(index));
    }
    return index;
  }
}
