package steersweep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import steersweep.checkpoint.Checkpoint;
import steersweep.engine.Capture;
import steersweep.engine.Engine;
import steersweep.model.Device;
import steersweep.model.Dtype;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.steerable.Export;
import steersweep.steerable.ExportSettings;

/**
 * The program, computing in float32, against transformers: expected results come from {@code
 * src/test/oracle}, in float64. Tokens must be equal for every cell, numbers within 1e-4. One
 * folder for each kind of checkpoint; the recipe makes sure that biases, norms and rotary scaling
 * show.
 */
class ExactnessTest {
  private static final Path ORACLE = Path.of("src/test/resources/oracle");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double TOLERANCE = 1e-4;
  private static final double HALF_TOLERANCE = 0.05;

  @TempDir Path folder;

  static Stream<String> models() throws IOException {
    try (Stream<Path> folders = Files.list(ORACLE)) {
      return folders.map(model -> model.getFileName().toString()).sorted().toList().stream();
    }
  }

  static Stream<Arguments> modelsAndBatchSizes() throws IOException {
    return models().flatMap(model -> Stream.of(256, 7, 1).map(size -> Arguments.of(model, size)));
  }

  static Stream<Arguments> modelsAndTypes() throws IOException {
    return models()
        .flatMap(model -> Stream.of(Dtype.values()).map(type -> Arguments.of(model, type)));
  }

  @Test
  void everyKindOfCheckpointIsHere() throws IOException {
    assertThat(models())
        .hasSizeGreaterThanOrEqualTo(21)
        .contains(
            "gguf-llama",
            "gguf-qwen2",
            "llama-1",
            "llama3-rope-v4",
            "mistral-bfloat16",
            "qwen2-v4",
            "qwen3-biases");
  }

  @ParameterizedTest
  @MethodSource("modelsAndBatchSizes")
  void everyCellEqualsTransformersWhateverTheBatchSize(String model, int batchSize)
      throws Exception {
    JsonNode expected = expected(model);
    JsonNode actual =
        cells(model, ORACLE.resolve(model).resolve("cells.json"), batchSize, Dtype.FLOAT32);

    assertSame(expected.get("baseline"), actual.get("baseline"), model + " baseline");
    assertThat(actual.get("cells")).hasSameSizeAs(expected.get("cells"));
    for (int i = 0; i < actual.get("cells").size(); i++) {
      JsonNode cell = actual.get("cells").get(i);
      assertSame(expected.get("cells").get(i), cell, model + " cell " + i);
      for (int axis = 0; axis < expected.get("prompting_pulls").size(); axis++) {
        JsonNode wanted = expected.get("prompting_pulls").get(axis);
        JsonNode prompting = cell.get("prompting_pulls").get(axis);
        assertClose(wanted, prompting, model + " prompting along axis " + axis, TOLERANCE);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void theOrderOfCellsMakesNoDifference(String model) throws Exception {
    ObjectNode file =
        (ObjectNode) JSON.readTree(ORACLE.resolve(model).resolve("cells.json").toFile());
    List<Integer> order =
        new ArrayList<>(IntStream.range(0, file.get("cells").size()).boxed().toList());
    Collections.shuffle(order, new Random(11));
    ArrayNode shuffled = JSON.createArrayNode();
    order.forEach(i -> shuffled.add(file.get("cells").get(i)));
    file.set("cells", shuffled);
    Path shuffledFile = folder.resolve("cells.json");
    Files.writeString(shuffledFile, file.toString());

    JsonNode actual = cells(model, shuffledFile, 50, Dtype.FLOAT32).get("cells");

    JsonNode expected = expected(model).get("cells");
    for (int i = 0; i < order.size(); i++) {
      assertSame(expected.get(order.get(i)), actual.get(i), model + " cell " + order.get(i));
    }
  }

  @ParameterizedTest
  @MethodSource("modelsAndTypes")
  void scaleZeroIsBitEqualToTheBaseline(String model, Dtype dtype) throws Exception {
    JsonNode actual = cells(model, ORACLE.resolve(model).resolve("cells.json"), 256, dtype);

    int zeros = 0;
    for (JsonNode cell : actual.get("cells")) {
      if (cell.get("scale").asDouble() == 0) {
        zeros++;
        assertThat(cell.get("tokens")).isEqualTo(actual.get("baseline").get("tokens"));
        assertThat(cell.get("logprobs")).isEqualTo(actual.get("baseline").get("logprobs"));
        for (String damage : List.of("damage", "damage_last")) {
          assertThat(cell.get(damage).asDouble()).isZero();
        }
        for (String along : List.of("pulls", "alignments")) {
          assertThat(JSON.convertValue(cell.get(along), double[].class)).containsExactly(0, 0, 0);
        }
      }
    }
    assertThat(zeros).isGreaterThanOrEqualTo(5);
  }

  /** Half precision decides near ties another way; how near they are is in docs/exactness.md. */
  @ParameterizedTest
  @MethodSource("models")
  void halfPrecisionIsCloseToTransformersInFloat64(String model) throws Exception {
    JsonNode expected = expected(model).get("cells");
    Path file = ORACLE.resolve(model).resolve("cells.json");
    JsonNode actual = cells(model, file, 256, Dtype.FLOAT16).get("cells");

    int same = 0;
    for (int i = 0; i < expected.size(); i++) {
      JsonNode wanted = expected.get(i);
      if (actual.get(i).get("tokens").equals(wanted.get("tokens"))) {
        same++;
        assertNumbers(wanted, actual.get(i), model + " cell " + i, HALF_TOLERANCE);
      }
    }
    assertThat(same)
        .as("%s: cells with the same tokens", model)
        .isGreaterThan(expected.size() * 9 / 10);
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyTapEqualsTransformers(String model) throws Exception {
    JsonNode taps = expected(model).get("taps_of_last_token");
    JsonNode file = JSON.readTree(ORACLE.resolve(model).resolve("cells.json").toFile());
    int[] steering = JSON.convertValue(file.get("steering_ids"), int[].class);
    Path exported = folder.resolve("export");
    Export.write(
        Checkpoint.open(GoldenCheckpoint.of(model)),
        new ExportSettings(
            Arrays.asList(HookPoint.values()),
            Dtype.FLOAT32,
            Device.CPU,
            folder,
            (done, all) -> {}),
        exported);
    try (Engine engine = Engine.open(exported, 2)) {
      ModelShape shape = engine.manifest().shape();
      int[] prompt = shape.prompt(steering);
      Capture.Captured captured = Capture.of(engine, prompt);
      int source = shape.source(prompt);
      int most = Math.max(source, prompt.length - source);
      for (HookPoint hookPoint : HookPoint.of(shape)) {
        int positions = hookPoint.positions(source, prompt.length);
        for (int layer = 0; layer < hookPoint.layers(shape); layer++) {
          double[] wanted =
              JSON.convertValue(taps.get(hookPoint.word() + "." + layer), double[].class);
          float[] all = captured.activations().at(hookPoint, layer);
          int start = (positions - 1) * hookPoint.width(shape);
          assertThat(all).as("and two more rows").hasSize((most + 2) * wanted.length);
          for (int i = 0; i < wanted.length; i++) {
            assertThat((double) all[start + i])
                .as("%s layer %d element %d", hookPoint.word(), layer, i)
                .isCloseTo(wanted[i], within(TOLERANCE));
          }
        }
      }
    }
  }

  private static JsonNode expected(String model) throws Exception {
    return JSON.readTree(ORACLE.resolve(model).resolve("expected.json").toFile());
  }

  private JsonNode cells(String model, Path file, int batchSize, Dtype dtype) throws Exception {
    CommandRun run =
        CommandRun.of(
            "cells",
            GoldenCheckpoint.of(model).toString(),
            file.toString(),
            "--batch-size",
            Integer.toString(batchSize),
            "--dtype",
            dtype.word(),
            "--cache",
            folder.resolve("cache").toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    return JSON.readTree(run.out());
  }

  private static void assertSame(JsonNode expected, JsonNode actual, String what) {
    assertThat(actual.get("tokens")).as(what + " tokens").isEqualTo(expected.get("tokens"));
    assertNumbers(expected, actual, what, TOLERANCE);
  }

  private static void assertNumbers(
      JsonNode expected, JsonNode actual, String what, double tolerance) {
    for (int i = 0; i < expected.get("logprobs").size(); i++) {
      assertThat(actual.get("logprobs").get(i).asDouble())
          .as(what + " log-probability " + i)
          .isCloseTo(expected.get("logprobs").get(i).asDouble(), within(tolerance));
    }
    if (expected.has("damage")) {
      for (String damage : List.of("damage_last", "damage")) {
        assertClose(expected.get(damage), actual.get(damage), what + " " + damage, tolerance);
      }
      for (String along : List.of("pulls", "alignments")) {
        assertThat(actual.get(along)).as(what + " " + along).hasSameSizeAs(expected.get(along));
        for (int i = 0; i < expected.get(along).size(); i++) {
          String where = what + " " + along + " " + i;
          assertClose(expected.get(along).get(i), actual.get(along).get(i), where, tolerance);
        }
      }
    }
  }

  private static void assertClose(
      JsonNode expected, JsonNode actual, String what, double tolerance) {
    assertThat(actual.asDouble()).as(what).isCloseTo(expected.asDouble(), within(tolerance));
  }
}
