package steersweep.score;

import static steersweep.score.Claim.Judgement.NOT_SUPPORTED;
import static steersweep.score.Claim.Judgement.SUPPORTED;
import static steersweep.score.Claim.Judgement.UNCLEAR;

import java.util.ArrayList;
import java.util.List;
import steersweep.model.HookPoint;
import steersweep.plan.Site;
import steersweep.score.Claim.Evidence;
import steersweep.score.Claim.Judgement;

/** Adding attention values works better than adding whole block outputs, at equal damage. */
record ValuesClaim() implements ClaimRule {
  private static final String RULE =
      "Pull of value minus pull of residual_post at equal damage, whole layers, layer by layer, at"
          + " every damage that both were run at. Supported if the mean difference lies above 0; not"
          + " supported if it lies below the negligible range's upper end.";

  @Override
  public Claim judge(Data data) {
    String statement = "Adding attention values works better than adding whole block outputs.";
    Clusters clusters = data.equal().clusters();
    List<Evidence> evidence = new ArrayList<>();
    List<double[]> all = new ArrayList<>();
    for (double damage : EqualDamage.DAMAGES) {
      List<double[]> differences = differences(data, damage);
      if (!differences.isEmpty()) {
        all.addAll(differences);
        evidence.add(
            new Evidence(
                "value minus residual_post at damage "
                    + damage
                    + ", "
                    + differences.size()
                    + " layers"
                    + UNIT,
                clusters.interval(ClaimRule.mean(differences))));
      }
    }
    if (all.isEmpty()) {
      return new Claim(
          statement, UNCLEAR, RULE, "No layer was run with both at one damage.", List.of());
    }
    Interval mean = clusters.interval(ClaimRule.mean(all));
    evidence.add(0, new Evidence("mean difference" + UNIT, mean));
    Judgement judgement =
        mean.above0() ? SUPPORTED : mean.high() < data.negligible() ? NOT_SUPPORTED : UNCLEAR;
    String reason =
        switch (judgement) {
          case SUPPORTED -> "At equal damage values pull further.";
          case NOT_SUPPORTED -> "At equal damage values pull no further.";
          case UNCLEAR -> "The interval is too wide to say.";
        };
    return new Claim(statement, judgement, RULE, reason, evidence);
  }

  /** Of each layer that was run with both so strongly the difference of each pair. */
  private static List<double[]> differences(Data data, double damage) {
    List<double[]> differences = new ArrayList<>();
    for (int layer = 0; layer < data.layers(); layer++) {
      double[] value = data.equal().pulls(new Site(HookPoint.VALUE, layer, Site.ALL_HEADS), damage);
      double[] block =
          data.equal().pulls(new Site(HookPoint.RESIDUAL_POST, layer, Site.ALL_HEADS), damage);
      double[] difference = ClaimRule.minus(value, block);
      if (Estimate.there(difference).length > 0) {
        differences.add(difference);
      }
    }
    return differences;
  }
}
