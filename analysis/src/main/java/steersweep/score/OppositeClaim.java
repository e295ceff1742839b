package steersweep.score;

import static steersweep.score.Claim.Judgement.NOT_SUPPORTED;
import static steersweep.score.Claim.Judgement.SUPPORTED;
import static steersweep.score.Claim.Judgement.UNCLEAR;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import steersweep.measure.Measure;
import steersweep.plan.Choice.Why;
import steersweep.score.Claim.Evidence;
import steersweep.score.Claim.Judgement;

/** A negative setting moves the text to the opposite: by pull, and by the evidence of texts. */
record OppositeClaim() implements ClaimRule {
  private static final String RULE =
      "Pull, and evidence of the texts, at the negative settings that were chosen for the opposite"
          + " on one half of the base prompts (each concept's own), on the other half. Supported if"
          + " both lie below 0; not supported if one lies above 0 or the pull is negligible. The"
          + " opposite is what the contrast prompts say; without them it is the other concepts.";

  @Override
  public Claim judge(Data data) {
    String statement = "A negative setting moves the text to the opposite.";
    Clusters clusters = data.heldOut().clusters();
    Interval pull = clusters.interval(mean(data, Measure.PULL));
    Interval texts = clusters.interval(mean(data, Measure.EVIDENCE));
    if (pull.n() == 0) {
      return new Claim(
          statement, UNCLEAR, RULE, "No negative setting was chosen for the opposite.", List.of());
    }
    List<Evidence> evidence = new ArrayList<>();
    evidence.add(new Evidence("pull" + UNIT, pull));
    evidence.add(new Evidence("evidence of the texts, nats", texts));
    long tested = data.tests().stream().filter(test -> test.why() == Why.OPPOSITE).count();
    long confirmed =
        data.tests().stream()
            .filter(test -> test.why() == Why.OPPOSITE && test.confirmed())
            .count();
    if (tested > 0) {
      evidence.add(
          new Evidence(
              "share of these sites that texts confirm",
              Interval.number((double) confirmed / tested, (int) tested)));
    }
    boolean no = pull.above0() || pull.within(data.negligible()) || texts.above0();
    Judgement judgement =
        no ? NOT_SUPPORTED : pull.below0() && texts.below0() ? SUPPORTED : UNCLEAR;
    String reason =
        switch (judgement) {
          case SUPPORTED -> "The model is pulled the other way, and its texts move there.";
          case NOT_SUPPORTED ->
              texts.above0()
                  ? "The texts move towards the concept."
                  : "The model is not pulled the other way, or hardly.";
          case UNCLEAR ->
              pull.below0()
                  ? "The model is pulled the other way; its texts do not clearly move there."
                  : "The interval of the pull reaches 0.";
        };
    return new Claim(statement, judgement, RULE, reason, evidence);
  }

  /** Of each held-out pair the mean at its concept's points; NaN where it has none. */
  private static double[] mean(Data data, Measure measure) {
    Grid grid = data.heldOut();
    double[][] net = grid.net(measure);
    double[] means = new double[grid.pairs().size()];
    Arrays.setAll(
        means,
        p ->
            data.opposites().getOrDefault(grid.pairs().get(p).concept(), List.of()).stream()
                .mapToInt(grid::indexOf)
                .filter(k -> k >= 0)
                .mapToDouble(k -> net[k][p])
                .filter(value -> !Double.isNaN(value))
                .average()
                .orElse(Double.NaN));
    return means;
  }
}
