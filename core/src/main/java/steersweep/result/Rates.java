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

  /**
   * What a token took.
   *
   * @param seconds by the clock
   * @param processorSeconds of all threads; the same as {@code seconds} where processors do not
   *     decide, as on a GPU
   */
  public record Took(double seconds, double processorSeconds) {
    private double share() {
      return processorSeconds / seconds;
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
   * @return empty where a stage was never run
   */
  public Map<Stage, Estimate> estimates(String key, Effort effort) {
    Map<String, List<Took>> known = all().getOrDefault(key, Map.of());
    Map<Stage, Estimate> estimates = new EnumMap<>(Stage.class);
    for (Map.Entry<Stage, Double> stage : effort.tokens().entrySet()) {
      List<Took> measured = known.get(stage.getKey().word());
      if (measured == null || measured.isEmpty()) {
        return Map.of();
      }
      estimates.put(stage.getKey(), estimate(measured, stage.getValue()));
    }
    return estimates;
  }

  /** The same of all stages together; empty where one was never run. */
  public Optional<Estimate> estimate(String key, Effort effort) {
    return estimates(key, effort).values().stream().reduce(Estimate::plus);
  }

  private static Estimate estimate(List<Took> measured, double tokens) {
    double share = measured.stream().mapToDouble(Took::share).max().orElseThrow();
    double[] rates =
        measured.stream().mapToDouble(took -> took.processorSeconds() / share * tokens).toArray();
    double around = rates.length == 1 ? ONCE : OFTEN;
    return new Estimate(
        Arrays.stream(rates).min().orElseThrow() / around,
        rates[rates.length - 1],
        Arrays.stream(rates).max().orElseThrow() * around);
  }

  /** Keeps what a token took in stages. */
  public void keep(String key, Map<Stage, Took> forToken) {
    Map<String, Map<String, List<Took>>> all = all();
    Map<String, List<Took>> ofKey = all.computeIfAbsent(key, of -> new LinkedHashMap<>());
    new TreeMap<>(forToken)
        .forEach(
            (stage, rate) -> {
              List<Took> rates = ofKey.computeIfAbsent(stage.word(), of -> new ArrayList<>());
              rates.add(rate);
              while (rates.size() > KEPT) {
                rates.remove(0);
              }
            });
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Json.write(file, all);
    } catch (IOException e) {
      // the next sweep does without
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
