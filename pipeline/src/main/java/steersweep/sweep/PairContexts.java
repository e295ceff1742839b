package steersweep.sweep;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import steersweep.engine.Activations;
import steersweep.engine.Baseline;
import steersweep.engine.Capture;
import steersweep.engine.Dose;
import steersweep.engine.Engine;
import steersweep.engine.PromptTokenizer;
import steersweep.engine.RandomDirection;
import steersweep.engine.Score;
import steersweep.engine.Steer;
import steersweep.plan.Cell;
import steersweep.plan.CellKind;
import steersweep.plan.PromptPair;
import steersweep.plan.Steering;
import steersweep.plan.SweepPlan;

/**
 * Makes what the cells of prompt pairs share. Units come in the sweep's order, so what was made of
 * late is kept: neighbours need it too.
 */
final class PairContexts {
  private static final int KEPT_PROMPTS = 16;

  private final Engine engine;
  private final PromptTokenizer tokenizer;
  private final SweepPlan plan;
  private final List<Integer> stopTokens;
  private final Recent<PromptPair, PairContext> pairs;
  private final Recent<Source, Added> added;
  private final Recent<String, Baseline> baselines;
  private final Recent<Steering, Activations> steering = new Recent<>(KEPT_PROMPTS);

  /**
   * @param kept pairs that units under way may share
   */
  PairContexts(
      Engine engine,
      PromptTokenizer tokenizer,
      SweepPlan plan,
      List<Integer> stopTokens,
      int kept) {
    this.engine = engine;
    this.tokenizer = tokenizer;
    this.plan = plan;
    this.stopTokens = stopTokens;
    this.pairs = new Recent<>(kept);
    this.added = new Recent<>(KEPT_PROMPTS);
    this.baselines = new Recent<>(kept);
  }

  /** What is added, but for site and scale: cells of one source share their activations. */
  record Source(PromptPair pair, CellKind kind, @Nullable Integer draw) {
    static Source of(Cell cell) {
      return new Source(cell.pair(), cell.kind(), cell.draw());
    }
  }

  /**
   * @param activations what is added, before it is scaled
   * @param dose how large that is; of a random direction, the dose of what it is as large as
   */
  record Added(Activations activations, Dose dose) {}

  PairContext of(PromptPair pair) {
    return pairs.get(pair, this::make);
  }

  /**
   * @param source of a cell with a site
   */
  Added added(Source source) {
    return added.get(source, this::makeAdded);
  }

  private PairContext make(PromptPair pair) {
    Baseline baseline = baselines.get(pair.basePrompt(), this::baseline);
    int[] joined = tokenizer.encode(PairContext.joined(pair));
    Steer.Completion prompted =
        plan.controls().prompted()
            ? Steer.unsteered(engine, joined, plan.newTokens(), stopTokens)
            : null;
    return new PairContext(
        pair,
        joined,
        baseline,
        prompted,
        prompted == null ? null : continuation(baseline, prompted.tokens()),
        continuations(baseline, pair, pair.targetContinuations()),
        continuations(baseline, pair, pair.contrastContinuations()));
  }

  private Baseline baseline(String basePrompt) {
    return Baseline.of(
        engine, Capture.of(engine, tokenizer.encode(basePrompt)), plan.newTokens(), stopTokens);
  }

  private List<PairContext.Continuation> continuations(
      Baseline baseline, PromptPair pair, List<String> texts) {
    return texts.stream()
        .map(text -> Prompts.continuation(tokenizer, pair.basePrompt(), text))
        .map(tokens -> continuation(baseline, Arrays.stream(tokens).boxed().toList()))
        .toList();
  }

  private PairContext.Continuation continuation(Baseline baseline, List<Integer> tokens) {
    Score.Text text = new Score.Text(baseline.base().tokens(), tokens);
    return new PairContext.Continuation(tokens, Score.meanLogprobs(engine, List.of(text), 1)[0]);
  }

  private Added makeAdded(Source source) {
    PromptPair pair = source.pair();
    Activations own = activations(pair.steering());
    Activations made =
        switch (source.kind()) {
          case STEERED -> own;
          case RANDOM ->
              RandomDirection.like(own, engine.manifest().shape(), seed(source, pair.basePrompt()));
          case SHUFFLED -> shuffled(source);
          case UNRELATED -> activations(Objects.requireNonNull(pair.unrelated()));
          case BASELINE, PROMPTED -> throw new IllegalArgumentException("nothing is added");
        };
    Activations sized = source.kind() == CellKind.RANDOM ? own : made;
    Baseline baseline = of(pair).baseline();
    return new Added(
        made, new Dose(engine.manifest().shape(), baseline.base(), sized, plan.positions()));
  }

  private Activations shuffled(Source source) {
    Steering given = source.pair().steering();
    int[] tokens = tokenizer.encode(given.prompt());
    int bos = engine.manifest().bosToken();
    int[] order = RandomDirection.shuffled(tokens, bos, seed(source, ""));
    return minus(Capture.of(engine, order).activations(), given.contrast());
  }

  /** The activations of a steering prompt, its contrast taken off. */
  private Activations activations(Steering given) {
    return steering.get(given, of -> minus(capture(of.prompt()), of.contrast()));
  }

  private Activations minus(Activations activations, @Nullable String contrast) {
    return contrast == null ? activations : activations.minus(capture(contrast));
  }

  private Activations capture(String prompt) {
    return Capture.of(engine, tokenizer.encode(prompt)).activations();
  }

  /** Names a draw by what it is of, so that it is the same in every plan. */
  private static String seed(Source source, String basePrompt) {
    Steering of = source.pair().steering();
    return String.join(
        "\0",
        source.kind().word(),
        String.valueOf(source.draw()),
        basePrompt,
        of.prompt(),
        String.valueOf(of.contrast()));
  }
}
