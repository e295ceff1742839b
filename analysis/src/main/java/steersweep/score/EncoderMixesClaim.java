package steersweep.score;

import static steersweep.score.Claim.Judgement.NOT_SUPPORTED;
import static steersweep.score.Claim.Judgement.SUPPORTED;
import static steersweep.score.Claim.Judgement.UNCLEAR;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import steersweep.model.HookPoint;
import steersweep.plan.Site;
import steersweep.score.Claim.Evidence;
import steersweep.score.Claim.Judgement;

/** The texts of two inputs mix at a wide range of the encoder's blocks. */
record EncoderMixesClaim() implements ClaimRule {
  private static final String RULE =
      "Block outputs of the encoder, layer by layer, each at the damage where its pull is clearest."
          + " Supported if at least half of the layers pull above the negligible range and texts"
          + " confirm an encoder site; not supported if less than half of them reach above it even"
          + " with the upper ends of their intervals.";

  @Override
  public Claim judge(Data data) {
    String statement = "Mixing works across much of the encoder.";
    List<EqualDamage.AtDamage> layers =
        data.equal().sites().stream()
            .filter(ClaimRule.whole(HookPoint.ENCODER_RESIDUAL_POST))
            .sorted(Comparator.comparing(Site::layer))
            .map(site -> clearest(data.equal(), site))
            .filter(at -> at.pull().known())
            .toList();
    if (layers.isEmpty()) {
      return new Claim(
          statement, UNCLEAR, RULE, "No block of the encoder reaches a damage.", List.of());
    }
    List<Evidence> evidence = new ArrayList<>();
    for (EqualDamage.AtDamage at : layers) {
      evidence.add(
          new Evidence(
              "encoder block " + at.site().layer() + ": pull at damage " + at.damage() + UNIT,
              at.pull()));
    }
    evidence.add(new Evidence("negligible up to" + UNIT, Interval.number(data.negligible(), 0)));
    long clear = layers.stream().filter(at -> at.pull().low() > data.negligible()).count();
    long possible = layers.stream().filter(at -> at.pull().high() > data.negligible()).count();
    long confirmed =
        data.scores().stream()
            .filter(score -> score.works() && score.setting() > 0)
            .filter(score -> score.site().hookPoint().inEncoder())
            .count();
    evidence.add(
        new Evidence(
            "encoder sites and settings that texts confirm", Interval.number(confirmed, 0)));
    Judgement judgement =
        2 * possible < layers.size()
            ? NOT_SUPPORTED
            : 2 * clear >= layers.size() && confirmed > 0 ? SUPPORTED : UNCLEAR;
    String of = clear + " of " + layers.size() + " blocks pull clearly";
    String reason =
        switch (judgement) {
          case SUPPORTED -> of + ", and texts confirm it.";
          case NOT_SUPPORTED -> of + ".";
          case UNCLEAR ->
              confirmed == 0 ? of + "; texts confirm no site of the encoder." : of + ".";
        };
    return new Claim(statement, judgement, RULE, reason, evidence);
  }

  private static EqualDamage.AtDamage clearest(EqualDamage equal, Site site) {
    return EqualDamage.DAMAGES.stream()
        .map(damage -> equal.at(site, damage))
        .max(Comparator.comparing(at -> at.pull().known() ? at.pull().low() : -Double.MAX_VALUE))
        .orElseThrow();
  }
}
