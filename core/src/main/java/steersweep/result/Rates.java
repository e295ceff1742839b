package steersweep.result;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import steersweep.error.UserError;
import steersweep.plan.Effort;
import steersweep.plan.Stage;

/**
 * How fast a model of some sizes was on this machine, kept from sweep to sweep: what a token of
 * {@link Effort} took, for each stage, the latest last. Expected is what stages take undisturbed:
 * processor time hardly depends on what else runs, and of the share of processors that a stage had
 * the largest counts.
 *
 * @param file where they are kept
 */
public record Rates(Path file) {
  private static final int KEPT = 5;

  /** What a stage took may be off by this factor, by how often it was measured before. */
  private static final double ONCE = 1.5;

  private static final double OFTEN = 1.3;

  /** A stage so much smaller than the one that is asked about says how long it takes to start. */
  private static final double COMPARABLE = 0.05;

  /**
   * What a stage took.
   *
   * @param tokens its {@link Effort}
   * @param seconds by the clock
   * @param processorSeconds of all threads; the same as {@code seconds} where processors do not
   *     decide, as on a GPU
   */
  public record Took(double tokens, double seconds, double processorSeconds) {
    private double share() {
      return processorSeconds / seconds;
    }

    private boolean comparable(double others) {
      return tokens >= COMPARABLE * others;
    }
  }

  /** Seconds, with what is to be expected at best and at worst. */
  public record Estimate(double least, double seconds, double most) {
    Estimate plus(Estimate other) {
      return new Estimate(least + other.least, seconds + other.seconds, most + other.most);
    }
  }

  /**
   * What each stage will take.
   *
   * @param key of the model and the machine
   * @return empty where no stage of a like size was ever run
   */
  public Map<Stage, Estimate> estimates(String key, Effort effort) {
    Map<String, List<Took>> known = all().getOrDefault(key, Map.of());
    Map<Stage, Estimate> estimates = new EnumMap<>(Stage.class);
    for (Map.Entry<Stage, Double> stage : effort.tokens().entrySet()) {
      List<Took> measured =
          known.getOrDefault(stage.getKey().word(), List.of()).stream()
              .filter(took -> took.comparable(stage.getValue()))
              .toList();
      if (measured.isEmpty()) {
        return Map.of();
      }
      estimates.put(stage.getKey(), estimate(measured, stage.getValue()));
    }
    return estimates;
  }

  /** The same of all stages together; empty where one is unknown. */
  public Optional<Estimate> estimate(String key, Effort effort) {
    return estimates(key, effort).values().stream().reduce(Estimate::plus);
  }

  private static Estimate estimate(List<Took> measured, double tokens) {
    double share = measured.stream().mapToDouble(Took::share).max().orElseThrow();
    double[] rates =
        measured.stream()
            .mapToDouble(took -> took.processorSeconds() / took.tokens() / share * tokens)
            .toArray();
    double around = rates.length == 1 ? ONCE : OFTEN;
    return new Estimate(
        Arrays.stream(rates).min().orElseThrow() / around,
        rates[rates.length - 1],
        Arrays.stream(rates).max().orElseThrow() * around);
  }

  /** Keeps what stages took. */
  public void keep(String key, Map<Stage, Took> stages) {
    Map<String, Map<String, List<Took>>> all = all();
    Map<String, List<Took>> ofKey = all.computeIfAbsent(key, of -> new LinkedHashMap<>());
    new TreeMap<>(stages)
        .forEach(
            (stage, took) ->
                add(took, ofKey.computeIfAbsent(stage.word(), of -> new ArrayList<>())));
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Json.write(file, all);
    } catch (IOException e) {
      // the next sweep does without
    }
  }

  /** One too many: one that is small beside others goes, or else the oldest. */
  private static void add(Took took, List<Took> kept) {
    kept.add(took);
    if (kept.size() > KEPT) {
      double largest = kept.stream().mapToDouble(Took::tokens).max().orElseThrow();
      kept.remove(
          kept.stream().filter(of -> !of.comparable(largest)).findFirst().orElse(kept.get(0)));
    }
  }

  /** By key and stage. */
  private Map<String, Map<String, List<Took>>> all() {
    if (!Files.isRegularFile(file)) {
      return new TreeMap<>();
    }
    try {
      return Json.read(file, Kept.class);
    } catch (UserError damaged) {
      return new TreeMap<>();
    }
  }

  /** The file's type. */
  private static final class Kept extends TreeMap<String, Map<String, List<Took>>> {
    private static final long serialVersionUID = 1L;
  }
}
