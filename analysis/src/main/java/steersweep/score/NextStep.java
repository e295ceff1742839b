package steersweep.score;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.generic.GenericRecord;
import steersweep.model.HookPoint;
import steersweep.plan.CellKind;
import steersweep.plan.DoseUnit;
import steersweep.plan.SweepPlan;
import steersweep.result.CompletionRow;
import steersweep.result.FactorRow;
import steersweep.result.RunFolder;

/**
 * Which settings to try next, where those of a run tell nothing at a hook point: each does more
 * damage than a text survives, or none does any, or none reaches the damage that was asked for.
 */
public final class NextStep {
  /** Damages below this change hardly a text, nats per token. */
  private static final double LITTLE = 0.02;

  /** Damages to try. */
  private static final List<Double> WORTH_TRYING = List.of(0.1, 0.3, 1.0);

  private static final MathContext DIGITS = new MathContext(2);

  private NextStep() {}

  /** Mean damage of one site at one setting, over a concept's prompt pairs. */
  record Damage(HookPoint hookPoint, double setting, double damage) {}

  /** A sentence or two for each hook point that needs it; empty where settings were well chosen. */
  public static List<String> of(RunFolder run, SweepPlan plan) {
    List<Damage> damages = damages(run);
    List<String> steps = new ArrayList<>();
    for (HookPoint hookPoint : plan.hookPoints()) {
      List<Damage> here = damages.stream().filter(of -> of.hookPoint() == hookPoint).toList();
      if (plan.dose() != DoseUnit.KL) {
        steps.addAll(scaled(hookPoint, here, plan.texts().damage()));
      }
    }
    if (plan.dose() == DoseUnit.KL) {
      steps.addAll(outOfReach(run, plan));
    }
    return steps;
  }

  /** Where all settings are too large, or too small, what a square law makes of them. */
  static List<String> scaled(HookPoint hookPoint, List<Damage> damages, double most) {
    List<Damage> done = damages.stream().filter(of -> of.setting() > 0 && of.damage() > 0).toList();
    if (done.isEmpty()) {
      return List.of();
    }
    boolean tooMuch = done.stream().allMatch(of -> of.damage() > most);
    boolean nothing = done.stream().allMatch(of -> of.damage() < LITTLE);
    if (!tooMuch && !nothing) {
      return List.of();
    }
    double smallest = done.stream().mapToDouble(Damage::setting).min().orElseThrow();
    double largest = done.stream().mapToDouble(Damage::setting).max().orElseThrow();
    double from = tooMuch ? smallest : largest;
    double[] ofOne =
        done.stream()
            .filter(of -> of.setting() == from)
            .mapToDouble(of -> of.damage() / (from * from))
            .sorted()
            .toArray();
    double curvature = ofOne[ofOne.length / 2];
    List<String> tries =
        WORTH_TRYING.stream().map(target -> shown(Math.sqrt(target / curvature))).toList();
    String found =
        tooMuch
            ? "every setting does more damage than texts survive (at %s already %s nats per token)"
                .formatted(shown(smallest), shown(curvature * from * from))
            : "no setting does any damage to speak of (at %s no more than %s nats per token)"
                .formatted(shown(largest), shown(curvature * from * from));
    return List.of(
        "At %s %s. Settings of about %s would do about 0.1, 0.3 and 1; with dose: kl they are found"
            .concat(" for each site.")
            .formatted(hookPoint.word(), found, String.join(", ", tries)));
  }

  /** Settings that no site of a hook point reaches. */
  private static List<String> outOfReach(RunFolder run, SweepPlan plan) {
    Map<HookPoint, TreeMap<Double, Integer>> reached = new EnumMap<>(HookPoint.class);
    run.readFactors(
        record -> {
          FactorRow row = FactorRow.of(record);
          if (row.of().kind() == CellKind.STEERED && row.of().setting() > 0) {
            reached
                .computeIfAbsent(row.of().site().hookPoint(), of -> new TreeMap<>())
                .merge(row.of().setting(), row.ok() ? 1 : 0, Integer::sum);
          }
        });
    List<String> steps = new ArrayList<>();
    for (HookPoint hookPoint : plan.hookPoints()) {
      TreeMap<Double, Integer> settings = reached.getOrDefault(hookPoint, new TreeMap<>());
      List<String> never =
          settings.entrySet().stream()
              .filter(of -> of.getValue() == 0)
              .map(of -> shown(of.getKey()))
              .toList();
      if (!never.isEmpty()) {
        String ever =
            settings.entrySet().stream()
                .filter(of -> of.getValue() > 0)
                .map(of -> shown(of.getKey()))
                .reduce((one, other) -> other)
                .map(largest -> "settings up to " + largest)
                .orElse("settings below " + shown(settings.firstKey()));
        steps.add(
            "At %s no site does a damage of %s, however large the factor. Try %s, or all heads of a"
                .concat(" layer together.")
                .formatted(hookPoint.word(), String.join(" or ", never), ever));
      }
    }
    return steps;
  }

  private static List<Damage> damages(RunFolder run) {
    Map<List<Object>, double[]> sums =
        new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
    run.readReadings(
        row -> {
          if (String.valueOf(row.get("kind")).equals(CellKind.STEERED.word())
              && String.valueOf(row.get("status")).equals(CompletionRow.OK)
              && row.get("damage") instanceof Double damage) {
            double[] sum = sums.computeIfAbsent(point(row), of -> new double[2]);
            sum[0] += damage;
            sum[1]++;
          }
        });
    List<Damage> damages = new ArrayList<>();
    sums.forEach(
        (point, sum) ->
            damages.add(
                new Damage(
                    HookPoint.of(String.valueOf(point.get(0))).orElseThrow(),
                    (Double) point.get(1),
                    sum[0] / sum[1])));
    return damages;
  }

  private static List<Object> point(GenericRecord row) {
    return List.of(
        String.valueOf(row.get("hook_point")),
        row.get("setting"),
        row.get("layer"),
        String.valueOf(row.get("head")),
        String.valueOf(row.get("concept")));
  }

  private static String shown(double number) {
    double rounded = BigDecimal.valueOf(number).round(DIGITS).doubleValue();
    return rounded == Math.rint(rounded) && Math.abs(rounded) < 1e6
        ? String.format(Locale.ROOT, "%.0f", rounded)
        : BigDecimal.valueOf(rounded).stripTrailingZeros().toPlainString();
  }
}
