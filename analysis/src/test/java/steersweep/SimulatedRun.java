package steersweep;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import steersweep.measure.Measure;
import steersweep.measure.Measures;
import steersweep.model.HookPoint;
import steersweep.plan.Cell;
import steersweep.plan.CellKind;
import steersweep.plan.PositionRule;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;
import steersweep.plan.Stage;
import steersweep.plan.Unit;
import steersweep.result.CompletionRow;
import steersweep.result.Json;
import steersweep.result.ParquetFiles;
import steersweep.result.Placement;
import steersweep.result.ReadingRow;
import steersweep.result.Repetition;
import steersweep.result.RunFolder;
import steersweep.result.ScoreRow;

/**
 * A run folder of any size with made-up results whose truth is known, controls included. It is
 * written unit by unit, so that a million cells need little memory. The same settings give the same
 * run.
 *
 * <p>Values write little into the residual stream and steer where they do; block outputs write much
 * and break the texts. Random directions move the texts too, and so do steered ones: that drift is
 * no effect of steering.
 *
 * @param concepts concepts
 * @param bases base prompts of each concept, each a cluster
 * @param steerings steering prompts of each concept, each paired with every base prompt
 * @param layers layers of the model, all swept
 * @param heads single heads swept at hook point value, beside all heads together; 0..4
 * @param scales scales
 * @param draws random directions for each site and |scale|
 * @param effect true mean effect of a strong dose, nats per token; 0 makes a sweep in which nothing
 *     works
 * @param seed of everything random
 */
public record SimulatedRun(
    int concepts,
    int bases,
    int steerings,
    int layers,
    int heads,
    List<Double> scales,
    int draws,
    double effect,
    long seed) {
  private static final int UNIT_CELLS = 1024;
  private static final double DRIFT = 0.3;
  private static final double UNLIKE_BASES = 0.25;
  private static final double NOISE = 0.25;
  private static final String[] WORDS =
      ("rice and beans a sweet pie with cream roast beef gravy I went to the market where old man"
              + " sells carrots my friends laughed at me then we all went home before it rained nobody"
              + " knew why dog was barking so loudly long fence")
          .split(" ");

  /** The size of the demo sweep: 24 prompt pairs on 12 base prompts, 8 layers, 4 heads. */
  public static SimulatedRun ofDemoSize(double effect, long seed) {
    return new SimulatedRun(
        4, 3, 2, 8, 4, List.of(-10.0, -5.0, -2.0, -1.0, 1.0, 2.0, 5.0, 10.0), 1, effect, seed);
  }

  public int pairs() {
    return concepts * bases * steerings;
  }

  /** Cells of the whole run. */
  public long cells() {
    long strengths = scales.stream().map(Math::abs).distinct().count();
    return pairs() * (2 + sites().size() * (scales.size() + draws * strengths));
  }

  /** |what is added| / |residual stream|. */
  public double doseResidual(Site site, double scale) {
    double share = site.hookPoint() == HookPoint.VALUE ? site.allHeads() ? 0.02 : 0.01 : 0.1;
    return share * Math.abs(scale);
  }

  /** The true mean effect of steering beyond what a random direction does. */
  public double truth(Site site, double scale) {
    double depth = (site.layer() + 0.5) / layers;
    double place = Math.exp(-Math.pow((depth - 0.3) / 0.2, 2));
    double strength = Math.tanh(10 * doseResidual(site, scale));
    return Math.signum(scale) * effect * place * strength * (scale < 0 ? 0.5 : 1);
  }

  /** Writes the folder and gives it back. */
  public RunFolder write(Path path) {
    RunFolder folder = new RunFolder(path);
    folder.prepare();
    Writer writer = new Writer(folder);
    List<PromptPair> pairs = promptPairs();
    pairs.forEach(writer::pair);
    writer.flush();
    try {
      Json.write(
          folder.manifestFile(),
          SyntheticRun.manifest("simulated", pairs, layers, UNIT_CELLS, cells(), writer.units));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return folder;
  }

  private List<PromptPair> promptPairs() {
    List<PromptPair> pairs = new ArrayList<>();
    for (int concept = 0; concept < concepts; concept++) {
      for (int base = 0; base < bases; base++) {
        for (int steering = 0; steering < steerings; steering++) {
          pairs.add(
              new PromptPair(
                  pairs.size(),
                  "concept " + concept,
                  "My base prompt " + base + " on concept " + concept + " is",
                  "I like number " + steering + " of concept " + concept + ".",
                  List.of()));
        }
      }
    }
    return pairs;
  }

  /** Every site of the run. */
  public List<Site> sites() {
    List<Site> sites = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      for (int head = Site.ALL_HEADS; head < heads; head++) {
        sites.add(new Site(HookPoint.VALUE, layer, head));
      }
      sites.add(SyntheticRun.whole(HookPoint.RESIDUAL_POST, layer));
    }
    return sites;
  }

  /** Makes rows and writes them, a unit at a time. */
  private final class Writer {
    private final RunFolder folder;
    private final Random random = new Random(seed);
    private final List<Site> sites = sites();
    private final List<GenericRecord> readings = new ArrayList<>();
    private final List<GenericRecord> completions = new ArrayList<>();
    private final List<GenericRecord> scores = new ArrayList<>();
    private final double[] tasteOfBase =
        IntStream.range(0, concepts * bases)
            .mapToDouble(i -> UNLIKE_BASES * random.nextGaussian())
            .toArray();
    private long cell;
    private int units;

    Writer(RunFolder folder) {
      this.folder = folder;
    }

    void pair(PromptPair pair) {
      double uptake = 0.1 * random.nextGaussian();
      String text = words(8);
      add(pair, CellKind.BASELINE, null, null, 0, text, uptake, 0, text);
      add(pair, CellKind.PROMPTED, null, null, 0, words(9), uptake + 0.6 * effect, -0.2, text);
      double taste = effect * tasteOfBase[pair.index() / steerings];
      for (Site site : sites) {
        for (double scale : scales) {
          double steered = truth(site, scale) + taste * Math.tanh(10 * doseResidual(site, scale));
          steer(pair, CellKind.STEERED, null, site, scale, uptake, steered, text);
        }
        for (double scale : scales.stream().map(Math::abs).distinct().toList()) {
          for (int draw = 0; draw < draws; draw++) {
            steer(pair, CellKind.RANDOM, draw, site, scale, uptake, 0, text);
          }
        }
      }
    }

    private void steer(
        PromptPair pair,
        CellKind kind,
        @Nullable Integer draw,
        Site site,
        double scale,
        double uptake,
        double effectHere,
        String baseline) {
      double dose = doseResidual(site, scale);
      if (random.nextDouble() > 1 - Math.exp(-60 * dose)) {
        add(pair, kind, draw, site, scale, baseline, uptake, 0, baseline);
        return;
      }
      double moved = effectHere + DRIFT * dose + NOISE * random.nextGaussian();
      double fluency = -0.15 - 2 * dose * dose + 0.2 * random.nextGaussian();
      add(pair, kind, draw, site, scale, words(9), uptake + moved, fluency, baseline);
    }

    private void add(
        PromptPair pair,
        CellKind kind,
        @Nullable Integer draw,
        @Nullable Site site,
        double scale,
        String text,
        double uptake,
        double fluency,
        String baseline) {
      double dose = site == null ? 0 : doseResidual(site, scale);
      Unit unit = new Unit(Stage.WRITE, units, 0, UNIT_CELLS);
      Cell row = new Cell(cell++, kind, draw, pair, site, scale, PositionRule.MEAN);
      Placement at =
          site == null
              ? Placement.nowhere(row, unit.id())
              : new Placement(row, unit.id(), scale, Math.abs(scale), dose);
      List<Integer> tokens =
          IntStream.range(0, 16).map(i -> text.hashCode() >>> i & 511).boxed().toList();
      boolean same = text.equals(baseline);
      Measures read =
          kind == CellKind.PROMPTED
              ? Measures.NONE
              : Measures.NONE
                  .with(Measure.DAMAGE_LAST, dose * dose)
                  .with(Measure.DAMAGE, 2 * dose * dose);
      readings.add(
          new ReadingRow(at, read, List.of(), List.of(), null, CompletionRow.OK, null).toRecord());
      completions.add(
          new CompletionRow(at, tokens, text, false, same, CompletionRow.OK, null).toRecord());
      scores.add(
          new ScoreRow(
                  row.index(),
                  unit.id(),
                  new Repetition(1, dose > 1 ? 0.5 : 1, 1, 0.9)
                      .measures()
                      .with(Measure.LOGPROB, -1.5 + fluency)
                      .with(Measure.UPTAKE, uptake)
                      .with(Measure.FLUENCY, fluency))
              .toRecord());
      if (completions.size() == UNIT_CELLS) {
        flush();
      }
    }

    void flush() {
      if (!completions.isEmpty()) {
        Unit unit = new Unit(Stage.WRITE, units++, 0, UNIT_CELLS);
        ParquetFiles.write(folder.readingsFile(unit), ReadingRow.SCHEMA, readings, Map.of());
        ParquetFiles.write(folder.scoresFile(unit), ScoreRow.SCHEMA, scores, Map.of());
        ParquetFiles.write(
            folder.completionsFile(unit), CompletionRow.SCHEMA, completions, Map.of());
        readings.clear();
        completions.clear();
        scores.clear();
      }
    }

    private String words(int count) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < count; i++) {
        text.append(' ').append(WORDS[random.nextInt(WORDS.length)]);
      }
      return text.toString();
    }
  }
}
