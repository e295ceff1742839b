package steersweep.cli;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import steersweep.device.DeviceChoice;
import steersweep.model.CacheFolder;
import steersweep.model.ModelShape;
import steersweep.plan.CellGrid;
import steersweep.plan.Effort;
import steersweep.plan.Stage;
import steersweep.plan.SweepPlan;
import steersweep.result.Rates;
import steersweep.result.Rates.Estimate;

/** How long a sweep will take here, from what sweeps of models of this size took. */
final class Minutes {
  /** The number changes with what {@link Effort} counts: rates of before say nothing of it. */
  private static final String FILE = "rates-2.json";

  /** A trial knows nothing of what a stage does besides running the model. */
  private static final double OF_TRIAL = 2.5;

  /** Longer than it would take alone by this factor, and other programs are named. */
  private static final double DISTURBED = 1.25;

  /** Letters of a token, usually. */
  private static final int LETTERS = 4;

  private final Rates rates;
  private final String key;
  private final Effort effort;
  private final double texts;
  private final Map<Stage, Double> cells;
  private final Map<Stage, Rates.Took> stages = new EnumMap<>(Stage.class);
  private final Map<Stage, Double> tokensDone = new EnumMap<>(Stage.class);
  private @Nullable Estimate expected;
  private double total;
  private double secondsForToken;

  Minutes(SweepPlan plan, CellGrid grid, ModelShape shape, DeviceChoice choice, int threads) {
    this.rates = new Rates(CacheFolder.ofThisUser().resolve(FILE));
    this.key =
        String.format(
            Locale.ROOT,
            "%d layers, %d wide, %d words, %s, %d threads",
            shape.nLayers(),
            shape.dModel(),
            shape.nVocab(),
            choice.describe(),
            threads);
    this.effort = Effort.of(plan, grid, shape, text -> (text.length() + LETTERS - 1) / LETTERS);
    this.texts = Effort.texts(plan, grid);
    this.cells = Effort.cells(plan, grid);
  }

  /** From earlier sweeps; empty where there was none. */
  Optional<Estimate> known() {
    Optional<Estimate> known = rates.estimate(key, effort);
    known.ifPresent(estimate -> expected = estimate);
    return known;
  }

  /**
   * From a short trial.
   *
   * @param secondsForToken of the whole model
   */
  Estimate tried(double secondsForToken) {
    this.secondsForToken = secondsForToken;
    double all = effort.tokens().values().stream().mapToDouble(tokens -> tokens).sum();
    double likely = secondsForToken * all;
    expected = new Estimate(likely / OF_TRIAL, likely, likely * OF_TRIAL);
    return expected;
  }

  /**
   * What a stage will take at most, as far as earlier sweeps or the trial tell; 0 where they do
   * not.
   *
   * @param number of its cells, or factors
   */
  double seconds(Stage stage, long number) {
    Estimate known = rates.estimates(key, effort).get(stage);
    double whole =
        known != null
            ? known.most()
            : OF_TRIAL * secondsForToken * effort.tokens().getOrDefault(stage, 0.0);
    return whole * number / Math.max(1, cells.getOrDefault(stage, 0.0));
  }

  /** Cells that a stage probably has. */
  long cells(Stage stage) {
    return Math.round(cells.getOrDefault(stage, 0.0));
  }

  /**
   * Notes what a stage took, all of it.
   *
   * @param processorSeconds of this process; the same as {@code seconds} where processors do not
   *     decide
   */
  void took(Stage stage, long cells, double seconds, double processorSeconds) {
    double tokens = effort.tokens().getOrDefault(stage, 0.0);
    // what was chosen is known by now
    double done = stage == Stage.WRITE ? tokens * cells / Math.max(1, texts) : tokens;
    if (done > 0) {
      stages.put(stage, new Rates.Took(done, seconds, processorSeconds));
      tokensDone.put(stage, done);
    }
    total += seconds;
  }

  /** Keeps what was noted for the next sweep. */
  void keep() {
    rates.keep(key, stages);
  }

  /**
   * {@code 12 s; expected were 9.5 s (6.3 s to 14 s)}, and what it would have been without other
   * programs where these took much; empty where nothing was expected.
   */
  Optional<String> compared() {
    boolean whole = stages.keySet().equals(effort.tokens().keySet());
    if (!whole || expected == null) {
      return Optional.empty();
    }
    double alone = undisturbed();
    String disturbed =
        total > DISTURBED * alone
            ? ", about " + words(alone) + " without the other programs of this machine"
            : "";
    return Optional.of(words(total) + disturbed + "; expected were " + words(expected));
  }

  /** Seconds that the same takes with the processors to itself, as far as that was ever seen. */
  private double undisturbed() {
    return rates.estimates(key, new Effort(tokensDone)).values().stream()
        .mapToDouble(Estimate::seconds)
        .sum();
  }

  /** For programs. */
  Map<String, Object> facts() {
    Map<String, Object> facts = new HashMap<>();
    if (expected != null) {
      facts.put("expected_seconds", Math.round(expected.seconds() * 10) / 10.0);
    }
    return facts;
  }

  /** {@code 12 min (8 min to 18 min)}. */
  static String words(Estimate estimate) {
    return words(estimate.seconds())
        + " ("
        + words(estimate.least())
        + " to "
        + words(estimate.most())
        + ")";
  }

  private static String words(double seconds) {
    if (seconds < 90) {
      return String.format(Locale.ROOT, "%.0f s", seconds);
    }
    return seconds < 5400
        ? String.format(Locale.ROOT, "%.1f min", seconds / 60)
        : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }
}
