package steersweep.sweep;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import steersweep.engine.Activations;
import steersweep.engine.Baseline;
import steersweep.engine.Capture;
import steersweep.engine.Continuation;
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
  private final Set<Integer> layers;
  private final int batchSize;
  private final Recent<PromptPair, PairContext> pairs;
  private final Recent<Source, Added> added;
  private final Recent<String, Baseline> baselines;
  private final Recent<Steering, Activations> steering = new Recent<>(KEPT_PROMPTS);

  /**
   * @param layers layers that cells are steered at
   * @param batchSize most prompts in one run of the model
   * @param kept pairs that units under way may share
   */
  PairContexts(
      Engine engine,
      PromptTokenizer tokenizer,
      SweepPlan plan,
      List<Integer> stopTokens,
      Set<Integer> layers,
      int batchSize,
      int kept) {
    this.engine = engine;
    this.tokenizer = tokenizer;
    this.plan = plan;
    this.stopTokens = stopTokens;
    this.layers = layers;
    this.batchSize = batchSize;
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

  /** What each of some pairs shares; what is not known is made for all of them together. */
  synchronized Map<PromptPair, PairContext> of(Collection<PromptPair> wanted) {
    Map<PromptPair, PairContext> found = new HashMap<>();
    List<PromptPair> missing = new ArrayList<>();
    for (PromptPair pair : new LinkedHashSet<>(wanted)) {
      pairs.find(pair).ifPresentOrElse(known -> found.put(pair, known), () -> missing.add(pair));
    }
    for (PairContext made : make(missing)) {
      found.put(made.pair(), made);
      pairs.keep(made.pair(), made);
    }
    return found;
  }

  /**
   * @param source of a cell with a site
   */
  Added added(Source source, Baseline baseline) {
    return added.get(source, of -> makeAdded(of, baseline));
  }

  private List<PairContext> make(List<PromptPair> missing) {
    Map<String, Baseline> ofBases = baselines(missing);
    List<int[]> joined =
        missing.stream().map(pair -> tokenizer.encode(PairContext.joined(pair))).toList();
    List<Steer.Completion> prompted =
        plan.controls().prompted()
            ? Steer.unsteered(engine, joined, plan.newTokens(), stopTokens, batchSize)
            : List.of();
    // the texts of all pairs, read together: of each pair its reference, targets and contrasts
    List<Score.Text> texts = new ArrayList<>();
    for (int i = 0; i < missing.size(); i++) {
      PromptPair pair = missing.get(i);
      int[] base = baseline(ofBases, pair).base().tokens();
      if (!prompted.isEmpty()) {
        texts.add(new Score.Text(base, prompted.get(i).tokens()));
      }
      texts.addAll(texts(base, pair, pair.targetContinuations()));
      texts.addAll(texts(base, pair, pair.contrastContinuations()));
    }
    Iterator<Continuation> read = Continuation.all(engine, texts, layers, batchSize).iterator();
    List<PairContext> made = new ArrayList<>();
    for (int i = 0; i < missing.size(); i++) {
      PromptPair pair = missing.get(i);
      made.add(
          new PairContext(
              pair,
              joined.get(i),
              baseline(ofBases, pair),
              prompted.isEmpty() ? null : prompted.get(i),
              prompted.isEmpty() ? null : read.next(),
              pair.targetContinuations().stream().map(text -> read.next()).toList(),
              pair.contrastContinuations().stream().map(text -> read.next()).toList()));
    }
    return made;
  }

  private static Baseline baseline(Map<String, Baseline> baselines, PromptPair pair) {
    return Objects.requireNonNull(baselines.get(pair.basePrompt()));
  }

  private Map<String, Baseline> baselines(List<PromptPair> ofPairs) {
    Map<String, Baseline> found = new HashMap<>();
    List<String> missing = new ArrayList<>();
    for (String base : new LinkedHashSet<>(ofPairs.stream().map(PromptPair::basePrompt).toList())) {
      baselines
          .find(base)
          .ifPresentOrElse(known -> found.put(base, known), () -> missing.add(base));
    }
    // one by one: the bits of activations do not depend on what else is captured
    List<Capture.Captured> captured =
        missing.stream().map(base -> Capture.of(engine, tokenizer.encode(base))).toList();
    List<Baseline> made =
        Baseline.all(engine, captured, plan.newTokens(), stopTokens, layers, batchSize);
    for (int i = 0; i < missing.size(); i++) {
      found.put(missing.get(i), made.get(i));
      baselines.keep(missing.get(i), made.get(i));
    }
    return found;
  }

  private List<Score.Text> texts(int[] base, PromptPair pair, List<String> continuations) {
    return continuations.stream()
        .map(text -> Prompts.continuation(tokenizer, pair.basePrompt(), text))
        .map(tokens -> new Score.Text(base, Arrays.stream(tokens).boxed().toList()))
        .toList();
  }

  private Added makeAdded(Source source, Baseline baseline) {
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
