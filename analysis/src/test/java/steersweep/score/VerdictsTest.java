package steersweep.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

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
}
