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
import steersweep.plan.PositionRule;
import steersweep.plan.Site;
import steersweep.steerable.Export;
import steersweep.steerable.ExportSettings;

/**
 * Reading along axes, on the checkpoints of {@code ExactnessTest}: what must hold whatever the
 * numbers are, for cells of several base prompts in one batch.
 */
class AxisExactnessTest {
  private static final Path ORACLE = Path.of("src/test/resources/oracle");
  private static final double TOLERANCE = 2e-5;
  private static final int NEW_TOKENS = 10;

  @TempDir Path folder;

  static Stream<String> models() throws IOException {
    try (Stream<Path> folders = Files.list(ORACLE)) {
      return folders.map(model -> model.getFileName().toString()).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void promptingIsWhatACellWouldPullThatSaysWhatThePromptSays(String model) throws IOException {
    try (Engine engine = open(model)) {
      Prompts prompts = new Prompts(engine);
      Baseline baseline = prompts.baseline(5);
      Continuation context = prompts.after(baseline, 7);
      Axis axis = new Axis(List.of(context), List.of(prompts.after(baseline, 3)));
      Batch batch = new Batch(Bank.empty(engine.shape(), engine.hookPoints()));
      int row = batch.add(context.text().input());
      context.text().score(batch, row);
      batch.compare(baseline.continuation(), List.of(axis));

      BatchResult result = engine.run(batch, Set.of(GraphNames.PULL, GraphNames.AXIS_PULL));

      for (int place = 0; place < NEW_TOKENS; place++) {
        assertThat((double) result.get(GraphNames.PULL)[batch.result(row, place)])
            .isCloseTo(result.get(GraphNames.AXIS_PULL)[place], within(TOLERANCE));
      }
      assertThat((double) result.get(GraphNames.AXIS_PULL)[0]).isNotCloseTo(0, within(1e-3));
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void cellsOfSeveralPromptsReadTogetherEqualThoseReadAlone(String model) throws IOException {
    try (Engine engine = open(model)) {
      List<Steer.Reading> readings = new Prompts(engine).readings(3.0, 0.5, -2.0);

      List<Response> together = Steer.read(engine, readings, 1000);
      List<Response> alone = Steer.read(engine, readings, 1);

      for (int i = 0; i < readings.size(); i++) {
        Response one = together.get(i);
        Response other = alone.get(i);
        assertThat(one.damage()).isCloseTo(other.damage(), within(TOLERANCE));
        assertThat(one.departure().agreed()).isEqualTo(other.departure().agreed());
        assertThat(one.pulls()).hasSameSizeAs(readings.get(i).axes());
        for (int axis = 0; axis < one.pulls().length; axis++) {
          assertThat(one.pulls()[axis]).isCloseTo(other.pulls()[axis], within(TOLERANCE));
          assertThat(one.alignments()[axis])
              .isCloseTo(other.alignments()[axis], within(10 * TOLERANCE))
              .isBetween(-1.0001, 1.0001);
          assertThat(one.promptingPulls()[axis])
              .isCloseTo(other.promptingPulls()[axis], within(TOLERANCE));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void littleOfBothSignsPullsOppositeWaysAndNothingPullsNowhere(String model) throws IOException {
    try (Engine engine = open(model)) {
      Prompts prompts = new Prompts(engine);
      List<Response> forward = Steer.read(engine, prompts.readings(0.004), 1000);
      List<Response> backward = Steer.read(engine, prompts.readings(-0.004), 1000);
      double sums = 0;
      double differences = 0;
      for (int i = 0; i < forward.size(); i++) {
        for (int axis = 0; axis < forward.get(i).pulls().length; axis++) {
          sums += Math.abs(forward.get(i).pulls()[axis] + backward.get(i).pulls()[axis]);
          differences += Math.abs(forward.get(i).pulls()[axis] - backward.get(i).pulls()[axis]);
        }
      }
      assertThat(sums).isLessThan(0.05 * differences);
      assertThat(differences / forward.size()).isGreaterThan(2e-5);

      for (Response response : Steer.read(engine, prompts.readings(0), 1000)) {
        assertThat(response.pulls()).containsOnly(0);
        assertThat(response.alignments()).containsOnly(0);
        assertThat(response.damage()).isZero();
        assertThat(response.promptingPulls()).doesNotContain(new double[] {0}, within(1e-3));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void aTextIsWrittenFromADepartureThatWasWrittenDown(String model) throws IOException {
    try (Engine engine = open(model)) {
      List<Steer.Reading> readings = new Prompts(engine).readings(1.0, 6.0);
      List<Steer.Request> requests = readings.stream().map(Steer.Reading::request).toList();
      List<Response> responses = Steer.read(engine, readings, 1000);
      List<Steer.Begun> begun = new ArrayList<>();
      for (int i = 0; i < requests.size(); i++) {
        Departure known = responses.get(i).departure();
        Departure written = Departure.of(known.agreed(), known.nextToken(), known.margin());
        begun.add(new Steer.Begun(requests.get(i), written));
      }

      List<Steer.Completion> finished = Steer.finish(engine, begun, NEW_TOKENS, List.of(), 1000);

      List<Steer.Completion> decoded = Steer.decode(engine, requests, NEW_TOKENS, List.of(), 1);
      for (int i = 0; i < requests.size(); i++) {
        assertThat(finished.get(i).tokens()).isEqualTo(decoded.get(i).tokens());
        assertThat(finished.get(i).finite()).isTrue();
        float[] logprobs = finished.get(i).logprobs();
        for (int k = responses.get(i).departure().agreed() + 1; k < NEW_TOKENS; k++) {
          assertThat((double) logprobs[k])
              .isCloseTo(decoded.get(i).logprobs()[k], within(TOLERANCE));
        }
      }
      assertThat(finished.stream().filter(text -> Float.isNaN(text.logprobs()[0]))).isNotEmpty();
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

  /** Made-up prompts, the same at every call. */
  private static final class Prompts {
    private final Engine engine;
    private final Random random = new Random(5);

    Prompts(Engine engine) {
      this.engine = engine;
    }

    private int[] tokens(int length) {
      int[] tokens = random.ints(length, 3, engine.shape().nVocab()).toArray();
      tokens[0] = 1;
      return engine.shape().prompt(tokens);
    }

    Baseline baseline(int length) {
      return Baseline.of(engine, Capture.of(engine, tokens(length)), NEW_TOKENS, List.of());
    }

    /** The baseline's text after other words and the base prompt. */
    Continuation after(Baseline baseline, int words) {
      int[] base = baseline.base().tokens();
      int[] context = Arrays.copyOf(tokens(1 + words), words + base.length);
      System.arraycopy(base, 1, context, 1 + words, base.length - 1);
      Score.Text text = new Score.Text(context, baseline.completion().tokens());
      return Continuation.all(engine, List.of(text), Set.of(), 1).get(0);
    }

    /** Cells at every hook point, of three base prompts with axes of their own. */
    List<Steer.Reading> readings(double... scales) {
      random.setSeed(6);
      Activations steering = Capture.of(engine, tokens(6)).activations();
      List<Steer.Reading> readings = new ArrayList<>();
      for (int length : new int[] {4, 9, 6}) {
        Baseline baseline = baseline(length);
        List<Continuation> contexts =
            IntStream.of(3, 5, 2).mapToObj(words -> after(baseline, words)).toList();
        Axis both = new Axis(contexts.subList(0, 2), contexts.subList(2, 3));
        Axis one = new Axis(contexts.subList(2, 3), List.of(baseline.continuation()));
        for (HookPoint hookPoint : HookPoint.of(engine.shape())) {
          for (double scale : scales) {
            Site site =
                new Site(
                    hookPoint, readings.size() % hookPoint.layers(engine.shape()), Site.ALL_HEADS);
            Steer.Request request =
                new Steer.Request(baseline, steering, site, scale, PositionRule.MEAN);
            readings.add(
                Steer.Reading.ofBaseline(
                    request, readings.size() % 2 == 0 ? List.of(both) : List.of(one, both)));
          }
        }
      }
      return readings;
    }
  }
}
