package steersweep.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import steersweep.checkpoint.Checkpoint;
import steersweep.llama.Export;
import steersweep.llama.ExportSettings;
import steersweep.model.Device;
import steersweep.model.Dtype;
import steersweep.model.GraphNames;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.PositionRule;
import steersweep.plan.Site;

/**
 * The engine against itself, on the checkpoints of {@code ExactnessTest}: what a cell gives depends
 * neither on the rows beside it nor on the cache. Steered at every hook point, under every rule.
 */
class BatchExactnessTest {
  private static final Path ORACLE = Path.of("src/test/resources/oracle");
  private static final double TOLERANCE = 2e-5;
  private static final int NEW_TOKENS = 16;
  private static final int LONGEST = 24;

  @TempDir Path folder;

  static Stream<String> models() throws IOException {
    try (Stream<Path> folders = Files.list(ORACLE)) {
      return folders.map(model -> model.getFileName().toString()).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void leftPaddedRowsEqualSingleRows(String model) throws IOException {
    try (Engine engine = open(model)) {
      List<Steer.Request> requests = requests(engine, model);

      List<Steer.Completion> together = complete(engine, requests, requests.size());
      List<Steer.Completion> alone = complete(engine, requests, 1);

      for (int i = 0; i < requests.size(); i++) {
        String cell = model + " " + describe(requests.get(i));
        assertThat(together.get(i).tokens()).as(cell).isEqualTo(alone.get(i).tokens());
        assertClose(together.get(i).logprobs(), alone.get(i).logprobs(), cell);
        assertThat(together.get(i).klLast())
            .as(cell)
            .isCloseTo(alone.get(i).klLast(), within(TOLERANCE));
      }
      assertThat(together.stream().map(Steer.Completion::tokens).distinct().count())
          .as("different texts")
          .isGreaterThan(requests.size() / 3);
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void decodingWithTheCacheEqualsReadingTheWholeTextAgain(String model) throws IOException {
    try (Engine engine = open(model)) {
      List<Steer.Request> requests = requests(engine, model);
      List<Steer.Completion> completions = complete(engine, requests, requests.size());

      Bank bank = Bank.of(engine.shape(), engine.hookPoints(), List.of(requests.get(0).steering()));
      Batch batch = new Batch(bank);
      for (int i = 0; i < requests.size(); i++) {
        addWholeText(batch, requests.get(i), completions.get(i).tokens());
      }
      BatchResult result =
          engine.run(batch, Set.of(GraphNames.NEXT_LOGPROBS, GraphNames.TARGET_LOGPROBS));

      float[] next = result.get(GraphNames.NEXT_LOGPROBS);
      for (int i = 0; i < requests.size(); i++) {
        String cell = model + " " + describe(requests.get(i));
        List<Integer> best = new ArrayList<>();
        for (int k = 0; k < NEW_TOKENS; k++) {
          best.add(argmax(next, (i * NEW_TOKENS + k) * engine.shape().nVocab(), engine.shape()));
        }
        assertThat(best).as(cell).isEqualTo(completions.get(i).tokens());
        assertClose(
            result.row(GraphNames.TARGET_LOGPROBS, i, NEW_TOKENS),
            completions.get(i).logprobs(),
            cell);
      }
    }
  }

  private Engine open(String model) {
    Checkpoint checkpoint = Checkpoint.open(ORACLE.resolve(model).resolve("model"));
    ExportSettings settings =
        new ExportSettings(
            Arrays.asList(HookPoint.values()),
            Dtype.FLOAT32,
            Device.CPU,
            folder.resolve("cache"),
            (done, all) -> {});
    Export.write(checkpoint, settings, folder);
    return Engine.open(folder, 2);
  }

  /** Cells of every hook point and rule, each with a base prompt of another length. */
  private static List<Steer.Request> requests(Engine engine, String model) throws IOException {
    int[] steering =
        new ObjectMapper()
            .treeToValue(
                new ObjectMapper()
                    .readTree(ORACLE.resolve(model).resolve("cells.json").toFile())
                    .get("steering_ids"),
                int[].class);
    Activations added = Capture.of(engine, steering).activations();
    Random random = new Random(3);
    List<Steer.Request> requests = new ArrayList<>();
    for (HookPoint hookPoint : HookPoint.values()) {
      for (PositionRule rule : PositionRule.values()) {
        for (double scale : new double[] {-3, 0.5, 6}) {
          Site site =
              new Site(
                  hookPoint,
                  random.nextInt(engine.shape().nLayers()),
                  hookPoint.hasHeads() && random.nextBoolean() ? 0 : Site.ALL_HEADS);
          int[] base = prompt(random, 1 + requests.size() % LONGEST, engine.shape());
          requests.add(new Steer.Request(Capture.of(engine, base), added, site, scale, rule));
        }
      }
    }
    return requests;
  }

  private static int[] prompt(Random random, int length, ModelShape shape) {
    int[] tokens = random.ints(length, 3, shape.nVocab()).toArray();
    tokens[0] = 1;
    return tokens;
  }

  private static List<Steer.Completion> complete(
      Engine engine, List<Steer.Request> requests, int batchSize) {
    return Steer.complete(engine, requests, NEW_TOKENS, List.of(), batchSize);
  }

  /**
   * Prompt and continuation as one prompt, steered as the continuation was, and scored along it.
   */
  private static void addWholeText(Batch batch, Steer.Request request, List<Integer> tokens) {
    int[] base = request.base().tokens();
    int[] whole = Arrays.copyOf(base, base.length + NEW_TOKENS - 1);
    int[] bankRows =
        Arrays.copyOf(batch.bank().promptRows(0, request.positions(), base.length), whole.length);
    int decodeRow = batch.bank().decodeRow(0, request.positions());
    for (int k = 0; k < NEW_TOKENS - 1; k++) {
      whole[base.length + k] = tokens.get(k);
      bankRows[base.length + k] = decodeRow;
    }
    int row = batch.add(new Batch.Row(whole, request.site(), request.scale(), bankRows, decodeRow));
    for (int k = 0; k < NEW_TOKENS; k++) {
      batch.score(row, base.length - 1 + k, tokens.get(k), 0);
    }
  }

  private static int argmax(float[] values, int from, ModelShape shape) {
    int best = 0;
    for (int i = 1; i < shape.nVocab(); i++) {
      best = values[from + i] > values[from + best] ? i : best;
    }
    return best;
  }

  private static void assertClose(float[] actual, float[] expected, String what) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i])
          .as("%s log-probability %d", what, i)
          .isCloseTo(expected[i], within(TOLERANCE));
    }
  }

  private static String describe(Steer.Request request) {
    return "%s scale %s %s, base prompt of %d"
        .formatted(
            request.site(),
            request.scale(),
            request.positions().word(),
            request.base().tokens().length);
  }
}
