package steersweep.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import steersweep.engine.Engine;
import steersweep.engine.Steer;

/**
 * Runs cells when told to: one JSON line in, {@code {"cells": [0, 1], "new_tokens": 30, "read":
 * true}}, one out, with seconds and tokens. Base and steering prompts are captured before, as in a
 * sweep. With {@code read}, cells are read along the baseline's text first; without, every cell is
 * decoded from its start.
 */
final class EngineWorker {
  private static final ObjectMapper JSON = new ObjectMapper();

  private EngineWorker() {}

  /** Arguments: folder of the exported graph, file with the cells, threads, batch size. */
  public static void main(String[] arguments) throws IOException {
    BenchCells file = BenchCells.read(Path.of(arguments[1]));
    int batchSize = Integer.parseInt(arguments[3]);
    try (Engine engine = Engine.open(Path.of(arguments[0]), Integer.parseInt(arguments[2]));
        BufferedReader commands =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      List<EngineCalls.Pair> pairs =
          file.pairs().stream()
              .map(pair -> EngineCalls.capture(engine, pair, file.newTokens()))
              .toList();
      List<Steer.Request> requests =
          file.cells().stream()
              .map(cell -> EngineCalls.request(pairs.get(cell.pair()), cell))
              .toList();
      System.out.println("{\"ready\":true}");
      for (String line = commands.readLine(); line != null; line = commands.readLine()) {
        System.out.println(run(engine, requests, batchSize, JSON.readTree(line)));
      }
    }
  }

  private static ObjectNode run(
      Engine engine, List<Steer.Request> requests, int batchSize, JsonNode command) {
    List<Steer.Request> some = new ArrayList<>();
    command.path("cells").forEach(cell -> some.add(requests.get(cell.asInt())));
    int newTokens = command.path("new_tokens").asInt();
    long start = System.nanoTime();
    List<Steer.Completion> completions =
        command.path("read").asBoolean()
            ? EngineCalls.complete(engine, some, newTokens, batchSize)
            : EngineCalls.decode(engine, some, newTokens, batchSize);
    double seconds = (System.nanoTime() - start) / 1e9;
    ObjectNode answer = JSON.createObjectNode().put("seconds", seconds);
    ArrayNode tokens = answer.putArray("tokens");
    for (Steer.Completion completion : completions) {
      completion.tokens().forEach(tokens.addArray()::add);
    }
    return answer;
  }
}
