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
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import steersweep.engine.Activations;
import steersweep.engine.Baseline;
import steersweep.engine.Capture;
import steersweep.engine.Continuation;
import steersweep.engine.Dose;
import steersweep.engine.Engine;
import steersweep.engine.EngineException;
import steersweep.engine.PromptTokenizer;
import steersweep.engine.RandomDirection;
import steersweep.engine.Score;
import steersweep.engine.SourceActivations;
import steersweep.engine.Steer;
import steersweep.error.UserError;
import steersweep.model.Dtype;
import steersweep.model.ModelManifest;
import steersweep.plan.Cell;
import steersweep.plan.CellGrid;
import steersweep.plan.CellKind;
import steersweep.plan.Contexts;
import steersweep.plan.PromptPair;
import steersweep.plan.Steering;
import steersweep.plan.SteeringSource;
import steersweep.plan.SweepPlan;

/**
 * Makes what the cells of prompt pairs share. Units come in the sweep's order, so what was made of
 * late is kept: neighbours need it too. Pairs are prepared in groups that the plan alone decides:
 * the last bits of a baseline depend on what shares its batch, and must not depend on which unit
 * came first.
 */
final class PairContexts {
  private static final int KEPT_PROMPTS = 16;

  /** Enough rows for a batch that is worth it. */
  private static final int MOST_IN_GROUP = 64;

  private final Engine engine;
  private final PromptTokenizer tokenizer;
  private final SweepPlan plan;
  private final List<Integer> stopTokens;
  private final Set<Integer> layers;
  private final int batchSize;
  private final List<PromptPair> allPairs;
  private final List<String> allBases;
  private final int group;
  private final int kept;
  private final Recent<PromptPair, PairContext> pairs;
  private final Recent<Source, Added> added;
  private final Recent<String, Baseline> baselines;
  private final Recent<SteeringSource, Activations> steering = new Recent<>(KEPT_PROMPTS);

  /**
   * @param layers layers that cells are steered at
   * @param batchSize most prompts in one run of the model
   * @param grid cells of the whole sweep
   * @param unitCells most cells in a unit
   * @param kept pairs that units under way may share
   */
  PairContexts(
      Engine engine,
      PromptTokenizer tokenizer,
      SweepPlan plan,
      List<Integer> stopTokens,
      Set<Integer> layers,
      int batchSize,
      CellGrid grid,
      int unitCells,
      int kept) {
    this.engine = engine;
    this.tokenizer = tokenizer;
    this.plan = plan;
    this.stopTokens = stopTokens;
    this.layers = layers;
    this.batchSize = batchSize;
    this.allPairs = grid.pairs();
    this.allBases = allPairs.stream().map(PromptPair::basePrompt).distinct().toList();
    long ofPair = grid.size() / allPairs.size();
    this.group = (int) Math.max(1, Math.min(MOST_IN_GROUP, unitCells / ofPair));
    this.kept = Math.max(kept, 2 * group);
    this.pairs = new Recent<>(this.kept);
    this.added = new Recent<>(KEPT_PROMPTS);
    this.baselines = new Recent<>(this.kept);
  }

  /** How many pairs are kept. */
  int kept() {
    return kept;
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

  /** What each of some pairs shares; what is not known is made for its group together. */
  synchronized Map<PromptPair, PairContext> of(Collection<PromptPair> wanted) {
    Map<PromptPair, PairContext> found = new HashMap<>();
    for (PromptPair pair : new LinkedHashSet<>(wanted)) {
      Optional<PairContext> known = pairs.find(pair);
      if (known.isPresent()) {
        found.put(pair, known.get());
      } else if (!found.containsKey(pair)) {
        for (PairContext made : makeGroup(pair)) {
          found.put(made.pair(), made);
          pairs.keep(made.pair(), made);
        }
      }
    }
    return found;
  }

  /** Of the pair alone where its group cannot be made: another of them may be what fails. */
  private List<PairContext> makeGroup(PromptPair pair) {
    List<PromptPair> members = group(allPairs, pair.index());
    try {
      return make(members, false);
    } catch (EngineException e) {
      return make(List.of(pair), true);
    }
  }

  /** Those that are prepared together with the one at an index. */
  private <T> List<T> group(List<T> all, int index) {
    int from = index / group * group;
    return all.subList(from, Math.min(from + group, all.size()));
  }

  /**
   * @param source of a cell with a site
   */
  Added added(Source source, Baseline baseline) {
    return added.get(source, of -> makeAdded(of, baseline));
  }

  private List<PairContext> make(List<PromptPair> members, boolean alone) {
    Map<String, Baseline> ofBases = baselines(members, alone);
    List<int[]> joined =
        members.stream()
            .map(
                pair -> tokenizer.encode(Contexts.joined(pair.steeringPrompt(), pair.basePrompt())))
            .toList();
    List<Steer.Completion> prompted =
        plan.controls().prompted()
            ? Steer.unsteered(engine, joined, plan.newTokens(), stopTokens, batchSize)
            : List.of();
    // the texts of all pairs, read together: of each pair its targets and contrasts
    List<Score.Text> texts = new ArrayList<>();
    for (int i = 0; i < members.size(); i++) {
      PromptPair pair = members.get(i);
      int[] base = baseline(ofBases, pair).base().tokens();
      texts.addAll(texts(base, pair, pair.targetContinuations()));
      texts.addAll(texts(base, pair, pair.contrastContinuations()));
    }
    Iterator<Continuation> read = Continuation.all(engine, texts, layers, batchSize).iterator();
    List<PairContext> made = new ArrayList<>();
    for (int i = 0; i < members.size(); i++) {
      PromptPair pair = members.get(i);
      made.add(
          new PairContext(
              pair,
              joined.get(i),
              baseline(ofBases, pair),
              prompted.isEmpty() ? null : prompted.get(i),
              pair.targetContinuations().stream().map(text -> read.next()).toList(),
              pair.contrastContinuations().stream().map(text -> read.next()).toList()));
    }
    return made;
  }

  private static Baseline baseline(Map<String, Baseline> baselines, PromptPair pair) {
    return Objects.requireNonNull(baselines.get(pair.basePrompt()));
  }

  private Map<String, Baseline> baselines(List<PromptPair> ofPairs, boolean alone) {
    Map<String, Baseline> found = new HashMap<>();
    for (PromptPair pair : ofPairs) {
      String base = pair.basePrompt();
      Optional<Baseline> known = baselines.find(base);
      if (known.isPresent()) {
        found.put(base, known.get());
      } else if (!found.containsKey(base)) {
        found.putAll(
            makeBaselines(alone ? List.of(base) : group(allBases, allBases.indexOf(base))));
      }
    }
    return found;
  }

  private Map<String, Baseline> makeBaselines(List<String> bases) {
    Map<String, Baseline> made = new HashMap<>();
    // one by one: the bits of activations do not depend on what else is captured
    List<Capture.Captured> captured =
        bases.stream().map(base -> Capture.of(engine, tokenizer.encode(base))).toList();
    List<Baseline> all =
        Baseline.all(engine, captured, plan.newTokens(), stopTokens, layers, batchSize);
    for (int i = 0; i < bases.size(); i++) {
      requireFinite(bases.get(i), all.get(i).completion());
      made.put(bases.get(i), all.get(i));
      baselines.keep(bases.get(i), all.get(i));
    }
    return made;
  }

  /** Without a baseline there is nothing to compare with: no cell of the prompt could do better. */
  private void requireFinite(String base, Steer.Completion baseline) {
    for (float logprob : baseline.logprobs()) {
      if (!Float.isFinite(logprob)) {
        throw new UserError(
            engine.manifest().checkpoint(),
            "the unsteered model's output is not finite; got a log-probability of "
                + logprob
                + " after \""
                + base
                + "\", expected numbers; weights too large for "
                + engine.manifest().dtype().word()
                + "?"
                + (engine.manifest().dtype() == Dtype.FLOAT32
                    ? ""
                    : " --dtype float32 holds larger ones"));
      }
    }
  }

  private List<Score.Text> texts(int[] base, PromptPair pair, List<String> continuations) {
    return continuations.stream()
        .map(text -> tokenizer.encodeContinuation(pair.basePrompt(), text))
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
    if (!(source.pair().steering() instanceof Steering given)) {
      throw new IllegalArgumentException("only a prompt can be shuffled");
    }
    int[] tokens = tokenizer.encode(given.prompt());
    int bos = engine.manifest().bosToken();
    int end = end(tokens);
    int[] words = Arrays.copyOf(tokens, end);
    int[] order = Arrays.copyOf(tokens, tokens.length);
    System.arraycopy(RandomDirection.shuffled(words, bos, seed(source, "")), 0, order, 0, end);
    return SourceActivations.minus(
        engine, tokenizer, Capture.of(engine, order).activations(), given.contrast());
  }

  /** Where a prompt's own words end: what ends an encoder's text and starts a decoder's stays. */
  private int end(int[] tokens) {
    ModelManifest model = engine.manifest();
    int source = model.shape().source(tokens);
    boolean ended = source > 0 && model.eosTokens().contains(tokens[source - 1]);
    return source == 0 ? tokens.length : ended ? source - 1 : source;
  }

  private Activations activations(SteeringSource given) {
    return steering.get(given, of -> SourceActivations.of(engine, tokenizer, of));
  }

  /** Names a draw by what it is of, so that it is the same in every plan. */
  private static String seed(Source source, String basePrompt) {
    return String.join(
        "\0",
        source.kind().word(),
        String.valueOf(source.draw()),
        basePrompt,
        source.pair().steering().identity());
  }
}
