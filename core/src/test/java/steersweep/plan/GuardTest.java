package steersweep.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GuardTest {
  private static final Guard KL = new Guard(Guard.Score.KL_CONTINUATION, 0.5, 2.0);
  private static final Guard UPTAKE = new Guard(Guard.Score.UPTAKE_REFERENCE, 0.25, null);

  @Test
  void boundsAreInclusive() {
    assertThat(KL.broken(0.5, 1)).isEmpty();
    assertThat(KL.broken(2, 1)).isEmpty();
    assertThat(KL.broken(0.25, 1)).hasValue("kl_continuation 0.2500 is below 0.5");
    assertThat(KL.broken(2.125, -1)).hasValue("kl_continuation 2.125 is above 2.0");
  }

  @Test
  void scoresWithADirectionAreCountedInThatOfTheScale() {
    assertThat(UPTAKE.broken(0.5, 3)).isEmpty();
    assertThat(UPTAKE.broken(-0.5, -3)).isEmpty();
    assertThat(UPTAKE.broken(-0.5, 3)).hasValue("uptake_reference -0.5000 is below 0.25");
    assertThat(UPTAKE.broken(0.5, -3))
        .hasValue("uptake_reference 0.5000, sign turned for the negative scale, is below 0.25");
  }
}
