package steersweep.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import steersweep.SyntheticRun;
import steersweep.model.HookPoint;

class VerdictsTest {
  private static final Interval CLEAR = new Interval(24, 12, 0.4, 0.05, 0.29, 0.51);
  private static final Interval CLEARLY_BELOW = new Interval(24, 12, -0.4, 0.05, -0.51, -0.29);
  private static final Interval REACHES_0 = new Interval(24, 12, 0.4, 0.3, -0.26, 1.06);

  @Test
  void aClearEffectInFluentTextsWorks() {
    assertThat(Verdicts.judge(2, CLEAR, 0.9, -0.4, 0)).isEqualTo(SiteVerdict.WORKS);
  }

  @Test
  void aNegativeScaleWorksWhenTheEffectIsClearlyBelow0() {
    assertThat(Verdicts.judge(-2, CLEARLY_BELOW, 0.9, -0.4, 0)).isEqualTo(SiteVerdict.WORKS);
  }

  @Test
  void aClearEffectAgainstTheSignOfTheScaleIsTheWrongWay() {
    assertThat(Verdicts.judge(2, CLEARLY_BELOW, 0.9, -0.4, 0)).isEqualTo(SiteVerdict.WRONG_WAY);
    assertThat(Verdicts.judge(-2, CLEAR, 0.9, -0.4, 0)).isEqualTo(SiteVerdict.WRONG_WAY);
  }

  @Test
  void anIntervalThatReaches0IsUnclear() {
    assertThat(Verdicts.judge(2, REACHES_0, 0.9, -0.4, 0)).isEqualTo(SiteVerdict.NOT_CLEAR);
  }

  @Test
  void oneBasePromptIsNeverEnough() {
    Interval alone = Interval.of(new double[] {3, 3.1}, List.of("a", "a"));

    assertThat(Verdicts.judge(2, alone, 1, 0, 0)).isEqualTo(SiteVerdict.ONE_BASE_PROMPT);
  }

  @Test
  void textsThatHardlyChangeAreNegligibleWhateverTheirEffect() {
    assertThat(Verdicts.judge(2, CLEAR, 0.09, -0.4, 0)).isEqualTo(SiteVerdict.HARDLY_CHANGES);
    assertThat(Verdicts.judge(2, CLEAR, 0.10, -0.4, 0)).isEqualTo(SiteVerdict.WORKS);
  }

  @Test
  void aSmallEffectIsNegligibleEvenWhenItIsCertain() {
    Interval small = new Interval(24, 12, 0.04, 0.001, 0.038, 0.042);

    assertThat(Verdicts.judge(2, small, 0.9, -0.4, 0)).isEqualTo(SiteVerdict.SMALL_EFFECT);
  }

  @Test
  void textsFarLessFluentThanTheBaselineAreIncoherentWhateverTheirEffect() {
    assertThat(Verdicts.judge(2, CLEAR, 0.9, -1.01, 0)).isEqualTo(SiteVerdict.NOT_FLUENT);
    assertThat(Verdicts.judge(2, CLEAR, 0.9, -1.0, 0)).isEqualTo(SiteVerdict.WORKS);
    assertThat(Verdicts.judge(2, CLEAR, 0.9, Double.NaN, 0)).isEqualTo(SiteVerdict.NOT_FLUENT);
  }

  @Test
  void loopsAreIncoherentHoweverFluent() {
    assertThat(Verdicts.judge(2, CLEAR, 0.9, 0.3, 0.21)).isEqualTo(SiteVerdict.REPETITIVE);
    assertThat(Verdicts.judge(2, CLEAR, 0.9, 0.3, 0.20)).isEqualTo(SiteVerdict.WORKS);
  }

  @Test
  void oneLuckyIntervalAmongManyThatReach0DoesNotWork() {
    List<SiteScore> scores = new ArrayList<>();
    scores.add(score(2.6));
    for (int i = 0; i < 99; i++) {
      scores.add(score(i % 3 - 1));
    }

    assertThat(Verdicts.corrected(List.of(scores.get(0))).get(0).works()).isTrue();
    assertThat(Verdicts.corrected(scores).get(0).verdict()).isEqualTo(SiteVerdict.LIKELY_CHANCE);
  }

  @Test
  void aFarEffectAmongManyThatReach0StillWorks() {
    List<SiteScore> scores = new ArrayList<>();
    scores.add(score(8));
    for (int i = 0; i < 99; i++) {
      scores.add(score(i % 3 - 1));
    }

    assertThat(Verdicts.corrected(scores)).filteredOn(SiteScore::works).hasSize(1);
  }

  @Test
  void cellsThatDoNotChangeDoNotMakeTheOthersLookLikeLuck() {
    List<SiteScore> scores = new ArrayList<>();
    scores.add(score(2.6));
    for (int i = 0; i < 99; i++) {
      scores.add(score(0).withVerdict(SiteVerdict.HARDLY_CHANGES));
    }

    assertThat(Verdicts.corrected(scores).get(0).works()).isTrue();
  }

  /** A changed, coherent score whose mean is so many standard errors above 0. */
  private static SiteScore score(double errors) {
    double error = 0.1;
    double half = 2.201 * error;
    double mean = errors * error;
    Interval effect = new Interval(24, 12, mean, error, mean - half, mean + half);
    return new SiteScore(
        SyntheticRun.whole(HookPoint.VALUE, 0),
        2,
        effect,
        0,
        0,
        1,
        0,
        1,
        1,
        Double.NaN,
        1,
        Verdicts.judge(2, effect, 1, 0, 0));
  }
}
