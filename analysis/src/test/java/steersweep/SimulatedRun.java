package steersweep;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;
import steersweep.measure.Measure;
import steersweep.measure.Measures;
import steersweep.model.HookPoint;
import steersweep.plan.Cell;
import steersweep.plan.CellKind;
import steersweep.plan.Choice;
import steersweep.plan.ChoiceRule;
import steersweep.plan.PositionRule;
import steersweep.plan.PromptPair;
import steersweep.plan.Site;
import steersweep.plan.Stage;
import steersweep.plan.TextChoice;
import steersweep.plan.Unit;
import steersweep.result.Chosen;
import steersweep.result.CompletionRow;
import steersweep.result.Json;
import steersweep.result.ParquetFiles;
import steersweep.result.Placement;
import steersweep.result.ReadingRow;
import steersweep.result.Repetition;
import steersweep.result.RunFolder;
import steersweep.result.ScoreRow;
import steersweep.score.SimulatedChoices;

/**
 * A run folder of any size with made-up results whose truth is known, controls included. It is
 * written unit by unit, so that a million cells need little memory. The same settings give the same
 * run.
 *
 * <p>Each concept has layers of its own where steering pulls; damage grows with the square of the
 * dose; block outputs are dosed more than values. Random directions pull too, and so do steered
 * ones: that drift is no effect of steering. Evidence of texts follows the pull.
 *
 * @param concepts concepts
 * @param bases base prompts of each concept, each a cluster
 * @param steerings steering prompts of each concept, each paired with every base prompt
 * @param layers layers of the model, all swept
 * @param heads single heads swept at hook point value, beside all heads together; 0..4
 * @param settings settings
 * @param draws random directions for each site and |setting|
 * @param effect true mean pull of a strong dose at a concept's best layer, nats per token; 0 makes
 *     a sweep in which nothing works
 * @param seed of everything random
 * @param texts which cells get a text: all, or the chosen
 */
public record SimulatedRun(
    int concepts,
    int bases,
    int steerings,
    int layers,
    int heads,
    List<Double> settings,
    int draws,
    double effect,
    long seed,
    ChoiceRule texts) {
  /** Evidence of a text for each nat per token of pull. */
  public static final double EVIDENCE_OF_PULL = 15;

  private static final int UNIT_CELLS = 1024;
  private static final double DRIFT = 0.1;
  private static final double UNLIKE_BASES = 0.25;
  private static final double NOISE = 0.05;
  private static final double NOISE_OF_TEXT = 1.5;
  private static final String[] WORDS =
      ("rice and beans a sweet pie with cream roast beef gravy I went to the market where old man"
              + " sells carrots my friends laughed at me then we all went home before it rained nobody"
              + " knew why dog was barking so loudly long fence")
          .split(" ");

  /** Two concepts of twelve base prompts, 6 layers, 2 heads. */
  public static SimulatedRun small(double effect, long seed) {
    return new SimulatedRun(
        2, 12, 1, 6, 2, List.of(-5.0, -2.0, 2.0, 5.0), 1, effect, seed, ChoiceRule.BEST);
  }

  public SimulatedRun withTexts(ChoiceRule rule) {
    return new SimulatedRun(
        concepts, bases, steerings, layers, heads, settings, draws, effect, seed, rule);
  }

  public int pairs() {
    return concepts * bases * steerings;
  }

  /** Cells of the whole run. */
  public long cells() {
    long strengths = settings.stream().map(Math::abs).distinct().count();
    return pairs() * (2 + sites().size() * (settings.size() + draws * strengths));
  }

  public static String concept(int concept) {
    return "concept " + concept;
  }

  /** |what is added| / |residual stream|. */
  public double dose(Site site, double setting) {
    double share = site.hookPoint() == HookPoint.VALUE ? site.allHeads() ? 0.1 : 0.05 : 0.2;
    return share * Math.abs(setting);
  }

  public double damage(Site site, double setting) {
    return 0.5 * dose(site, setting) * dose(site, setting);
  }

  /** The true mean pull of steering beyond what a random direction does. */
  public double truth(int concept, Site site, double setting) {
    double depth = (site.layer() + 0.5) / layers;
    double best = 0.25 + 0.6 * concept / Math.max(1, concepts - 1);
    double place = Math.exp(-Math.pow((depth - best) / 0.15, 2));
    double strength = Math.min(1, dose(site, setting));
    return Math.signum(setting) * effect * place * strength * (setting < 0 ? 0.7 : 1);
  }

  /** Writes the folder and gives it back. */
  public RunFolder write(Path path) {
    RunFolder folder = new RunFolder(path);
    folder.prepare();
    List<PromptPair> pairs = promptPairs();
    Writer writer = new Writer(folder, of -> texts == ChoiceRule.ALL);
    writer.all(pairs);
    manifest(folder, pairs, writer.units);
    List<Choice> choices = SimulatedChoices.of(folder, TextChoice.of(texts));
    Set<List<Object>> points =
        choices.stream()
            .map(c -> List.<Object>of(c.concept(), c.site(), c.setting()))
            .collect(Collectors.toSet());
    BitSet chosen = new BitSet();
    new Writer(folder, of -> chooses(points, of), chosen).all(pairs);
    try {
      Json.write(folder.chosenFile(), new Chosen(texts, choices, Chosen.ranges(chosen)));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return folder;
  }

  private boolean chooses(Set<List<Object>> points, Cell cell) {
    Site site = cell.site();
    if (texts == ChoiceRule.ALL || site == null) {
      return true;
    }
    String concept = cell.pair().concept();
    return points.contains(List.of(concept, site, cell.setting()))
        || cell.kind() == CellKind.RANDOM
            && points.contains(List.of(concept, site, -cell.setting()));
  }

  private void manifest(RunFolder folder, List<PromptPair> pairs, int units) {
    try {
      Json.write(
          folder.manifestFile(),
          SyntheticRun.manifest("simulated", pairs, layers, UNIT_CELLS, cells(), units));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<PromptPair> promptPairs() {
    List<PromptPair> pairs = new ArrayList<>();
    for (int concept = 0; concept < concepts; concept++) {
      for (int base = 0; base < bases; base++) {
        for (int steering = 0; steering < steerings; steering++) {
          pairs.add(
              new PromptPair(
                  pairs.size(),
                  concept(concept),
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

  /** Makes rows and writes them, a unit at a time; the same rows every time. */
  private final class Writer {
    private final RunFolder folder;
    private final Predicate<Cell> withText;
    private final BitSet written;
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

    Writer(RunFolder folder, Predicate<Cell> withText) {
      this(folder, withText, new BitSet());
    }

    Writer(RunFolder folder, Predicate<Cell> withText, BitSet written) {
      this.folder = folder;
      this.withText = withText;
      this.written = written;
    }

    void all(List<PromptPair> pairs) {
      pairs.forEach(this::pair);
      flush();
    }

    private void pair(PromptPair pair) {
      int base = pair.index() / steerings;
      int concept = base / bases;
      String text = words(8);
      double evidence = random.nextGaussian();
      add(cell(CellKind.BASELINE, null, pair, null, 0), 0, evidence, text, text);
      add(cell(CellKind.PROMPTED, null, pair, null, 0), 1, evidence + 12 * effect, words(9), text);
      for (Site site : sites) {
        for (double setting : settings) {
          double pull = truth(concept, site, setting) * (1 + tasteOfBase[base]);
          steer(cell(CellKind.STEERED, null, pair, site, setting), pull, evidence, text);
        }
        for (double setting : settings.stream().map(Math::abs).distinct().toList()) {
          for (int draw = 0; draw < draws; draw++) {
            steer(cell(CellKind.RANDOM, draw, pair, site, setting), 0, evidence, text);
          }
        }
      }
    }

    private Cell cell(
        CellKind kind,
        @Nullable Integer draw,
        PromptPair pair,
        @Nullable Site site,
        double setting) {
      return new Cell(cell++, kind, draw, pair, site, setting, PositionRule.MEAN);
    }

    private void steer(Cell at, double truth, double evidence, String baseline) {
      double dose = dose(at.site(), at.setting());
      double pull = truth + DRIFT * dose + NOISE * random.nextGaussian();
      double ofText =
          evidence
              + EVIDENCE_OF_PULL * (truth + DRIFT * dose)
              + NOISE_OF_TEXT * random.nextGaussian();
      add(at, pull, ofText, words(9), baseline);
    }

    private void add(Cell row, double pull, double evidence, String text, String baseline) {
      Site site = row.site();
      double dose = site == null ? 0 : dose(site, row.setting());
      Unit unit = new Unit(Stage.SCREEN, units, 0, UNIT_CELLS);
      Placement at =
          site == null
              ? Placement.nowhere(row, unit.id())
              : new Placement(row, unit.id(), row.setting(), Math.abs(row.setting()), dose);
      double damage = 0.5 * dose * dose * (1 + 0.1 * random.nextGaussian());
      readings.add(reading(at, pull, damage).toRecord());
      if (withText.test(row)) {
        List<Integer> tokens =
            IntStream.range(0, 16).map(i -> text.hashCode() >>> i & 511).boxed().toList();
        boolean same = text.equals(baseline);
        written.set(Math.toIntExact(row.index()));
        completions.add(
            new CompletionRow(at, tokens, text, false, same, CompletionRow.OK, null).toRecord());
        scores.add(score(row, unit, evidence, dose).toRecord());
      }
      if (readings.size() == UNIT_CELLS) {
        flush();
      }
    }

    private ReadingRow reading(Placement at, double pull, double damage) {
      if (at.cell().site() == null) {
        return new ReadingRow(
            at, Measures.NONE, List.of(), List.of(), null, CompletionRow.OK, null);
      }
      int own = at.cell().pair().index() / steerings / bases;
      List<Double> pulls = new ArrayList<>();
      for (int axis = 0; axis < concepts; axis++) {
        pulls.add(axis == own ? pull : NOISE * random.nextGaussian());
      }
      double others =
          IntStream.range(0, concepts)
              .filter(axis -> axis != own)
              .mapToDouble(pulls::get)
              .average()
              .orElse(Double.NaN);
      Measures measures =
          Measures.NONE
              .with(Measure.DAMAGE_LAST, damage / 2)
              .with(Measure.DAMAGE, damage)
              .with(Measure.PULL, pull)
              .with(Measure.ALIGNMENT, Math.tanh(2 * pull))
              .with(Measure.PULL_PROMPTING, 1)
              .with(Measure.PULL_OTHERS, Double.isNaN(others) ? null : others);
      return new ReadingRow(at, measures, pulls, pulls, null, CompletionRow.OK, null);
    }

    private ScoreRow score(Cell row, Unit unit, double evidence, double dose) {
      int own = row.pair().index() / steerings / bases;
      // the same whether other cells have a text or not
      Random ofText = new Random(seed + 1_000_003 * row.index());
      List<Double> evidences = new ArrayList<>();
      for (int axis = 0; axis < concepts; axis++) {
        evidences.add(axis == own ? evidence : 2 * ofText.nextGaussian());
      }
      return new ScoreRow(
          row.index(),
          unit.id(),
          new Repetition(1, dose > 1.5 ? 0.5 : 1, 1, 0.9)
              .measures()
              .with(Measure.LOGPROB, -1.5 - dose)
              .with(Measure.UPTAKE, 0.1 * ofText.nextGaussian())
              .with(Measure.FLUENCY, -0.2 * dose)
              .with(Measure.EVIDENCE, evidence)
              .with(Measure.RECOGNISED, evidence > 4 ? 1 : 0)
              .with(Measure.COHERENT, dose > 1.5 ? 0 : 1),
          evidences);
    }

    private void flush() {
      if (!readings.isEmpty()) {
        Unit unit = new Unit(Stage.SCREEN, units++, 0, UNIT_CELLS);
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
