package steersweep.sweep;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import steersweep.engine.BatchSize;
import steersweep.engine.Engine;
import steersweep.engine.PromptTokenizer;
import steersweep.error.UserError;
import steersweep.model.FileHashes;
import steersweep.model.ModelFile;
import steersweep.model.ModelManifest;
import steersweep.model.Processor;
import steersweep.plan.Cell;
import steersweep.plan.CellGrid;
import steersweep.plan.Contexts;
import steersweep.plan.FactorGrid;
import steersweep.plan.Phase;
import steersweep.plan.Site;
import steersweep.plan.Stage;
import steersweep.plan.SweepPlan;
import steersweep.plan.Unit;
import steersweep.result.Chosen;
import steersweep.result.CompletionRow;
import steersweep.result.FactorRow;
import steersweep.result.Json;
import steersweep.result.LogitLens;
import steersweep.result.NotRun;
import steersweep.result.ParquetFiles;
import steersweep.result.Placement;
import steersweep.result.ReadingRow;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.result.RunUnits;
import steersweep.result.UnitLog;

/**
 * Runs one unit after another for one run folder: what is known of its cells is kept, the rest is
 * run, its files are written. What the work is, is {@link Solving}, {@link Screening} or {@link
 * Writing}. Safe to share between threads.
 */
final class UnitRunner implements AutoCloseable {
  /** Enough to know how long prompts are. */
  private static final int SOME_PAIRS = 32;

  private final RunFolder run;
  private final RunManifest manifest;
  private final ModelManifest model;
  private final RunUnits units;
  private final Engine engine;
  private final PromptTokenizer tokenizer;
  private final Optional<EarlierRun> earlier;
  private final StoredReadings stored;
  private final FactorGrid factors;
  private final Solving solving;
  private final Screening screening;
  private final Writing writing;
  private final TextScores scores;
  private final LensReader lens;
  private final UnitPrices prices;
  private final ThreadLocal<@Nullable UnderWay> underWay = new ThreadLocal<>();
  private final DoubleConsumer listener = this::ran;

  private UnitRunner(RunFolder run, RunManifest manifest, SweepSettings settings, Engine engine) {
    this.run = run;
    this.manifest = manifest;
    this.model = Objects.requireNonNull(manifest.model(), "published results are never run");
    this.engine = engine;
    this.earlier = EarlierRun.of(run);
    this.units = RunUnits.of(run);
    this.tokenizer =
        PromptTokenizer.open(Path.of(engine.manifest().checkpoint()), engine.manifest().shape());
    SweepPlan plan = manifest.plan();
    CellGrid grid = units.grid();
    int batchSize =
        settings.batchSize() > 0
            ? settings.batchSize()
            : run.batchSize(
                () -> BatchSize.choose(engine, grid.size(), usualPrompt(), plan.newTokens()));
    List<Integer> stopTokens = plan.stopAtEos() ? model.eosTokens() : List.of();
    PairContexts pairs =
        new PairContexts(
            engine,
            tokenizer,
            plan,
            stopTokens,
            grid.sites().stream().map(Site::layer).collect(Collectors.toSet()),
            batchSize,
            grid,
            manifest.unitCells(),
            settings.parallelism() + 1);
    Placing placing = new Placing(pairs, plan.dose(), new StoredFactors(run));
    Contexts contexts = new Contexts(plan.concepts());
    PairAxes axes = new PairAxes(engine, tokenizer, contexts, batchSize, pairs.kept());
    this.factors = new FactorGrid(grid);
    this.solving = new Solving(engine, pairs, factors, plan.positions());
    this.stored = new StoredReadings(run, grid, manifest.unitCells());
    this.screening = new Screening(engine, placing, axes, contexts, batchSize);
    this.writing = new Writing(engine, tokenizer, placing, plan.newTokens(), stopTokens, batchSize);
    this.scores = new TextScores(engine, tokenizer, contexts, batchSize);
    this.lens = new LensReader(engine, tokenizer, placing);
    this.prices = UnitPrices.of(plan, grid, model.shape(), text -> tokenizer.encode(text).length);
    engine.listen(listener);
  }

  /**
   * @param at told what takes long
   */
  static UnitRunner open(
      RunFolder run, SweepSettings settings, Processor processor, Consumer<Phase> at) {
    RunManifest manifest = run.manifest();
    at.accept(Phase.OPEN);
    requireSameModel(run);
    Engine engine = SharedEngines.take(run, processor, settings.threads());
    try {
      at.accept(Phase.MEASURE);
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
   * Makes the rows of the unit's cells, or factors, that are not known yet, and writes its files.
   *
   * @param progress told how far it is
   * @return why cells failed
   */
  List<String> run(Unit unit, UnderWay progress) {
    underWay.set(progress);
    try {
      return unit.stage() == Stage.SOLVE ? solve(unit) : runCells(unit);
    } finally {
      underWay.remove();
    }
  }

  private void ran(double tokens) {
    UnderWay progress = underWay.get();
    if (progress != null) {
      progress.ran(tokens);
    }
  }

  private void at(Phase phase) {
    UnderWay progress = underWay.get();
    if (progress != null) {
      progress.at(phase);
    }
  }

  /**
   * @param number how many of the unit's cells, or factors, are not known yet
   */
  private void begin(Unit unit, int number) {
    Objects.requireNonNull(underWay.get()).expect(prices.expected(unit.stage(), number));
    at(Phase.of(unit.stage()));
  }

  private void end(Unit unit, int number) {
    prices.took(unit.stage(), number, Objects.requireNonNull(underWay.get()).work());
  }

  private List<String> runCells(Unit unit) {
    List<Cell> planned = cells(unit);
    UnitRows rows = notRun(unit, planned);
    List<Cell> wanted = planned.stream().filter(cell -> !rows.has(cell)).toList();
    rows.addAll(known(unit, wanted));
    List<Cell> left = wanted.stream().filter(cell -> !rows.has(cell)).toList();
    begin(unit, left.size());
    rows.addAll(Attempts.of(unit.name(), left, work(unit), (cell, why) -> failed(unit, cell, why)));
    end(unit, left.size());
    rows.write(run, unit, footer(unit));
    return rows.failures();
  }

  private Map<String, String> footer(Unit unit) {
    return Map.of(
        "steersweep.key", manifest.key(),
        "steersweep.unit", unit.id(),
        "steersweep.model", model.fingerprint(),
        "steersweep.created", manifest.created());
  }

  private List<String> solve(Unit unit) {
    Map<FactorRow.Key, FactorRow> known = knownFactors(unit);
    List<FactorRow> rows = new ArrayList<>();
    int left = Math.max(0, unit.size() - known.size());
    begin(unit, left);
    Attempts.each(
        unit.name(),
        factors.places(unit),
        places -> rows.addAll(solving.rows(unit.id(), places, known)),
        (place, why) ->
            factors
                .settings(place.source())
                .forEach(
                    setting ->
                        rows.add(
                            FactorRow.without(
                                FactorRow.Key.of(place, setting),
                                unit.id(),
                                0,
                                CompletionRow.FAILED,
                                why))));
    end(unit, left);
    List<String> failures =
        rows.stream()
            .filter(row -> row.status().equals(CompletionRow.FAILED))
            .map(row -> String.valueOf(row.message()))
            .toList();
    if (!failures.isEmpty()) {
      run.noteFailure(unit, failures.size(), failures.get(0));
    }
    List<GenericRecord> records = rows.stream().map(FactorRow::toRecord).toList();
    ParquetFiles.write(run.file(unit), FactorRow.SCHEMA, records, footer(unit));
    run.clearAttempts(unit, failures.isEmpty());
    return failures;
  }

  /** What an earlier attempt at this unit found, and what the run that this one extends has. */
  private Map<FactorRow.Key, FactorRow> knownFactors(Unit unit) {
    List<FactorRow> rows = new ArrayList<>();
    earlier.ifPresent(of -> rows.addAll(of.factors().all()));
    Path kept = run.keptFile(unit);
    if (Files.exists(kept)) {
      ParquetFiles.read(kept, row -> rows.add(FactorRow.of(row)));
    }
    return rows.stream()
        .filter(row -> !row.status().equals(CompletionRow.FAILED))
        .collect(
            Collectors.toMap(FactorRow::of, row -> row.inUnit(unit.id()), (one, other) -> other));
  }

  private List<Cell> cells(Unit unit) {
    return switch (unit.stage()) {
      case SOLVE -> throw new IllegalArgumentException("factors are no cells");
      case SCREEN -> units.grid().cells(unit);
      case WRITE -> {
        Chosen chosen = units.chosen().orElseThrow(() -> new IllegalStateException("no choice"));
        yield chosen.cells(unit).mapToObj(units.grid()::cell).toList();
      }
    };
  }

  /** Rows of cells that get no text since a smaller setting makes texts incoherent already. */
  private UnitRows notRun(Unit unit, List<Cell> planned) {
    UnitRows rows = new UnitRows();
    if (unit.stage() != Stage.WRITE) {
      return rows;
    }
    NotRun notRun =
        new NotRun(units.chosen().map(Chosen::incoherent).orElse(List.of()), units.grid());
    List<Cell> cells = planned.stream().filter(cell -> notRun.of(cell).isPresent()).toList();
    for (ReadingRow reading : stored.of(cells)) {
      if (reading.ok()) {
        String why = notRun.of(reading.cell()).orElseThrow().why();
        Placement at = reading.at().inUnit(unit.id());
        rows.add(CompletionRow.without(at, CompletionRow.SKIPPED, why));
      }
    }
    return rows;
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

  private Function<List<Cell>, UnitRows> work(Unit unit) {
    return switch (unit.stage()) {
      case SOLVE -> throw new IllegalArgumentException("factors are no cells");
      case SCREEN -> cells -> read(unit, cells);
      case WRITE -> cells -> write(unit, cells);
    };
  }

  private UnitRows read(Unit unit, List<Cell> cells) {
    UnitRows rows = new UnitRows();
    screening.rows(unit.id(), cells).forEach(rows::add);
    return rows;
  }

  private UnitRows write(Unit unit, List<Cell> cells) {
    UnitRows rows = new UnitRows();
    at(Phase.WRITE);
    List<Writing.Written> written = writing.write(unit.id(), stored.of(cells));
    written.forEach(one -> rows.add(one.row()));
    run.log().write(UnitLog.SCORING, unit.name());
    at(Phase.SCORE);
    scores
        .rows(
            unit.id(),
            written.stream().filter(one -> one.row().status().equals(CompletionRow.OK)).toList())
        .forEach(rows::add);
    return rows;
  }

  private static UnitRows failed(Unit unit, Cell cell, String why) {
    UnitRows rows = new UnitRows();
    Placement at = Placement.unknown(cell, unit.id());
    switch (unit.stage()) {
      case SOLVE -> throw new IllegalArgumentException("factors are no cells");
      case SCREEN -> rows.add(ReadingRow.failed(at, why));
      case WRITE -> rows.add(CompletionRow.without(at, CompletionRow.FAILED, why));
    }
    return rows;
  }

  /** Tokens of a usual base prompt. */
  private int usualPrompt() {
    return (int)
        Math.ceil(
            units.grid().pairs().stream()
                .limit(SOME_PAIRS)
                .mapToInt(pair -> tokenizer.encode(pair.basePrompt()).length)
                .average()
                .orElse(1));
  }

  /**
   * What residual streams point to.
   *
   * @param keys of steered cells
   */
  LogitLens lens(List<Long> keys) {
    return lens.read(keys.stream().map(units.grid()::cell).toList());
  }

  @Override
  public void close() {
    engine.forget(listener);
    SharedEngines.give(engine);
    tokenizer.close();
  }
}
