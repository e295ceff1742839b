package steersweep.result;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
 * How fast a model of some sizes was on this machine, kept from sweep to sweep: seconds for a token
 * of {@link Effort}, for each stage, the latest last.
 *
 * @param file where they are kept
 */
public record Rates(Path file) {
  private static final int KEPT = 5;

  /** What a stage took may be off by this factor, by how often it was measured before. */
  private static final double ONCE = 1.5;

  private static final double OFTEN = 1.3;

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
    Map<String, List<Double>> known = all().getOrDefault(key, Map.of());
    Map<Stage, Estimate> estimates = new EnumMap<>(Stage.class);
    for (Map.Entry<Stage, Double> stage : effort.tokens().entrySet()) {
      List<Double> measured = known.get(stage.getKey().word());
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

  private static Estimate estimate(List<Double> measured, double tokens) {
    double latest = measured.get(measured.size() - 1) * tokens;
    double least = measured.stream().mapToDouble(rate -> rate).min().orElseThrow() * tokens;
    double most = measured.stream().mapToDouble(rate -> rate).max().orElseThrow() * tokens;
    double around = measured.size() == 1 ? ONCE : OFTEN;
    return new Estimate(least / around, latest, most * around);
  }

  /** Keeps what stages took. */
  public void keep(String key, Map<Stage, Double> secondsForToken) {
    Map<String, Map<String, List<Double>>> all = all();
    Map<String, List<Double>> ofKey = all.computeIfAbsent(key, of -> new LinkedHashMap<>());
    new TreeMap<>(secondsForToken)
        .forEach(
            (stage, rate) -> {
              List<Double> rates = ofKey.computeIfAbsent(stage.word(), of -> new ArrayList<>());
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
  private Map<String, Map<String, List<Double>>> all() {
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
  private static final class Kept extends TreeMap<String, Map<String, List<Double>>> {
    private static final long serialVersionUID = 1L;
  }
}
