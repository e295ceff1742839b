package steersweep.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Collection;
import org.apache.avro.generic.GenericRecord;
import steersweep.result.RunFolder;

/** Prints every completion of a run, one JSON line each. */
final class RunTokens {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RunTokens() {}

  /** Argument: the run folder. */
  public static void main(String[] arguments) {
    new RunFolder(Path.of(arguments[0])).readCompletions(row -> System.out.println(line(row)));
  }

  private static ObjectNode line(GenericRecord row) {
    ObjectNode line = JSON.createObjectNode();
    for (String key : new String[] {"layer", "head", "setting"}) {
      line.set(key, JSON.valueToTree(row.get(key)));
    }
    line.put("kind", row.get("kind").toString());
    line.put("base_prompt", row.get("base_prompt").toString());
    line.put("same_as_baseline", (Boolean) row.get("same_as_baseline"));
    ArrayNode tokens = line.putArray("tokens");
    ((Collection<?>) row.get("tokens")).forEach(token -> tokens.add((Integer) token));
    return line;
  }
}
