import com.fasterxml.jackson.databind.ObjectMapper;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.ModelParameters;
import java.io.File;
import java.io.PrintWriter;

/** The tokens that llama.cpp makes of each line of a corpus, one JSON list [text, tokens] a line. */
public class LlamaCppTokens {
  public static void main(String[] args) throws Exception {
    ObjectMapper json = new ObjectMapper();
    LlamaModel model = new LlamaModel(new ModelParameters().setModel(args[0]).setCtxSize(64));
    try (PrintWriter out = new PrintWriter(args[2], "UTF-8")) {
      for (String line : json.readValue(new File(args[1]), String[].class)) {
        out.println(json.writeValueAsString(new Object[] {line, model.encode(line)}));
      }
    }
    Runtime.getRuntime().halt(0); // closing the model never ends
  }
}
