package steersweep.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import de.kherud.llama.InferenceParameters;
import de.kherud.llama.LlamaModel;
import de.kherud.llama.ModelParameters;
import de.kherud.llama.args.CacheType;
import de.kherud.llama.args.LogFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Greedy texts by llama.cpp, in a process of its own: it does not come back from closing a model.
 */
final class LlamaCpp {
  private static final ObjectMapper JSON = new ObjectMapper();

  private LlamaCpp() {}

  /**
   * @param model a GGUF file
   * @param controlVector null for none
   * @param work a folder for this call's files
   */
  static List<String> texts(
      Path model, @Nullable Path controlVector, List<String> prompts, int newTokens, Path work)
      throws Exception {
    Path in = Files.createDirectories(work).resolve("prompts.json");
    Path out = work.resolve("texts.json");
    Files.deleteIfExists(out);
    JSON.writeValue(in.toFile(), prompts);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(LlamaCpp.class.getName(), model.toString(), in.toString()));
    command.addAll(List.of(out.toString(), Integer.toString(newTokens)));
    if (controlVector != null) {
      command.add(controlVector.toString());
    }
    Path log = work.resolve("log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    Process process = builder.start();
    if (!process.waitFor(10, TimeUnit.MINUTES) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new AssertionError(Files.readString(log));
    }
    return List.of(JSON.readValue(out.toFile(), String[].class));
  }

  /**
   * @param arguments model, file of prompts, file for texts, tokens, control vector or nothing
   */
  public static void main(String[] arguments) throws IOException {
    LlamaModel.setLogger(LogFormat.TEXT, (level, message) -> {});
    ModelParameters parameters =
        new ModelParameters()
            .setModel(arguments[0])
            .setThreads(2)
            .setCtxSize(256)
            .setGpuLayers(0)
            .setCacheTypeK(CacheType.F32)
            .setCacheTypeV(CacheType.F32);
    if (arguments.length > 4) {
      parameters.addControlVector(arguments[4]);
    }
    LlamaModel model = new LlamaModel(parameters);
    List<String> texts = new ArrayList<>();
    for (String prompt : JSON.readValue(Path.of(arguments[1]).toFile(), String[].class)) {
      texts.add(
          model.complete(
              new InferenceParameters(prompt)
                  .setTemperature(0)
                  .setNPredict(Integer.parseInt(arguments[3]))
                  .setCachePrompt(false)));
    }
    JSON.writeValue(Path.of(arguments[2]).toFile(), texts);
    Runtime.getRuntime().halt(0);
  }
}
