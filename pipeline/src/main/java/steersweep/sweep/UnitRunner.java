package steersweep.sweep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.generic.GenericRecord;
import steersweep.engine.Engine;
import steersweep.engine.PromptTokenizer;
import steersweep.engine.Score;
import steersweep.engine.Steer;
import steersweep.model.ModelManifest;
import steersweep.model.Processor;
import steersweep.plan.Cell;
import steersweep.plan.CellGrid;
import steersweep.plan.CellKind;
import steersweep.plan.PromptPair;
import steersweep.plan.Unit;
import steersweep.result.CompletionRow;
import steersweep.result.ParquetFiles;
import steersweep.result.Repetition;
import steersweep.result.RunFolder;
import steersweep.result.RunManifest;
import steersweep.result.ScoreRow;
import steersweep.result.TargetWords;

/**
 * Runs one unit after another for one run folder: generate, score, write. Safe to share between
 * threads.
 */
final class UnitRunner implements AutoCloseable {
  private final RunFolder run;
  private final RunManifest manifest;
  private final ModelManifest model;
  private final CellGrid grid;
  private final SweepSettings settings;
  private final Engine engine;
  private final PromptTokenizer tokenizer;
  private final PairContexts contexts;

  private UnitRunner(RunFolder run, RunManifest manifest, SweepSettings settings, Engine engine) {
    this.run = run;
    this.manifest = manifest;
    this.model = Objects.requireNonNull(manifest.model(), "published results are never run");
    this.settings = settings;
    this.engine = engine;
    this.grid = CellGrid.of(manifest.plan(), model.shape(), manifest.planFile());
    this.tokenizer = PromptTokenizer.open(Path.of(model.checkpoint()));
    this.contexts =
        new PairContexts(
            engine,
            tokenizer,
            grid.positions(),
            newTokens(),
            stopTokens(),
            settings.parallelism() + 1);
  }

  /** A cell with what it shares with the others of its pair. */
  private record Started(Cell cell, PairContext context) {
    Steer.Request request() {
      return new Steer.Request(
          context.baseline(), context.steering(), cell.site(), cell.scale(), cell.positions());
    }
  }

  /** A text of one prompt pair; cells that share it share its scores. */
  private record ScoredText(PromptPair pair, List<Integer> tokens) {}

  static UnitRunner open(RunFolder run, SweepSettings settings, Processor processor) {
    RunManifest manifest = run.manifest();
    Engine engine = Engine.open(run.model(), processor, settings.threads());
    try {
      return new UnitRunner(run, manifest, settings, engine);
    } catch (RuntimeException e) {
      engine.close(); // or every unit that fails here would leave a model in memory
      throw e;
    }
  }

  /** Runs the unit's cells and writes its two files, scores first. */
  void run(Unit unit) {
    List<Cell> cells = grid.cells(unit);
    Map<PromptPair, PairContext> ofPairs = new HashMap<>();
    cells.forEach(cell -> ofPairs.computeIfAbsent(cell.pair(), contexts::of));
    List<Started> started =
        cells.stream()
            .map(cell -> new Started(cell, Objects.requireNonNull(ofPairs.get(cell.pair()))))
            .toList();
    List<Steer.Completion> completions = generate(started);
    Map<ScoredText, double[]> logprobs = score(started, completions);
    List<GenericRecord> completionRows = new ArrayList<>();
    List<GenericRecord> scoreRows = new ArrayList<>();
    for (int i = 0; i < cells.size(); i++) {
      PairContext context = started.get(i).context();
      CompletionRow row = completionRow(unit, context, cells.get(i), completions.get(i));
      completionRows.add(row.toRecord());
      double[] ofText = logprobs.get(new ScoredText(context.pair(), completions.get(i).tokens()));
      if (row.status().equals(CompletionRow.OK) && ofText != null) {
        scoreRows.add(scoreRow(row, context, completions.get(i), ofText).toRecord());
      }
    }
    Map<String, String> footer =
        Map.of(
            "steersweep.key", manifest.key(),
            "steersweep.unit", unit.id(),
            "steersweep.model", model.fingerprint(),
            "steersweep.created", manifest.created());
    ParquetFiles.write(run.scoresFile(unit), ScoreRow.SCHEMA, scoreRows, footer);
    ParquetFiles.write(run.completionsFile(unit), CompletionRow.SCHEMA, completionRows, footer);
  }

  private int newTokens() {
    return manifest.plan().newTokens();
  }

  private List<Integer> stopTokens() {
    return manifest.plan().stopAtEos() ? model.eosTokens() : List.of();
  }

  private List<Steer.Completion> generate(List<Started> started) {
    List<Steer.Request> requests = started.stream().map(Started::request).toList();
    return Steer.complete(engine, requests, newTokens(), stopTokens(), settings.batchSize());
  }

  /**
   * For each different text of a pair: its mean log-probability after the base prompt, and after
   * steering prompt + base prompt. What is known of the baseline's text is taken from there, so
   * that cells with that text have a fluency of exactly 0.
   */
  private Map<ScoredText, double[]> score(
      List<Started> started, List<Steer.Completion> completions) {
    Map<ScoredText, PairContext> different = new LinkedHashMap<>();
    for (int i = 0; i < started.size(); i++) {
      PairContext context = started.get(i).context();
      different.put(new ScoredText(context.pair(), completions.get(i).tokens()), context);
    }
    List<Score.Text> texts = new ArrayList<>();
    different.forEach(
        (text, context) -> {
          texts.add(new Score.Text(context.joined(), text.tokens()));
          if (!text.tokens().equals(context.tokens())) {
            texts.add(new Score.Text(context.baseline().base().tokens(), text.tokens()));
          }
        });
    double[] means = Score.meanLogprobs(engine, texts, settings.batchSize());
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

  private CompletionRow completionRow(
      Unit unit, PairContext context, Cell cell, Steer.Completion completion) {
    boolean finite = Double.isFinite(completion.klLast());
    for (float logprob : completion.logprobs()) {
      finite &= Float.isFinite(logprob);
    }
    List<Integer> tokens = completion.tokens();
    return new CompletionRow(
        cell,
        cell.baseline() ? CellKind.BASELINE : CellKind.STEERED,
        null,
        unit.id(),
        cell.site() == null ? 0 : context.dose().at(cell.site(), cell.scale()),
        cell.baseline() ? 0 : Double.NaN,
        tokens,
        tokenizer.decodeContinuation(context.baseline().base().tokens(), tokens),
        stopTokens().contains(tokens.get(tokens.size() - 1)),
        tokens.equals(context.baseline().completion().tokens()),
        finite ? CompletionRow.OK : CompletionRow.FAILED,
        finite ? null : "the steered model's output is not finite");
  }

  private ScoreRow scoreRow(
      CompletionRow row, PairContext context, Steer.Completion completion, double[] logprobs) {
    String text = Objects.requireNonNull(row.text(), "text of a finished cell");
    return new ScoreRow(
        row.cell().index(),
        row.unit(),
        logprobs[0],
        logprobs[1],
        logprobs[1] - logprobs[0],
        logprobs[0] - context.baselineLogprob(),
        completion.klLast(),
        completion.klContinuation(),
        Repetition.of(completion.tokens(), text),
        TargetWords.hits(text, context.pair().targetWords()),
        null,
        null);
  }

  @Override
  public void close() {
    engine.close();
    tokenizer.close();
  }
}
