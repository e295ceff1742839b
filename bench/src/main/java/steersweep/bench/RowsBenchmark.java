package steersweep.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import steersweep.engine.PromptTokenizer;
import steersweep.measure.Measure;
import steersweep.model.HookPoint;
import steersweep.plan.Cell;
import steersweep.plan.PositionRule;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;
import steersweep.result.CompletionRow;
import steersweep.result.ParquetFiles;
import steersweep.result.Placement;
import steersweep.result.Repetition;
import steersweep.result.ScoreRow;

/** Text in and rows out: what a unit costs outside the model. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class RowsBenchmark {
  private static final String PROMPT = "17 4711 23 42 30001 5 99";
  private static final int CELLS = 256;

  @Param("")
  String checkpoint = "";

  private PromptTokenizer tokenizer;
  private int[] prompt;
  private List<Integer> tokens;
  private List<CompletionRow> completions;
  private List<ScoreRow> scores;
  private Path folder;

  @Setup
  public void open() throws IOException {
    folder = Files.createTempDirectory("steersweep-jmh");
    tokenizer = PromptTokenizer.open(Path.of(checkpoint));
    prompt = tokenizer.encode(PROMPT);
    tokens = IntStream.range(1000, 1030).map(i -> i * 31 % 31999).boxed().toList();
    String text = tokenizer.decodeContinuation(prompt, tokens);
    completions = IntStream.range(0, CELLS).mapToObj(i -> completion(i, text + " " + i)).toList();
    scores =
        completions.stream()
            .map(row -> score(row, Repetition.of(row.tokens(), String.valueOf(row.text()))))
            .toList();
  }

  private CompletionRow completion(int index, String text) {
    PromptPair pair = new PromptPair(0, "numbers", PROMPT, "5 6 7 8 9 10 11", List.of());
    Site site = new Site(HookPoint.VALUE, index % 8, Site.ALL_HEADS);
    Cell cell = new Cell(index, pair, site, index / 10.0, PositionRule.LW2023);
    Placement at = new Placement(cell, "00000", index / 10.0, 0.5 + index, 0.1);
    return new CompletionRow(at, tokens, text, false, false, CompletionRow.OK, null);
  }

  private static ScoreRow score(CompletionRow row, Repetition repetition) {
    double of = -row.cell().index() / 7.0;
    return new ScoreRow(
        row.cell().index(),
        row.at().unit(),
        repetition
            .measures()
            .with(Measure.LOGPROB, of)
            .with(Measure.UPTAKE, -of)
            .with(Measure.FLUENCY, of)
            .with(Measure.EVIDENCE, of / 2)
            .with(Measure.TARGET_HITS, 0));
  }

  @TearDown
  public void close() throws IOException {
    tokenizer.close();
    for (String file : List.of("completions.parquet", "scores.parquet")) {
      Files.deleteIfExists(folder.resolve(file));
    }
    Files.delete(folder);
  }

  @Benchmark
  public int[] tokenizePrompt() {
    return tokenizer.encode(PROMPT);
  }

  @Benchmark
  public String decodeCompletion() {
    return tokenizer.decodeContinuation(prompt, tokens);
  }

  @Benchmark
  public Repetition repetitionOfCompletion() {
    return Repetition.of(tokens, completions.get(0).text());
  }

  /** Both files of a unit of 256 cells. */
  @Benchmark
  public void writeUnit() {
    List<GenericRecord> rows = completions.stream().map(CompletionRow::toRecord).toList();
    write("completions.parquet", CompletionRow.SCHEMA, rows);
    write("scores.parquet", ScoreRow.SCHEMA, scores.stream().map(ScoreRow::toRecord).toList());
  }

  private void write(String file, Schema schema, List<GenericRecord> rows) {
    ParquetFiles.write(folder.resolve(file), schema, rows, Map.of("steersweep.unit", "00000"));
  }
}
