package steersweep.plan;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import steersweep.measure.Measure;

class GuardTest {
  private static final Guard DAMAGE = new Guard(Measure.DAMAGE, 0.5, 2.0);
  private static final Guard PULL = new Guard(Measure.PULL, 0.25, null);

  @Test
  void boundsAreInclusive() {
    assertThat(DAMAGE.broken(0.5, 1)).isEmpty();
    assertThat(DAMAGE.broken(2, 1)).isEmpty();
    assertThat(DAMAGE.broken(0.25, 1)).hasValue("damage 0.2500 is below 0.5");
    assertThat(DAMAGE.broken(2.125, -1)).hasValue("damage 2.125 is above 2.0");
  }

  @Test
  void scoresWithADirectionAreCountedInThatOfTheScale() {
    assertThat(PULL.broken(0.5, 3)).isEmpty();
    assertThat(PULL.broken(-0.5, -3)).isEmpty();
    assertThat(PULL.broken(-0.5, 3)).hasValue("pull -0.5000 is below 0.25");
    assertThat(PULL.broken(0.5, -3))
        .hasValue("pull 0.5000, sign turned for the negative setting, is below 0.25");
  }
}
