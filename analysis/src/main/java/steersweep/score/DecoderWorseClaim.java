package steersweep.score;

import static steersweep.score.Claim.Judgement.NOT_SUPPORTED;
import static steersweep.score.Claim.Judgement.SUPPORTED;
import static steersweep.score.Claim.Judgement.UNCLEAR;

import java.util.ArrayList;
import java.util.List;
import steersweep.model.HookPoint;
import steersweep.score.Claim.Evidence;
import steersweep.score.Claim.Judgement;

/** Additions in the decoder work worse than those in the encoder, at equal damage. */
record DecoderWorseClaim() implements ClaimRule {
  private static final String RULE =
      "Pull of the encoder's block outputs minus pull of the decoder's, mean over layers, at every"
          + " damage that both were run at. Supported if the mean difference lies above 0; not"
          + " supported if it lies below the negligible range's upper end.";

  @Override
  public Claim judge(Data data) {
    String statement = "Additions in the decoder work worse than in the encoder.";
    EqualDamage equal = data.equal();
    List<Evidence> evidence = new ArrayList<>();
    List<double[]> differences = new ArrayList<>();
    for (double damage : EqualDamage.DAMAGES) {
      double[] encoder = equal.mean(ClaimRule.whole(HookPoint.ENCODER_RESIDUAL_POST), damage);
      double[] decoder = equal.mean(ClaimRule.whole(HookPoint.RESIDUAL_POST), damage);
      double[] difference = ClaimRule.minus(encoder, decoder);
      if (Estimate.there(difference).length > 0) {
        differences.add(difference);
        String at = " at damage " + damage + UNIT;
        evidence.add(new Evidence("encoder: pull" + at, equal.clusters().interval(encoder)));
        evidence.add(new Evidence("decoder: pull" + at, equal.clusters().interval(decoder)));
      }
    }
    if (differences.isEmpty()) {
      return new Claim(
          statement,
          UNCLEAR,
          RULE,
          "Block outputs of encoder and decoder were not run at one damage.",
          List.of());
    }
    Interval mean = equal.clusters().interval(ClaimRule.mean(differences));
    evidence.add(0, new Evidence("mean difference" + UNIT, mean));
    Judgement judgement =
        mean.above0() ? SUPPORTED : mean.high() < data.negligible() ? NOT_SUPPORTED : UNCLEAR;
    String reason =
        switch (judgement) {
          case SUPPORTED -> "At equal damage the encoder's blocks pull further.";
          case NOT_SUPPORTED -> "At equal damage the encoder's blocks pull no further.";
          case UNCLEAR -> "The interval is too wide to say.";
        };
    return new Claim(statement, judgement, RULE, reason, evidence);
  }
}
