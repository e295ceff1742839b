package steersweep.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import steersweep.SimulatedRun;
import steersweep.measure.Measure;
import steersweep.model.HookPoint;
import steersweep.plan.Choice.Why;
import steersweep.plan.ChoiceRule;
import steersweep.plan.Site;
import steersweep.score.Claim.Judgement;

/** The whole way from files to findings, on runs whose truth is known. */
class AnalysisTest {
  private static final SimulatedRun STEERS = SimulatedRun.small(0.6, 5);
  private static final SimulatedRun NOTHING = SimulatedRun.small(0, 9);

  @TempDir static Path folder;
  private static Analysis steers;
  private static Analysis nothing;

  @BeforeAll
  static void analyse() {
    steers = analyse(STEERS, "steers");
    nothing = analyse(NOTHING, "nothing");
  }

  private static Analysis analyse(SimulatedRun run, String name) {
    return Analysis.of(ResultTables.load(run.write(folder.resolve(name))), run.layers());
  }

  @Test
  void eachConceptHasASiteOfItsOwnThatTextsConfirm() {
    assertThat(steers.confirmed()).hasSize(2);
    for (int c = 0; c < 2; c++) {
      ConceptFindings of = steers.concepts().get(c);
      Recommendation found = of.recommendation();
      assertThat(found.status()).isEqualTo(Recommendation.Status.CONFIRMED);
      Point point = found.score().point();
      double truth = STEERS.truth(c, point.site(), point.setting());
      assertThat(truth).isGreaterThan(0.2);
      assertThat(STEERS.truth(1 - c, point.site(), point.setting())).isLessThan(0.1);
      assertThat(found.test().evidence().contains(SimulatedRun.EVIDENCE_OF_PULL * truth)).isTrue();
      assertThat(found.test().evidence().clusters()).isEqualTo(6);
      assertThat(found.test().coherent().mean()).isEqualTo(1);
    }
  }

  @Test
  void pullIsThatOfTheTruthAndTheDriftOfRandomDirectionsIsTakenOff() {
    for (int c = 0; c < 2; c++) {
      int concept = c;
      List<SiteScore> scores = steers.concepts().get(c).scores();
      double bias =
          scores.stream()
              .mapToDouble(s -> s.pull().mean() - STEERS.truth(concept, s.site(), s.setting()))
              .average()
              .orElseThrow();
      double raw =
          scores.stream()
              .mapToDouble(
                  s ->
                      s.of(Measure.PULL).steered().mean()
                          - STEERS.truth(concept, s.site(), s.setting()))
              .average()
              .orElseThrow();
      assertThat(bias).isCloseTo(0, within(0.02));
      assertThat(raw - bias).isBetween(0.02, 0.06);
    }
  }

  @Test
  void whereNothingWorksNothingIsConfirmed() {
    assertThat(nothing.confirmed()).isEmpty();
    assertThat(nothing.concepts())
        .allMatch(of -> of.counts().getOrDefault(Outcome.WORKS, 0L) == 0)
        .allMatch(of -> of.recommendation().status() == Recommendation.Status.NOT_CONFIRMED);
    assertThat(nothing.all().claims())
        .filteredOn(claim -> claim.judgement() == Judgement.SUPPORTED)
        .extracting(Claim::statement)
        .allMatch(statement -> statement.startsWith("Early layers"));
  }

  @Test
  void confirmedAndLargestPullNeverContradictEachOther() {
    for (Analysis analysis : List.of(steers, nothing)) {
      for (ConceptFindings of : analysis.each()) {
        SiteScore score = of.recommendation().score();
        assertThat(of.recommendation().confirmed()).isEqualTo(score.works());
        boolean any = of.scores().stream().anyMatch(s -> s.works() && s.setting() > 0);
        assertThat(any).isEqualTo(of.recommendation().confirmed());
      }
    }
  }

  @Test
  void steeringIsSpecific() {
    assertThat(steers.specificity().rows()).hasSize(2);
    for (int c = 0; c < 2; c++) {
      List<Interval> pulls = steers.specificity().rows().get(c).pulls();
      assertThat(pulls.get(c).above0()).isTrue();
      assertThat(pulls.get(1 - c).within(0.15)).isTrue();
      SiteScore score = steers.concepts().get(c).recommendation().score();
      assertThat(score.specificity().mean())
          .isCloseTo(pulls.get(c).mean() - pulls.get(1 - c).mean(), within(1e-9));
    }
  }

  @Test
  void screenAndTextsAgreeWhereSomethingWorks() {
    assertThat(steers.agreement().n()).isEqualTo(12);
    assertThat(steers.agreement().correlation()).isGreaterThan(steers.agreement().low());
    // Of the sample alone: six sites of each concept drawn by chance.
    assertThat(
            Agreement.of(
                    IntStream.range(0, 20).mapToObj(i -> new Agreement.Seen(i, i * i)).toList())
                .correlation())
        .isCloseTo(1, within(1e-9));
    assertThat(Agreement.of(List.of(new Agreement.Seen(1, 1))).known()).isFalse();
  }

  @Test
  void theClaimsAreJudgedAsTheTruthIs() {
    // Concept 0 lives in early layers, concept 1 in late ones; block outputs and values alike at
    // equal damage; negative settings pull the other way.
    List<Claim> first = steers.concepts().get(0).claims();
    List<Claim> second = steers.concepts().get(1).claims();
    assertThat(first.get(0).judgement()).isEqualTo(Judgement.SUPPORTED);
    assertThat(first.get(1).judgement()).isEqualTo(Judgement.SUPPORTED);
    assertThat(second.get(1).judgement()).isEqualTo(Judgement.SUPPORTED);
    assertThat(first.get(2).judgement()).isEqualTo(Judgement.NOT_SUPPORTED);
    assertThat(second.get(2).judgement()).isEqualTo(Judgement.SUPPORTED);
    assertThat(first.get(3).judgement()).isEqualTo(Judgement.NOT_SUPPORTED);
    assertThat(second.get(3).judgement()).isEqualTo(Judgement.SUPPORTED);
    assertThat(steers.all().claims()).hasSize(5).allMatch(claim -> !claim.evidence().isEmpty());
    assertThat(first.get(4).judgement()).isNotEqualTo(Judgement.SUPPORTED);
  }

  @Test
  void sitesAreComparedAtEqualDamage() {
    EqualDamage equal = steers.concepts().get(0).equalDamage();
    int reached = 0;
    for (Site site : equal.sites()) {
      EqualDamage.AtDamage at = equal.at(site, 0.1);
      if (at.pull().n() > 0) {
        reached++;
        // Damage 0.1 is a dose of sqrt(0.2), whatever the site.
        double setting = Math.sqrt(0.2) / STEERS.dose(site, 1);
        assertThat(at.pull().mean()).isCloseTo(STEERS.truth(0, site, setting), within(0.06));
      }
    }
    assertThat(reached).isGreaterThanOrEqualTo(6);
    assertThat(equal.sites())
        .filteredOn(site -> site.hookPoint() == HookPoint.VALUE && !site.allHeads())
        .allMatch(site -> equal.at(site, 1.0).pull().n() == 0);
  }

  @Test
  void runsWithEveryTextAreJudgedTheSameWay() {
    Analysis all = analyse(STEERS.withTexts(ChoiceRule.ALL), "all");

    for (int c = 0; c < 2; c++) {
      assertThat(all.concepts().get(c).recommendation())
          .isEqualTo(steers.concepts().get(c).recommendation());
      assertThat(all.concepts().get(c).tests()).isEqualTo(steers.concepts().get(c).tests());
      assertThat(all.concepts().get(c).tests(Why.BEST)).hasSize(6);
    }
  }

  @Test
  void theSameRunGivesTheSameAnalysis() {
    assertThat(analyse(STEERS, "again").all().scores()).isEqualTo(steers.all().scores());
  }
}
