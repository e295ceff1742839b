package steersweep.sweep;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import steersweep.engine.BatchSize;
import steersweep.engine.DoseResidual;
import steersweep.engine.Engine;
import steersweep.engine.PromptTokenizer;
import steersweep.engine.ResidualWords;
import steersweep.engine.Response;
import steersweep.engine.Score;
import steersweep.engine.Steer;
import steersweep.error.UserError;
import steersweep.measure.Measures;
import steersweep.model.FileHashes;
import steersweep.model.ModelFile;
import steersweep.model.ModelManifest;
import steersweep.model.Processor;
import steersweep.plan.Cell;
import steersweep.plan.CellGrid;
import steersweep.plan.CellKind;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;
import steersweep.plan.Unit;
import steersweep.result.CompletionRow;
import steersweep.result.Json;
import steersweep.result.LogitLens;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.result.UnitLog;

/**
 * Runs one unit after another for one run folder: generate, score, write. Safe to share between
 * threads.
 */
final class UnitRunner implements AutoCloseable {
  /** Enough to know how long prompts are. */
  private static final int SOME_PAIRS = 32;

  /** Words shown after each block. */
  private static final int LENS_WORDS = 5;

  private static final String NO_SCALE =
      "no scale makes this dose: what is added, or what it is added to, is 0";

  private final RunFolder run;
  private final RunManifest manifest;
  private final ModelManifest model;
  private final CellGrid grid;
  private final int batchSize;
  private final Engine engine;
  private final PromptTokenizer tokenizer;
  private final PairContexts contexts;
  private final Optional<EarlierRun> earlier;

  private UnitRunner(RunFolder run, RunManifest manifest, SweepSettings settings, Engine engine) {
    this.run = run;
    this.manifest = manifest;
    this.model = Objects.requireNonNull(manifest.model(), "published results are never run");
    this.engine = engine;
    this.earlier = EarlierRun.of(run);
    this.grid = CellGrid.of(manifest.plan(), model.shape(), manifest.planFile());
    this.tokenizer = PromptTokenizer.open(Path.of(engine.manifest().checkpoint()));
    this.batchSize =
        settings.batchSize() > 0
            ? settings.batchSize()
            : run.batchSize(
                () -> BatchSize.choose(engine, grid.size(), usualPrompt(), newTokens()));
    this.contexts =
        new PairContexts(
            engine,
            tokenizer,
            manifest.plan(),
            stopTokens(),
            grid.sites().stream().map(Site::layer).collect(Collectors.toSet()),
            batchSize,
            grid,
            manifest.unitCells(),
            settings.parallelism() + 1);
  }

  /** A text of one prompt pair; cells that share it share its scores. */
  private record ScoredText(PromptPair pair, List<Integer> tokens) {}

  static UnitRunner open(RunFolder run, SweepSettings settings, Processor processor) {
    RunManifest manifest = run.manifest();
    requireSameModel(run);
    Engine engine = SharedEngines.take(run, processor, settings.threads());
    try {
      return new UnitRunner(run, manifest, settings, engine);
    } catch (RuntimeException e) {
      SharedEngines.give(engine);
      throw e;
    }
  }

  /** A model that changed under a run would mix two models' rows. */
  private static void requireSameModel(RunFolder run) {
    ModelManifest model =
        Json.read(run.model().resolve(ModelManifest.MANIFEST_FILE), ModelManifest.class);
    List<String> changes =
        ModelFile.changes(
            model.files(), Path.of(model.checkpoint()), FileHashes.ofThisUser((file, bytes) -> {}));
    if (!changes.isEmpty()) {
      throw new UserError(
          model.checkpoint(),
          "the model is not the one that the run was begun with; " + String.join("; ", changes));
    }
  }

  /**
   * Makes the rows of the unit's cells that are not known yet, and writes its two files.
   *
   * @return why cells failed
   */
  List<String> run(Unit unit) {
    List<Cell> planned = grid.cells(unit);
    UnitRows rows = known(unit, planned);
    List<Cell> left = planned.stream().filter(cell -> !rows.has(cell)).toList();
    rows.addAll(
        Attempts.of(
            unit.id(), left, cells -> rows(unit, cells), (cell, why) -> failed(unit, cell, why)));
    rows.write(
        run,
        unit,
        Map.of(
            "steersweep.key", manifest.key(),
            "steersweep.unit", unit.id(),
            "steersweep.model", model.fingerprint(),
            "steersweep.created", manifest.created()));
    return rows.failures();
  }

  /** What an earlier attempt at this unit left, and what the run that this one extends has. */
  private UnitRows known(Unit unit, List<Cell> planned) {
    UnitRows rows = earlier.map(run -> run.rows(unit, planned)).orElseGet(UnitRows::new);
    Path kept = run.keptFile(unit);
    if (Files.exists(kept)) {
      rows.addAll(UnitRows.good(run, unit, kept));
    }
    return rows;
  }

  private static UnitRows failed(Unit unit, Cell cell, String why) {
    UnitRows rows = new UnitRows();
    rows.add(Rows.failed(unit.id(), cell, why));
    return rows;
  }

  /** Runs some cells of a unit. */
  private UnitRows rows(Unit unit, List<Cell> planned) {
    List<Cell> all = new ArrayList<>(planned);
    all.addAll(comparedElsewhere(planned));
    List<PlacedCell> read = place(all);
    List<PlacedCell> cells = read.subList(0, planned.size());
    Map<PlacedCell, Response> responses = responses(read);
    Map<PlacedCell, Measures> free = TextFreeScores.of(engine, read, responses, batchSize);
    Map<PlacedCell, String> skipped =
        new Survivors(grid, manifest.plan().texts().guards(), free).skipped(cells);
    Map<PlacedCell, Steer.Completion> completions = generate(cells, skipped.keySet(), responses);
    run.log().write(UnitLog.SCORING, unit.id());
    Map<ScoredText, double[]> logprobs = score(cells, completions);
    Map<PlacedCell, Double> residualDoses = residualDoses(cells);
    Rows rows = new Rows(unit.id(), tokenizer, stopTokens());
    UnitRows made = new UnitRows();
    for (PlacedCell cell : cells) {
      double doseResidual = residualDoses.getOrDefault(cell, 0.0);
      Steer.Completion completion = completions.get(cell);
      String why = skipped.get(cell);
      CompletionRow row;
      if (completion != null) {
        row = rows.generated(cell, doseResidual, completion);
      } else if (why != null) {
        row = rows.without(cell, doseResidual, CompletionRow.SKIPPED, why);
      } else {
        row = rows.without(cell, doseResidual, CompletionRow.FAILED, NO_SCALE);
      }
      made.add(row);
      if (!row.status().equals(CompletionRow.FAILED)) {
        made.add(rows.reading(cell, doseResidual, Objects.requireNonNull(free.get(cell))));
        if (completion != null) {
          double[] ofText = logprobs.get(new ScoredText(cell.context().pair(), row.tokens()));
          made.add(rows.score(row, cell, Objects.requireNonNull(ofText)));
        }
      }
    }
    return made;
  }

  /** Tokens of a usual base prompt. */
  private int usualPrompt() {
    return (int)
        Math.ceil(
            grid.pairs().stream()
                .limit(SOME_PAIRS)
                .mapToInt(pair -> tokenizer.encode(pair.basePrompt()).length)
                .average()
                .orElse(1));
  }

  private int newTokens() {
    return manifest.plan().newTokens();
  }

  private List<Integer> stopTokens() {
    return manifest.plan().stopAtEos() ? model.eosTokens() : List.of();
  }

  /** The cells with what they share: each thing once, so that the engine sees what is the same. */
  private List<PlacedCell> place(List<Cell> cells) {
    Map<PromptPair, PairContext> ofPairs = contexts.of(cells.stream().map(Cell::pair).toList());
    Map<PairContexts.Source, PairContexts.Added> ofSources = new HashMap<>();
    List<PlacedCell> placed = new ArrayList<>();
    for (Cell cell : cells) {
      PairContext context = Objects.requireNonNull(ofPairs.get(cell.pair()));
      Site site = cell.site();
      placed.add(
          site == null
              ? PlacedCell.of(cell, context)
              : PlacedCell.of(
                  cell,
                  site,
                  context,
                  ofSources.computeIfAbsent(
                      PairContexts.Source.of(cell),
                      source -> contexts.added(source, context.baseline())),
                  manifest.plan().dose()));
    }
    return placed;
  }

  /**
   * Steered cells beside these that decide, where there are guards, whether controls among these
   * are generated.
   */
  private List<Cell> comparedElsewhere(List<Cell> cells) {
    if (manifest.plan().texts().guards().isEmpty()) {
      return List.of();
    }
    Set<Long> these = cells.stream().map(Cell::index).collect(Collectors.toSet());
    return cells.stream()
        .filter(cell -> cell.site() != null && cell.kind() != CellKind.STEERED)
        .flatMap(cell -> grid.comparedWith(cell).stream())
        .filter(cell -> !these.contains(cell.index()))
        .distinct()
        .toList();
  }

  /** What cells with a site do along their baselines' texts. */
  private Map<PlacedCell, Response> responses(List<PlacedCell> cells) {
    List<PlacedCell> steered = cells.stream().filter(cell -> cell.request() != null).toList();
    List<Response> read =
        Steer.read(
            engine,
            steered.stream()
                .map(cell -> Steer.Reading.ofBaseline(cell.steered(), List.of()))
                .toList(),
            batchSize);
    Map<PlacedCell, Response> responses = new IdentityHashMap<>();
    for (int i = 0; i < steered.size(); i++) {
      responses.put(steered.get(i), read.get(i));
    }
    return responses;
  }

  /** The texts of all cells that are to have one. */
  private Map<PlacedCell, Steer.Completion> generate(
      List<PlacedCell> cells, Set<PlacedCell> skipped, Map<PlacedCell, Response> responses) {
    Map<PlacedCell, Steer.Completion> completions = new IdentityHashMap<>();
    List<PlacedCell> steered = new ArrayList<>();
    for (PlacedCell cell : cells) {
      if (cell.cell().baseline()) {
        completions.put(cell, cell.context().baseline().completion());
      } else if (cell.cell().kind() == CellKind.PROMPTED) {
        completions.put(cell, Objects.requireNonNull(cell.context().prompted()));
      } else if (cell.request() != null && !skipped.contains(cell)) {
        steered.add(cell);
      }
    }
    List<Steer.Completion> ofSteered =
        Steer.finish(
            engine,
            steered.stream().map(cell -> begun(cell, responses)).toList(),
            newTokens(),
            stopTokens(),
            batchSize);
    for (int i = 0; i < steered.size(); i++) {
      completions.put(steered.get(i), ofSteered.get(i));
    }
    return completions;
  }

  private static Steer.Begun begun(PlacedCell cell, Map<PlacedCell, Response> responses) {
    Response response = Objects.requireNonNull(responses.get(cell));
    return new Steer.Begun(cell.steered(), response.departure());
  }

  /**
   * For each different text of a pair: its mean log-probability after the base prompt, and after
   * steering prompt + base prompt. What is known of the baseline's text is taken from there, so
   * that cells with that text have a fluency of exactly 0.
   */
  private Map<ScoredText, double[]> score(
      List<PlacedCell> cells, Map<PlacedCell, Steer.Completion> completions) {
    Map<ScoredText, PairContext> different = new LinkedHashMap<>();
    for (PlacedCell cell : cells) {
      Steer.Completion completion = completions.get(cell);
      if (completion != null) {
        PairContext context = cell.context();
        different.put(new ScoredText(context.pair(), completion.tokens()), context);
      }
    }
    List<Score.Text> texts = new ArrayList<>();
    different.forEach(
        (text, context) -> {
          texts.add(new Score.Text(context.joined(), text.tokens()));
          if (!text.tokens().equals(context.tokens())) {
            texts.add(new Score.Text(context.baseline().base().tokens(), text.tokens()));
          }
        });
    double[] means = Score.meanLogprobs(engine, texts, batchSize);
    Map<ScoredText, double[]> byText = new HashMap<>();
    int next = 0;
    for (Map.Entry<ScoredText, PairContext> text : different.entrySet()) {
      boolean known = text.getKey().tokens().equals(text.getValue().tokens());
      double joined = means[next++];
      double alone = known ? text.getValue().baselineLogprob() : means[next++];
      byText.put(text.getKey(), new double[] {alone, joined});
    }
    return byText;
  }

  /** What is added at one site, at any scale. */
  private record AddedAt(PairContexts.Source source, Site site) {}

  /** Of each cell with a site; measured once for all scales, since it is proportional to them. */
  private Map<PlacedCell, Double> residualDoses(List<PlacedCell> cells) {
    Map<AddedAt, Steer.Request> different = new LinkedHashMap<>();
    for (PlacedCell cell : cells) {
      if (cell.request() != null) {
        different.computeIfAbsent(addedAt(cell), at -> cell.measurable());
      }
    }
    List<Steer.Request> requests = List.copyOf(different.values());
    double[] measured = DoseResidual.of(engine, requests, batchSize);
    Map<AddedAt, Double> ofScaleOne = new HashMap<>();
    for (Map.Entry<AddedAt, Steer.Request> one : different.entrySet()) {
      int i = ofScaleOne.size();
      ofScaleOne.put(one.getKey(), measured[i] / one.getValue().scale());
    }
    Map<PlacedCell, Double> doses = new IdentityHashMap<>();
    for (PlacedCell cell : cells) {
      if (cell.request() != null) {
        double dose = Objects.requireNonNull(ofScaleOne.get(addedAt(cell)));
        doses.put(cell, Math.abs(cell.factor()) * dose);
      }
    }
    return doses;
  }

  private static AddedAt addedAt(PlacedCell cell) {
    Site site = Objects.requireNonNull(cell.cell().site());
    return new AddedAt(PairContexts.Source.of(cell.cell()), site);
  }

  /**
   * What residual streams point to.
   *
   * @param keys of steered cells
   */
  LogitLens lens(List<Long> keys) {
    List<LogitLens.OfCell> read = new ArrayList<>();
    for (PlacedCell cell : place(keys.stream().map(grid::cell).toList())) {
      Steer.Request request = cell.steered();
      List<List<ResidualWords.Word>> without = ResidualWords.of(engine, request, false, LENS_WORDS);
      List<List<ResidualWords.Word>> with = ResidualWords.of(engine, request, true, LENS_WORDS);
      List<LogitLens.Block> blocks = new ArrayList<>();
      for (int layer = 0; layer < with.size(); layer++) {
        blocks.add(
            new LogitLens.Block(words(cell, without.get(layer)), words(cell, with.get(layer))));
      }
      read.add(new LogitLens.OfCell(cell.cell().index(), blocks));
    }
    return new LogitLens(read);
  }

  private List<LogitLens.Word> words(PlacedCell cell, List<ResidualWords.Word> words) {
    return words.stream()
        .map(
            word ->
                new LogitLens.Word(
                    tokenizer.decodeContinuation(cell.prompt(), List.of(word.token())),
                    word.logprob()))
        .toList();
  }

  @Override
  public void close() {
    SharedEngines.give(engine);
    tokenizer.close();
  }
}
