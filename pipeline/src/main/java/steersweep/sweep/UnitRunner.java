package steersweep.sweep;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
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
  private final Map<Integer, PairContext> contexts = new HashMap<>();

  private UnitRunner(RunFolder run, RunManifest manifest, SweepSettings settings, Engine engine) {
    this.run = run;
    this.manifest = manifest;
    this.model = Objects.requireNonNull(manifest.model(), "published results are never run");
    this.settings = settings;
    this.engine = engine;
    this.grid = CellGrid.of(manifest.plan(), model.shape(), manifest.planFile());
    this.tokenizer = PromptTokenizer.open(Path.of(model.checkpoint()));
  }

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
    PairContext context = context(unit.pair());
    List<Cell> cells = grid.cells(unit);
    List<Steer.Completion> completions = generate(context, cells);
    Map<List<Integer>, double[]> logprobs = score(context, completions);
    List<GenericRecord> completionRows = new ArrayList<>();
    List<GenericRecord> scoreRows = new ArrayList<>();
    for (int i = 0; i < cells.size(); i++) {
      CompletionRow row = completionRow(unit, context, cells.get(i), completions.get(i));
      completionRows.add(row.toRecord());
      double[] ofText = logprobs.get(completions.get(i).tokens());
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

  private PairContext context(int pair) {
    synchronized (contexts) {
      PairContext known = contexts.get(pair);
      if (known == null) {
        if (contexts.size() > settings.parallelism()) {
          contexts.clear(); // units come pair by pair: older pairs are done, or nearly
        }
        known =
            PairContext.of(
                engine,
                tokenizer,
                grid.pairs().get(pair),
                grid.positions(),
                newTokens(),
                stopTokens());
        contexts.put(pair, known);
      }
      return known;
    }
  }

  private int newTokens() {
    return manifest.plan().newTokens();
  }

  private List<Integer> stopTokens() {
    return manifest.plan().stopAtEos() ? model.eosTokens() : List.of();
  }

  private List<Steer.Completion> generate(PairContext context, List<Cell> cells) {
    List<Steer.Request> requests =
        cells.stream()
            .map(
                cell ->
                    new Steer.Request(
                        context.baseline(),
                        context.steering(),
                        cell.site(),
                        cell.scale(),
                        cell.positions()))
            .toList();
    return Steer.complete(engine, requests, newTokens(), stopTokens(), settings.batchSize());
  }

  /**
   * For each different text: its mean log-probability after the base prompt, and after steering
   * prompt + base prompt.
   */
  private Map<List<Integer>, double[]> score(
      PairContext context, List<Steer.Completion> completions) {
    LinkedHashSet<List<Integer>> different = new LinkedHashSet<>();
    completions.forEach(completion -> different.add(completion.tokens()));
    List<Score.Text> texts = new ArrayList<>();
    different.forEach(
        tokens -> texts.add(new Score.Text(context.baseline().base().tokens(), tokens)));
    different.forEach(tokens -> texts.add(new Score.Text(context.joined(), tokens)));
    double[] means = Score.meanLogprobs(engine, texts, settings.batchSize());
    Map<List<Integer>, double[]> byText = new HashMap<>();
    int i = 0;
    for (List<Integer> tokens : different) {
      byText.put(tokens, new double[] {means[i], means[i + different.size()]});
      i++;
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
        unit.id(),
        cell.site() == null ? 0 : context.dose().at(cell.site(), cell.scale()),
        tokens,
        tokenizer.decodeContinuation(context.baseline().base().tokens(), tokens),
        stopTokens().contains(tokens.get(tokens.size() - 1)),
        tokens.equals(context.baseline().completion().tokens()),
        finite ? CompletionRow.OK : CompletionRow.FAILED,
        finite ? null : "the steered model's output is not finite");
  }

  private ScoreRow scoreRow(
      CompletionRow row, PairContext context, Steer.Completion completion, double[] logprobs) {
    return new ScoreRow(
        row.cell().index(),
        row.unit(),
        logprobs[0],
        logprobs[1],
        logprobs[1] - logprobs[0],
        logprobs[0] - context.baselineLogprob(),
        completion.klLast(),
        completion.klContinuation(),
        Repetition.of(completion.tokens(), row.text()),
        TargetWords.hits(row.text(), context.pair().targetWords()));
  }

  @Override
  public void close() {
    engine.close();
    tokenizer.close();
  }
}
