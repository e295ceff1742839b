package steersweep.score;

import static steersweep.score.Claim.Judgement.NOT_SUPPORTED;
import static steersweep.score.Claim.Judgement.SUPPORTED;
import static steersweep.score.Claim.Judgement.UNCLEAR;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import steersweep.score.Claim.Evidence;
import steersweep.score.Claim.Judgement;

/** Later layers with a high setting work best: thirds of the depth at equal, large damage. */
record LateLayersClaim() implements ClaimRule {
  private static final List<String> THIRDS = List.of("early", "middle", "late");
  private static final String RULE =
      "Values, mean pull of the early, middle and late third of the layers at equal damage, the"
          + " largest that each third was run at. Supported if late minus the better of the others lies"
          + " above 0; not supported if it lies below 0, or the late third's pull is negligible.";

  @Override
  public Claim judge(Data data) {
    String statement = "Later layers with a high setting work best.";
    Double damage = damage(data);
    if (damage == null) {
      return new Claim(
          statement,
          UNCLEAR,
          RULE,
          "Values of early, middle and late layers do not reach one damage.",
          List.of());
    }
    Clusters clusters = data.equal().clusters();
    List<double[]> pulls =
        IntStream.range(0, 3).mapToObj(t -> data.equal().mean(data.third(t), damage)).toList();
    List<Evidence> evidence = new ArrayList<>();
    for (int t = 2; t >= 0; t--) {
      evidence.add(
          new Evidence(
              THIRDS.get(t) + ": pull at damage " + damage + UNIT,
              clusters.interval(pulls.get(t))));
    }
    double early = clusters.interval(pulls.get(0)).mean();
    double middle = clusters.interval(pulls.get(1)).mean();
    double[] other = pulls.get(early > middle ? 0 : 1);
    Interval late = clusters.interval(pulls.get(2));
    Interval difference = clusters.interval(ClaimRule.minus(pulls.get(2), other));
    evidence.add(new Evidence("late minus the better of the others" + UNIT, difference));
    boolean no = difference.below0() || late.within(data.negligible());
    Judgement judgement =
        no ? NOT_SUPPORTED : difference.above0() && late.above0() ? SUPPORTED : UNCLEAR;
    String reason =
        switch (judgement) {
          case SUPPORTED -> "At equal damage late layers pull clearly furthest.";
          case NOT_SUPPORTED ->
              difference.below0()
                  ? "At equal damage another third pulls clearly further."
                  : "Late layers pull negligibly.";
          case UNCLEAR -> "No third is clearly better.";
        };
    return new Claim(statement, judgement, RULE, reason, evidence);
  }

  /** The largest damage that every third was run at; null if there is none. */
  private static @Nullable Double damage(Data data) {
    return EqualDamage.DAMAGES.stream()
        .filter(
            damage ->
                IntStream.range(0, 3).allMatch(t -> data.equal().reached(data.third(t), damage)))
        .max(Double::compare)
        .orElse(null);
  }
}
