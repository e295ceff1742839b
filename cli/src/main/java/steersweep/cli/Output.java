package steersweep.cli;

import java.io.PrintWriter;
import java.io.Writer;
import java.util.LinkedHashMap;
import java.util.Map;
import steersweep.result.Json;

/**
 * What a long command says: lines for people, or JSON for programs.
 *
 * @param people takes the lines for people
 * @param last takes the summary, which is the last of them
 * @param programs takes lines of JSON
 */
record Output(PrintWriter people, PrintWriter last, PrintWriter programs) {
  static final String JSON_OPTION = "--json";

  static Output of(PrintWriter out, PrintWriter err, boolean json, boolean quiet) {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter());
    PrintWriter text = json ? err : out;
    return new Output(quiet ? nowhere : text, text, json ? out : nowhere);
  }

  /** A line of JSON, its event first. */
  void event(String event, Map<String, ?> facts) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("event", event);
    line.putAll(facts);
    programs.print(Json.line(line));
    programs.flush();
  }

  /** The last line of JSON. */
  void done(int code, Map<String, ?> facts) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("success", code == 0);
    line.put("code", code);
    line.putAll(facts);
    event("done", line);
  }
}
