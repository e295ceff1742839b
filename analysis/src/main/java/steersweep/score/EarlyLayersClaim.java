package steersweep.score;

import static steersweep.score.Claim.Judgement.NOT_SUPPORTED;
import static steersweep.score.Claim.Judgement.SUPPORTED;
import static steersweep.score.Claim.Judgement.UNCLEAR;

import java.util.ArrayList;
import java.util.List;
import steersweep.score.Claim.Evidence;
import steersweep.score.Claim.Judgement;

/** Early layers have a negligible or nonsensical effect: damage without pull. */
record EarlyLayersClaim() implements ClaimRule {
  private static final String RULE =
      "Values, mean pull of the early third of the layers at every damage that they were run at."
          + " Supported if every interval lies within the negligible range; not supported if one lies"
          + " above it, or texts confirm an early site.";

  @Override
  public Claim judge(Data data) {
    String statement = "Early layers have a negligible or nonsensical effect.";
    List<Double> damages =
        EqualDamage.DAMAGES.stream()
            .filter(damage -> data.equal().reached(data.third(0), damage))
            .toList();
    if (damages.isEmpty()) {
      return new Claim(
          statement, UNCLEAR, RULE, "No values at early layers do any damage.", List.of());
    }
    List<Evidence> evidence = new ArrayList<>();
    List<Interval> pulls = new ArrayList<>();
    for (double damage : damages) {
      Interval pull = data.equal().clusters().interval(data.equal().mean(data.third(0), damage));
      pulls.add(pull);
      evidence.add(new Evidence("pull of early layers at damage " + damage + UNIT, pull));
    }
    evidence.add(new Evidence("negligible up to" + UNIT, Interval.number(data.negligible(), 0)));
    long confirmed =
        data.scores().stream()
            .filter(score -> score.works() && data.third(0).test(score.site()))
            .count();
    boolean no = confirmed > 0 || pulls.stream().anyMatch(pull -> pull.low() > data.negligible());
    boolean yes = pulls.stream().allMatch(pull -> pull.within(data.negligible()));
    Judgement judgement = no ? NOT_SUPPORTED : yes ? SUPPORTED : UNCLEAR;
    String reason =
        switch (judgement) {
          case SUPPORTED -> "Whatever damage they do, they pull negligibly.";
          case NOT_SUPPORTED ->
              confirmed > 0 ? "Texts confirm an early layer." : "Early layers pull clearly.";
          case UNCLEAR -> "The interval is too wide to say.";
        };
    return new Claim(statement, judgement, RULE, reason, evidence);
  }
}
