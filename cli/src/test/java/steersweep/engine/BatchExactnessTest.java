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
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import steersweep.checkpoint.Checkpoint;
import steersweep.cli.GoldenCheckpoint;
import steersweep.model.Device;
import steersweep.model.Dtype;
import steersweep.model.GraphNames;
import steersweep.model.HookPoint;
import steersweep.model.ModelShape;
import steersweep.plan.PositionRule;
import steersweep.plan.Site;
import steersweep.steerable.Export;
import steersweep.steerable.ExportSettings;

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
      List<Steer.Request> requests = requests(engine, model, List.of());

      List<Steer.Completion> together = decode(engine, requests, requests.size());
      List<Steer.Completion> alone = decode(engine, requests, 1);

      for (int i = 0; i < requests.size(); i++) {
        String cell = model + " " + describe(requests.get(i));
        assertThat(together.get(i).tokens()).as(cell).isEqualTo(alone.get(i).tokens());
        assertClose(together.get(i).logprobs(), alone.get(i).logprobs(), cell);
      }
      assertThat(together.stream().map(Steer.Completion::tokens).distinct().count())
          .as("different texts")
          .isGreaterThan(requests.size() / 3);
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void readingAlongTheBaselineGivesTheTokensOfDecodingEveryCell(String model) throws IOException {
    try (Engine engine = open(model)) {
      List<Steer.Request> requests = requests(engine, model, List.of());
      List<Integer> stop = List.of(often(decode(engine, requests, 1)));
      for (List<Integer> stopTokens : List.of(List.<Integer>of(), stop)) {
        requests = severalOfEachPrompt(requests(engine, model, stopTokens));
        List<Steer.Completion> decoded = Steer.decode(engine, requests, NEW_TOKENS, stopTokens, 1);

        for (int batchSize : new int[] {3, 1000}) {
          List<Steer.Completion> read =
              Steer.complete(engine, requests, NEW_TOKENS, stopTokens, batchSize);

          for (int i = 0; i < requests.size(); i++) {
            String cell = model + " " + describe(requests.get(i));
            assertThat(read.get(i).tokens()).as(cell).isEqualTo(decoded.get(i).tokens());
            assertClose(read.get(i).logprobs(), decoded.get(i).logprobs(), cell);
          }
        }
        Map<Boolean, Long> settled =
            IntStream.range(0, requests.size())
                .boxed()
                .collect(
                    Collectors.partitioningBy(
                        decodedSame(requests, decoded)::test, Collectors.counting()));
        assertThat(settled.get(true)).as("cells that keep the baseline's text").isPositive();
        assertThat(settled.get(false)).as("cells that leave it").isPositive();
      }
    }
  }

  private static IntPredicate decodedSame(
      List<Steer.Request> requests, List<Steer.Completion> decoded) {
    return i -> decoded.get(i).tokens().equals(requests.get(i).baseline().completion().tokens());
  }

  @ParameterizedTest
  @MethodSource("models")
  void damageIsTheMeanOverTheTextsTokens(String model) throws IOException {
    try (Engine engine = open(model)) {
      List<Steer.Request> requests = requests(engine, model, List.of()).subList(20, 32);
      List<Response> responses =
          Steer.read(
              engine,
              requests.stream()
                  .map(request -> Steer.Reading.ofBaseline(request, List.of()))
                  .toList(),
              100);
      Bank bank = Bank.of(engine.shape(), engine.hookPoints(), List.of(requests.get(0).steering()));
      for (int i = 0; i < requests.size(); i++) {
        Steer.Request request = requests.get(i);
        Batch batch = new Batch(bank);
        addWholeText(batch, request, request.baseline().completion().tokens());
        Score.Text unsteered = request.baseline().continuation().text();
        unsteered.score(batch, batch.add(unsteered.input()));
        batch.wantDistributions();
        float[] next =
            engine.run(batch, Set.of(GraphNames.NEXT_LOGPROBS)).get(GraphNames.NEXT_LOGPROBS);
        int words = engine.shape().nVocab();
        double sum = 0;
        for (int k = 0; k < NEW_TOKENS; k++) {
          sum += kl(next, batch.result(1, k) * words, batch.result(0, k) * words, words);
        }
        assertThat(responses.get(i).damage())
            .as(model + " " + describe(request))
            .isCloseTo(sum / NEW_TOKENS, within(TOLERANCE));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void dosesAreThoseOfAPassThroughAllLayers(String model) throws IOException {
    try (Engine engine = open(model)) {
      List<Steer.Request> requests =
          requests(engine, model, List.of()).stream()
              .filter(request -> request.site() != null && request.site().hookPoint().hasHeads())
              .toList();
      double[] doses = DoseResidual.of(engine, requests, 1000);
      Bank bank = Bank.of(engine.shape(), engine.hookPoints(), List.of(requests.get(0).steering()));
      int width = engine.shape().dModel();
      for (int i = 0; i < doses.length; i++) {
        Steer.Request request = requests.get(i);
        int[] base = request.baseline().base().tokens();
        int layer = request.site().layer();
        Batch batch = new Batch(bank);
        batch.add(base);
        batch.add(Steer.row(request, base, bank, 0));
        HookPoint written = request.site().hookPoint().written();
        String tap = written.tap(layer);
        float[] attention = engine.run(batch, Set.of(tap)).get(tap);
        int source = engine.shape().source(base);
        int first = written.first(source);
        int positions = written.positions(source, base.length);
        double sum = 0;
        for (int position = 0; position < positions; position++) {
          double square = 0;
          for (int k = 0; k < width; k++) {
            int at = position * width + k;
            square += Math.pow(attention[positions * width + at] - attention[at], 2);
          }
          sum +=
              Math.sqrt(square) / request.baseline().continuation().norm(layer, first + position);
        }
        assertThat(doses[i])
            .as(model + " " + describe(request))
            .isCloseTo(sum / positions, within(TOLERANCE));
      }
    }
  }

  private static double kl(float[] logprobs, int reference, int steered, int words) {
    double kl = 0;
    for (int i = 0; i < words; i++) {
      float expected = logprobs[reference + i];
      kl += Math.exp(expected) * ((double) expected - logprobs[steered + i]);
    }
    return kl;
  }

  @ParameterizedTest
  @MethodSource("models")
  void additionsOfScaleZeroChangeNoBit(String model) throws IOException {
    try (Engine engine = open(model)) {
      List<Steer.Request> steered = requests(engine, model, List.of());
      Baseline baseline = steered.get(17).baseline();
      List<Steer.Request> requests = new ArrayList<>();
      for (Steer.Request request : steered) {
        double scale = requests.size() % 5 == 1 ? request.scale() : 0;
        Site site = requests.isEmpty() ? null : request.site();
        requests.add(
            new Steer.Request(baseline, request.steering(), site, scale, request.positions()));
      }

      List<Steer.Completion> completions = decode(engine, requests, requests.size());

      for (int i = 1; i < requests.size(); i++) {
        if (requests.get(i).scale() == 0) {
          assertThat(completions.get(i).tokens()).isEqualTo(completions.get(0).tokens());
          assertThat(completions.get(i).logprobs()).isEqualTo(completions.get(0).logprobs());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void decodingWithTheCacheEqualsReadingTheWholeTextAgain(String model) throws IOException {
    try (Engine engine = open(model)) {
      List<Steer.Request> requests = requests(engine, model, List.of());
      List<Steer.Completion> completions = decode(engine, requests, requests.size());

      Bank bank = Bank.of(engine.shape(), engine.hookPoints(), List.of(requests.get(0).steering()));
      Batch batch = new Batch(bank);
      for (int i = 0; i < requests.size(); i++) {
        addWholeText(batch, requests.get(i), completions.get(i).tokens());
      }
      batch.wantDistributions();
      BatchResult result =
          engine.run(batch, Set.of(GraphNames.NEXT_LOGPROBS, GraphNames.TARGET_LOGPROBS));

      float[] next = result.get(GraphNames.NEXT_LOGPROBS);
      for (int i = 0; i < requests.size(); i++) {
        String cell = model + " " + describe(requests.get(i));
        List<Integer> best = new ArrayList<>();
        float[] logprobs = new float[NEW_TOKENS];
        for (int k = 0; k < NEW_TOKENS; k++) {
          best.add(argmax(next, batch.result(i, k) * engine.shape().nVocab(), engine.shape()));
          logprobs[k] = result.get(GraphNames.TARGET_LOGPROBS)[batch.result(i, k)];
        }
        assertThat(best).as(cell).isEqualTo(completions.get(i).tokens());
        assertClose(logprobs, completions.get(i).logprobs(), cell);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void readingACellAlongItsOwnTextGivesTheLogprobsOfDecodingIt(String model) throws IOException {
    try (Engine engine = open(model)) {
      List<Steer.Request> requests = requests(engine, model, List.of());
      List<Steer.Completion> decoded = decode(engine, requests, 1);
      List<Score.Text> texts = new ArrayList<>();
      for (int i = 0; i < requests.size(); i++) {
        int[] base = requests.get(i).baseline().base().tokens();
        texts.add(new Score.Text(base, decoded.get(i).tokens()));
      }
      for (Set<Integer> layers : List.of(Set.<Integer>of(), Set.of(0, 1))) {
        List<Continuation> along = Continuation.all(engine, texts, layers, 7);
        List<Steer.Reading> readings =
            IntStream.range(0, requests.size())
                .mapToObj(i -> new Steer.Reading(requests.get(i), along.get(i), List.of()))
                .toList();
        double[] means = Steer.meanLogprobs(engine, readings, 1000);
        double[] unsteered = Score.meanLogprobs(engine, texts, 1);

        for (int i = 0; i < requests.size(); i++) {
          double mean = 0;
          for (float logprob : decoded.get(i).logprobs()) {
            mean += logprob / NEW_TOKENS;
          }
          String cell = model + " " + describe(requests.get(i));
          assertThat(means[i]).as(cell).isCloseTo(mean, within(TOLERANCE));
          assertThat(along.get(i).meanLogprob()).isCloseTo(unsteered[i], within(TOLERANCE));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void baselinesTogetherAreTheOnesAlone(String model) throws IOException {
    try (Engine engine = open(model)) {
      List<Baseline> alone =
          requests(engine, model, List.of()).stream().map(Steer.Request::baseline).toList();

      List<Baseline> together =
          Baseline.all(
              engine,
              alone.stream().map(Baseline::base).toList(),
              NEW_TOKENS,
              List.of(),
              Set.of(1),
              1000);

      for (int i = 0; i < alone.size(); i++) {
        assertThat(together.get(i).completion().tokens())
            .isEqualTo(alone.get(i).completion().tokens());
        if (engine.shape().hasEncoder()) { // every pass begins with the encoder
          assertThat(together.get(i).continuation().residuals()).isEmpty();
          continue;
        }
        assertThat(together.get(i).continuation().residuals()).containsOnlyKeys(1);
        float[] residual = together.get(i).continuation().residual(1);
        assertClose(residual, alone.get(i).continuation().residual(1), model + " residual");
      }
    }
  }

  private Engine open(String model) {
    Checkpoint checkpoint = Checkpoint.open(GoldenCheckpoint.of(model));
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
  private static List<Steer.Request> requests(Engine engine, String model, List<Integer> stopTokens)
      throws IOException {
    int[] steering =
        new ObjectMapper()
            .treeToValue(
                new ObjectMapper()
                    .readTree(ORACLE.resolve(model).resolve("cells.json").toFile())
                    .get("steering_ids"),
                int[].class);
    Activations added = Capture.of(engine, engine.shape().prompt(steering)).activations();
    Random random = new Random(3);
    List<Steer.Request> requests = new ArrayList<>();
    for (HookPoint hookPoint : HookPoint.of(engine.shape())) {
      for (PositionRule rule : PositionRule.values()) {
        for (double scale : new double[] {-3, 0.5, 6}) {
          Site site =
              new Site(
                  hookPoint,
                  random.nextInt(hookPoint.layers(engine.shape())),
                  hookPoint.hasHeads() && random.nextBoolean() ? 0 : Site.ALL_HEADS);
          int[] base = prompt(random, 1 + requests.size() % LONGEST, engine.shape());
          Baseline baseline = Baseline.of(engine, Capture.of(engine, base), NEW_TOKENS, stopTokens);
          requests.add(new Steer.Request(baseline, added, site, scale, rule));
        }
      }
    }
    return requests;
  }

  private static int[] prompt(Random random, int length, ModelShape shape) {
    int[] tokens = random.ints(length, 3, shape.nVocab()).toArray();
    tokens[0] = 1;
    return shape.prompt(tokens);
  }

  /** Each cell also at the prompts of the next two, and faintly, so that some texts stay. */
  private static List<Steer.Request> severalOfEachPrompt(List<Steer.Request> requests) {
    List<Steer.Request> several = new ArrayList<>(requests);
    for (int i = 0; i + 2 < requests.size(); i++) {
      Steer.Request request = requests.get(i);
      for (int next = 1; next < 3; next++) {
        several.add(
            new Steer.Request(
                requests.get(i + next).baseline(),
                request.steering(),
                request.site(),
                request.scale() / (next == 1 ? 20 : 1),
                request.positions()));
      }
    }
    return several;
  }

  /** A token that stands in the middle of many texts. */
  private static int often(List<Steer.Completion> completions) {
    return completions.stream()
        .flatMap(completion -> completion.tokens().subList(2, NEW_TOKENS).stream())
        .collect(Collectors.groupingBy(token -> token, Collectors.counting()))
        .entrySet()
        .stream()
        .max(Map.Entry.comparingByValue())
        .orElseThrow()
        .getKey();
  }

  private static List<Steer.Completion> decode(
      Engine engine, List<Steer.Request> requests, int batchSize) {
    return Steer.decode(engine, requests, NEW_TOKENS, List.of(), batchSize);
  }

  /**
   * Prompt and continuation as one prompt, steered as the continuation was, and scored along it.
   */
  private static void addWholeText(Batch batch, Steer.Request request, List<Integer> tokens) {
    int[] base = request.baseline().base().tokens();
    int[] whole = Arrays.copyOf(base, base.length + NEW_TOKENS - 1);
    int[] atPrompt = batch.bank().promptRows(0, request.positions(), base.length);
    int source = batch.bank().shape().source(base);
    int[] bankRows = new int[whole.length];
    for (int i = 0; i < base.length; i++) {
      bankRows[i] = atPrompt[i < source ? i : i - source];
    }
    int decodeRow = batch.bank().decodeRow(0, request.positions());
    for (int k = 0; k < NEW_TOKENS - 1; k++) {
      whole[base.length + k] = tokens.get(k);
      bankRows[base.length + k] = decodeRow;
    }
    int row = batch.add(new Batch.Row(whole, request.site(), request.scale(), bankRows, decodeRow));
    for (int k = 0; k < NEW_TOKENS; k++) {
      batch.score(row, base.length - 1 + k, tokens.get(k));
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
            request.baseline().base().tokens().length);
  }
}
