package steersweep.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.ModelParameters;
import de.kherud.llama.args.CacheType;
import de.kherud.llama.args.LogFormat;
import java.io.File;
import java.io.IOException;

/**
 * Texts by llama.cpp, one after another, and how long they took: a context has one control vector,
 * so cells of several sites cannot share a batch. A process of its own: it does not come back from
 * closing a model.
 */
final class LlamaCells {
  private static final ObjectMapper JSON = new ObjectMapper();

  private LlamaCells() {}

  /** Arguments: model, file of prompts, tokens, threads, file for the answer, control vector. */
  public static void main(String[] arguments) throws IOException {
    LlamaModel.setLogger(LogFormat.TEXT, (level, message) -> {});
    long opening = System.nanoTime();
    LlamaModel model =
        new LlamaModel(
            new ModelParameters()
                .setModel(arguments[0])
                .setThreads(Integer.parseInt(arguments[3]))
                .setCtxSize(256)
                .setGpuLayers(0)
                .setCacheTypeK(CacheType.F32)
                .setCacheTypeV(CacheType.F32)
                .addControlVector(arguments[5]));
    int newTokens = Integer.parseInt(arguments[2]);
    String[] prompts = JSON.readValue(new File(arguments[1]), String[].class);
    text(model, prompts[0], newTokens); // warms up
    long start = System.nanoTime();
    double cpu = cpuSeconds();
    ObjectNode answer = JSON.createObjectNode().put("open_seconds", (start - opening) / 1e9);
    ArrayNode texts = answer.putArray("texts");
    for (String prompt : prompts) {
      texts.add(text(model, prompt, newTokens));
    }
    answer.put("seconds", (System.nanoTime() - start) / 1e9);
    answer.put("cpu", cpuSeconds() - cpu).put("all_cpu", cpuSeconds());
    JSON.writeValue(new File(arguments[4]), answer);
    Runtime.getRuntime().halt(0);
  }

  private static double cpuSeconds() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
  }

  private static String text(LlamaModel model, String prompt, int newTokens) {
    return model.complete(
        new InferenceParameters(prompt)
            .setTemperature(0)
            .setNPredict(newTokens)
            .setCachePrompt(false));
  }
}
