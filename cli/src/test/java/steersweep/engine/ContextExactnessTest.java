package steersweep.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import steersweep.cli.GoldenCheckpoint;
import steersweep.model.Device;
import steersweep.model.Dtype;
import steersweep.model.GraphNames;
import steersweep.model.HookPoint;
import steersweep.steerable.Export;
import steersweep.steerable.ExportSettings;

/**
 * What follows a beginning that was read before is as what follows one that is read again, on the
 * checkpoints of {@code ExactnessTest}.
 */
class ContextExactnessTest {
  private static final Path ORACLE = Path.of("src/test/resources/oracle");
  private static final double TOLERANCE = 1e-5;

  @TempDir Path folder;

  private final Random random = new Random(8);

  static Stream<String> models() throws IOException {
    try (Stream<Path> folders = Files.list(ORACLE)) {
      return folders.map(model -> model.getFileName().toString()).sorted().toList().stream();
    }
  }

  /** A decoder that starts with a token of its own has no beginning to share. */
  static Stream<String> modelsWithoutEncoder() throws IOException {
    return models().filter(model -> !model.startsWith("t5"));
  }

  @ParameterizedTest
  @MethodSource("models")
  void textsThatShareTheirPromptsScoreAsEachAlone(String model) throws IOException {
    try (Engine engine = open(model)) {
      List<Score.Text> texts = new ArrayList<>();
      for (int length : new int[] {1, 2, 7, 7, 30}) {
        int[] prompt = engine.shape().prompt(tokens(engine, length));
        for (int text = 0; text < 4; text++) {
          int[] continuation = tokens(engine, 1 + random.nextInt(12));
          texts.add(new Score.Text(prompt.clone(), Arrays.stream(continuation).boxed().toList()));
        }
      }
      texts.add(new Score.Text(engine.shape().prompt(tokens(engine, 9)), List.of(7, 8, 9)));

      for (int batchSize : new int[] {1000, 3}) {
        double[] together = Score.meanLogprobs(engine, texts, batchSize);

        for (int i = 0; i < texts.size(); i++) {
          assertThat(together[i])
              .as("%s text %d", model, i)
              .isCloseTo(
                  Score.meanLogprobs(engine, List.of(texts.get(i)), 1)[0], within(TOLERANCE));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("modelsWithoutEncoder")
  void whatFollowsAContextIsDecodedAsWhatFollowsItsTokens(String model) throws IOException {
    try (Engine engine = open(model)) {
      List<int[]> contexts = List.of(tokens(engine, 5), tokens(engine, 17));
      List<int[]> prompts = List.of(tokens(engine, 3), tokens(engine, 6));
      List<Context> read = Context.read(engine, contexts, 10);
      Batch after = new Batch(Bank.empty(engine.shape(), engine.hookPoints()));
      Batch whole = new Batch(Bank.empty(engine.shape(), engine.hookPoints()));
      for (int context = 0; context < 2; context++) {
        for (int[] prompt : prompts) {
          after.follow(after.add(prompt), read.get(context));
          int[] all =
              Arrays.copyOf(contexts.get(context), contexts.get(context).length + prompt.length);
          System.arraycopy(prompt, 0, all, contexts.get(context).length, prompt.length);
          whole.add(all);
        }
      }
      after.generate(8, List.of());
      whole.generate(8, List.of());
      Set<String> outputs = Set.of(GraphNames.TOKENS, GraphNames.TOKEN_LOGPROBS);

      BatchResult one = engine.run(after, outputs);
      BatchResult other = engine.run(whole, outputs);

      assertThat(one.integers(GraphNames.TOKENS)).isEqualTo(other.integers(GraphNames.TOKENS));
      float[] logprobs = one.get(GraphNames.TOKEN_LOGPROBS);
      for (int i = 0; i < logprobs.length; i++) {
        assertThat((double) logprobs[i])
            .as("%s log-probability %d", model, i)
            .isCloseTo(other.get(GraphNames.TOKEN_LOGPROBS)[i], within(TOLERANCE));
      }
    }
  }

  private int[] tokens(Engine engine, int length) {
    return random.ints(length, 3, engine.shape().nVocab()).toArray();
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
}
