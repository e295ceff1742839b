package steersweep.score;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import steersweep.model.HookPoint;
import steersweep.plan.Site;

/** How one claim of the 2023 work is judged. */
sealed interface ClaimRule
    permits ConceptsCombine,
        OppositeClaim,
        LateLayersClaim,
        EarlyLayersClaim,
        ValuesClaim,
        EncoderMixesClaim,
        DecoderWorseClaim,
        EncoderSaturatesClaim {
  String UNIT = ", nats per token";

  Claim judge(Data data);

  /**
   * The five of the work on llama-7b, in its order; where an encoder was steered, then those of the
   * one on FLAN-T5 before it.
   */
  static List<Claim> judgeAll(Data data) {
    List<ClaimRule> rules =
        new ArrayList<>(
            List.of(
                new ConceptsCombine(),
                new OppositeClaim(),
                new LateLayersClaim(),
                new EarlyLayersClaim(),
                new ValuesClaim()));
    if (data.grid().points().stream().anyMatch(point -> point.site().hookPoint().inEncoder())) {
      rules.addAll(
          List.of(new EncoderMixesClaim(), new DecoderWorseClaim(), new EncoderSaturatesClaim()));
    }
    return data.scores().isEmpty()
        ? List.of()
        : rules.stream().map(rule -> rule.judge(data)).toList();
  }

  /**
   * What the claims are judged by, of one concept or of all.
   *
   * @param heldOut the pairs that had no say in the choice of sites
   * @param recommended site of each concept that has one
   * @param opposites negative points of each concept that were chosen for the opposite
   * @param negligible pulls up to here are negligible, nats per token
   * @param budget most mean damage, nats per token
   * @param layers of the model
   * @param chance of being recognised by chance
   */
  record Data(
      Grid grid,
      Grid heldOut,
      List<SiteScore> scores,
      List<TextTest> tests,
      Map<String, Recommendation> recommended,
      Map<String, List<Point>> opposites,
      EqualDamage equal,
      double negligible,
      double budget,
      int layers,
      double chance) {
    /** Attention values: whole layers, or single heads where there are only those. */
    Predicate<Site> values() {
      boolean whole =
          equal.sites().stream()
              .anyMatch(site -> site.hookPoint() == HookPoint.VALUE && site.allHeads());
      return site -> site.hookPoint() == HookPoint.VALUE && site.allHeads() == whole;
    }

    /** Values of a third of the model's depth: 0 early, 1 middle, 2 late. */
    Predicate<Site> third(int third) {
      return values().and(site -> Math.min(2, 3 * site.layer() / layers) == third);
    }
  }

  /** Whole layers of a hook point. */
  static Predicate<Site> whole(HookPoint hookPoint) {
    return site -> site.hookPoint() == hookPoint && site.allHeads();
  }

  /** The mean of each pair over some sites; NaN where it has none. */
  static double[] mean(List<double[]> of) {
    int pairs = of.isEmpty() ? 0 : of.get(0).length;
    return IntStream.range(0, pairs)
        .mapToDouble(
            p ->
                of.stream()
                    .mapToDouble(values -> values[p])
                    .filter(value -> !Double.isNaN(value))
                    .average()
                    .orElse(Double.NaN))
        .toArray();
  }

  /** The difference of two sets of values, pair by pair. */
  static double[] minus(double[] a, double[] b) {
    double[] difference = new double[a.length];
    for (int p = 0; p < a.length; p++) {
      difference[p] = a[p] - b[p];
    }
    return difference;
  }
}
