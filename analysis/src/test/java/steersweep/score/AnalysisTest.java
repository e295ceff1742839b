package steersweep.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.SimulatedRun;
import steersweep.model.HookPoint;
import steersweep.plan.Site;

/** The whole way from files to findings, on runs of the demo's size whose truth is known. */
class AnalysisTest {
  private static final SimulatedRun STEERS = SimulatedRun.ofDemoSize(1.2, 5);
  private static final SimulatedRun NOTHING = SimulatedRun.ofDemoSize(0, 6);

  @TempDir Path folder;

  @Test
  void aSweepThatSteersHasARecommendationThatHolds() {
    Analysis analysis = analyse(STEERS);

    Recommendation found = analysis.findings().recommendation();
    assertThat(found.status()).isEqualTo(Recommendation.Status.CONFIRMED);
    assertThat(found.choosingPrompts())
        .hasSize(6)
        .doesNotContainAnyElementsOf(found.heldOutPrompts());
    assertThat(found.heldOutPrompts()).hasSize(6);
    SiteScore best = Objects.requireNonNull(found.score());
    double truth = STEERS.truth(best.site(), best.scale());
    assertThat(truth).isGreaterThan(0.5);
    Interval heldOut = Objects.requireNonNull(found.heldOut());
    assertThat(heldOut.contains(truth)).isTrue();
    assertThat(found.chance()).isLessThan(0.05);
    assertThat(found.ties())
        .allMatch(tie -> tie.scale() > 0)
        .noneMatch(tie -> tie.point().equals(best.point()));
    assertThat(analysis.findings().best()).contains(best);
    assertThat(analysis.findings().controlled()).isTrue();
    assertThat(analysis.findings().prompted().mean()).isBetween(0.6, 0.85);
  }

  @Test
  void theControlTakesOffWhatRandomDirectionsDo() {
    List<SiteScore> scores = analyse(STEERS).scores();

    double bias = 0;
    double raw = 0;
    List<SiteScore> strong =
        scores.stream()
            .filter(s -> s.site().hookPoint() == HookPoint.RESIDUAL_POST && s.scale() == 5)
            .toList();
    for (SiteScore score : strong) {
      bias += (score.meanEffect() - STEERS.truth(score.site(), 5)) / strong.size();
      raw += (score.againstBaseline().mean() - STEERS.truth(score.site(), 5)) / strong.size();
    }

    // The drift is 0.3 x a dose of 0.5.
    assertThat(bias).isBetween(-0.1, 0.1);
    assertThat(raw - bias).isBetween(0.1, 0.2);
    assertThat(strong).allMatch(score -> score.control().known() && score.control().spread() > 0);
  }

  @Test
  void aRandomControlAtAScaleIsThatOfItsNegativeToo() {
    List<SiteScore> scores = analyse(STEERS).scores();

    Site site = scores.get(0).site();
    assertThat(at(scores, site, -5).control().mean())
        .isEqualTo(at(scores, site, 5).control().mean());
    assertThat(at(scores, site, -5).control().mean())
        .isNotEqualTo(at(scores, site, 2).control().mean());
  }

  @Test
  void nothingWorksWhereNothingDoes() {
    Analysis analysis = analyse(NOTHING);

    assertThat(analysis.findings().best()).isEmpty();
    assertThat(analysis.findings().count(Outcome.WORKS)).isZero();
    assertThat(analysis.findings().claims())
        .extracting(Claim::judgement)
        .doesNotContain(Claim.Judgement.SUPPORTED);
  }

  @Test
  void theClaimsAreJudgedAsTheTruthIs() {
    List<Claim> claims = analyse(STEERS).findings().claims();

    // Early layers steer, at negative scales half as much; dose for dose both hook points alike.
    assertThat(claims.subList(0, 4))
        .extracting(Claim::judgement)
        .containsExactly(
            Claim.Judgement.SUPPORTED,
            Claim.Judgement.SUPPORTED,
            Claim.Judgement.NOT_SUPPORTED,
            Claim.Judgement.NOT_SUPPORTED);
    assertThat(claims.get(4).judgement()).isNotEqualTo(Claim.Judgement.SUPPORTED);
    assertThat(claims.get(4).evidence().get(0).value().contains(0)).isTrue();
    assertThat(claims).allMatch(claim -> !claim.evidence().isEmpty());
  }

  @Test
  void effectsAtEqualDoseAreThoseOfTheTruth() {
    EqualDose equalDose = analyse(STEERS).equalDose();

    assertThat(equalDose.residual()).isTrue();
    assertThat(equalDose.doses()).isSorted().allMatch(dose -> dose > 0);
    // Values reach 0.2 with all heads and 0.1 with one; block outputs begin at 0.1.
    List<EqualDose.AtDose> atDose = equalDose.at(0.15);
    for (EqualDose.AtDose at : atDose) {
      boolean reached = at.site().allHeads();
      assertThat(at.effect().n()).isEqualTo(reached ? STEERS.pairs() : 0);
      if (reached) {
        // 0.15 lies between scales; the truth is a function of the dose alone.
        double truth = truth(at.site(), 0.15);
        assertThat(at.effect().mean()).isBetween(truth - 0.3, truth + 0.3);
        assertThat(at.coherent()).isTrue();
      }
    }
    assertThat(equalDose.at(0.01)).allMatch(at -> at.effect().n() == 0 || !at.site().allHeads());
    assertThat(equalDose.at(-0.15)).anyMatch(at -> at.effect().below0());
  }

  private static double truth(Site site, double dose) {
    return STEERS.truth(site, dose / STEERS.doseResidual(site, 1));
  }

  @Test
  void theSameRunGivesTheSameAnalysis() {
    assertThat(analyse(STEERS).scores()).isEqualTo(analyse(STEERS).scores());
  }

  private Analysis analyse(SimulatedRun run) {
    return Analysis.of(ResultTables.load(run.write(folder)), run.layers());
  }

  private static SiteScore at(List<SiteScore> scores, Site site, double scale) {
    return scores.stream()
        .filter(score -> score.point().equals(new Point(site, scale)))
        .findFirst()
        .orElseThrow();
  }
}
